#!/bin/sh
# A night of failures, with the real az.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/bad-night.t"
