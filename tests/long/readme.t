#!/bin/sh
# The examples of the README that need the real az.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/readme.t"
