#!/bin/sh
# Every call of the store fails once, in each way.
if [ ! -x "${builddir:=$(pwd)}/tests/unit/store/check_fault" ]; then
	echo "1..0 # SKIP the unit tests are not built"
	exit 0
fi
TEST_LENGTH=long exec "$builddir/tests/unit/store/check_fault"
