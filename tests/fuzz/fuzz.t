#!/bin/sh
# Nothing that others wrote can make its readers crash, hang or grow: the targets over
# their corpus and changed copies of it. tests/long/fuzz.t goes on with libFuzzer.
#
#	FUZZ_COPIES	changed copies of each file (5; 40 in the long part)
# shellcheck source=tests/fuzz/corpus.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/fuzz/corpus.sh"

each_file "${FUZZ_COPIES:-5}"
done_testing
