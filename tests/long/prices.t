#!/bin/sh
# Also a list of prices that does not end.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/prices.t"
