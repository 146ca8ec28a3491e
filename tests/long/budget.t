#!/bin/sh
# Every command, with every wrong budget.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/budget.t"
