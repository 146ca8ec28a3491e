#!/bin/sh
# Nothing that others wrote can make its readers crash, hang or grow: the targets over
# their corpus and changed copies of it. tests/long/fuzz.t goes on with libFuzzer.
#
#	FUZZ_COPIES	changed copies of each file (5; 40 in the long part)
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"
# shellcheck source=tests/fuzz/corpus.sh
. "$srcdir/tests/fuzz/corpus.sh"

: "${builddir:=$(pwd)}"
copies=${FUZZ_COPIES:-5}

for target in $TARGETS; do
	corpus "$target"
	ok "$target: the corpus, and $copies changed copies of each file" \
		timeout 600 "$builddir/tests/fuzz/$target" "$folder" "$copies"
done
done_testing
