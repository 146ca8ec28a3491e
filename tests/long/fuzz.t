#!/bin/sh
# More changed copies of the corpus than tests/fuzz/fuzz.t tries, and each target for a
# while by libFuzzer, where clang has it.
#
#	FUZZ_COPIES	changed copies of each file (40)
#	FUZZ_SEED	of libFuzzer (1); 0: another one each time
#	FUZZ_SECONDS	of libFuzzer for each target (60 for failure and redact, 10 for others); what it
#			finds is kept in fuzz-found/
# shellcheck source=tests/fuzz/corpus.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/fuzz/corpus.sh"

seed=${FUZZ_SEED:-1}

each_file "${FUZZ_COPIES:-40}"

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d == 0 && n; }' > "$work/try.c"
if ! clang -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" > "$work/try.log" 2>&1; then
	skip "libFuzzer" "there is no clang with libFuzzer"
	done_testing
fi
made=$builddir/fuzz
mkdir -p "$made" "$builddir/fuzz-found"
# Flags of the make that runs this test are not for this one.
ok "the targets are built with libFuzzer" env -u MAKEFLAGS -u MAKELEVEL \
	make -C "$made" -j 2 -f "$srcdir/tests/fuzz/libfuzzer.mk" srcdir="$srcdir" builddir="$builddir"
for target in $TARGETS; do
	case $target in
	failure | redact) seconds=${FUZZ_SECONDS:-60} ;;
	*) seconds=${FUZZ_SECONDS:-10} ;;
	esac
	corpus "$target"
	mkdir -p "$work/new/$target"
	ok "$target: $seconds s of libFuzzer" timeout $((seconds + 240)) "$made/$target" "$work/new/$target" "$folder" \
		-seed="$seed" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2000 -verbosity=0 \
		-artifact_prefix="$builddir/fuzz-found/$target-"
done
done_testing
