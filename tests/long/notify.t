#!/bin/sh
# Also programs that hang, or are not there.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/notify.t"
