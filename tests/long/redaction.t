#!/bin/sh
# All texts with secrets, and more kills.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/redaction.t"
