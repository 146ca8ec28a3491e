#!/bin/sh
# Also a look that takes long.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/cli-run.t"
