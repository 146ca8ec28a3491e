#!/bin/sh
# Stands for the unit tests where their library is missing.
echo "1..0 # SKIP unit tests: libcheck was not there when configure ran (package check)"
