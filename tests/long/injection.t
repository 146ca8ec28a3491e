#!/bin/sh
# Every capability, and values that terraform applies.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/injection.t"
