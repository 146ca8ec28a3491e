#!/bin/sh
# Also money and runners that die.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/approval.t"
