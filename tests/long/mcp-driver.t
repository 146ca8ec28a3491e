#!/bin/sh
# All misbehaviours of an MCP server, over each way.
if [ ! -x "${builddir:=$(pwd)}/tests/unit/driver/check_mcp" ]; then
	echo "1..0 # SKIP the unit tests are not built"
	exit 0
fi
TEST_LENGTH=long exec "$builddir/tests/unit/driver/check_mcp"
