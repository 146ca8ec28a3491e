#!/bin/sh
# Also the real server over HTTP.
TEST_LENGTH=long exec sh "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/e2e/mcp-client.t"
