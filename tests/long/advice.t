#!/bin/sh
# Commands that are advised, and those of the table, before the parser of az.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/advice.t"
