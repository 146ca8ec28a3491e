#!/bin/sh
# Nothing that others wrote can make its readers crash, hang or grow: the targets over
# their corpus and changed copies of it, and for a short time by libFuzzer, where
# clang has it.
#
#	FUZZ_COPIES	changed copies of each file (40)
#	FUZZ_SEED	of libFuzzer (1); 0: another one each time
#	FUZZ_SECONDS	of libFuzzer for each target (10; tests/torture/fuzz.t: 60); what it finds is kept in fuzz-found/
#	FUZZ_TARGETS	all of them
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

: "${builddir:=$(pwd)}"
copies=${FUZZ_COPIES:-40}
seconds=${FUZZ_SECONDS:-10}
seed=${FUZZ_SEED:-1}
targets=${FUZZ_TARGETS:-messages client failure redact article}

# lines TARGET FILE...: a corpus in which each line of the files is a file.
lines() {
	mkdir -p "$work/corpus/$1"
	folder=$work/corpus/$1
	shift
	cat "$@" | awk -v folder="$folder" '{ file = folder "/" NR; print > file; close(file) }'
}

# corpus TARGET: leaves in $folder where its corpus is.
corpus() {
	data=$srcdir/tests/data
	case $1 in
	failure) lines failure "$data/failures/cases.jsonl" "$data/failures/forms.jsonl" "$data/redact/secrets.txt" ;;
	redact) lines redact "$data/redact/secrets.txt" "$data/redact/harmless.txt" "$data/failures/cases.jsonl" ;;
	*) folder=$srcdir/tests/fuzz/corpus/$1 ;;
	esac
}

for target in $targets; do
	corpus "$target"
	ok "$target: the corpus, and $copies changed copies of each file" \
		timeout 600 "$builddir/tests/fuzz/$target" "$folder" "$copies"
done

flags="-g -O1 -w -fsanitize=address,undefined -fno-sanitize=vptr,function -I$builddir -I$srcdir/src -I$srcdir"
packages='libcjson libuv libcrypto'

# compile: what the targets need of the program, with libFuzzer's counters.
compile() {
	# Lists of words, split on purpose.
	# shellcheck disable=SC2046,SC2086
	for folder in src/base src/core src/driver strategies; do
		(
			mkdir -p "$work/objects/$folder" && cd "$work/objects/$folder" || exit 1
			printf '%s\n' "$srcdir/$folder"/*.c |
				xargs -P 2 -n 8 clang -c -std=gnu11 $flags -fsanitize=fuzzer-no-link $(pkg-config --cflags $packages)
		) || return 1
	done
	(
		cd "$work/objects" &&
			clang++ -c -std=gnu++17 $flags -fsanitize=fuzzer-no-link $(pkg-config --cflags $packages) "$srcdir/src/base/toml.cc"
	) && find "$work/objects" -name '*.o' -exec ar -qcs "$work/all.a" {} +
}
# link TARGET
link() {
	# shellcheck disable=SC2046,SC2086
	clang -std=gnu11 $flags -fsanitize=fuzzer $(pkg-config --cflags $packages) "$srcdir/tests/fuzz/$1.c" \
		"$work/all.a" $(pkg-config --libs $packages) -lstdc++ -lm -ldl -o "$work/$1"
}

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d == 0 && n; }' > "$work/try.c"
if ! clang -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" > "$work/try.log" 2>&1; then
	TESTS=$((TESTS + 1))
	echo "ok $TESTS - libFuzzer # SKIP there is no clang with libFuzzer"
	done_testing
fi
mkdir "$work/objects"
ok "the targets are built with libFuzzer" compile
for target in $targets; do
	corpus "$target"
	ok "$target is linked" link "$target"
	mkdir -p "$work/new/$target" "$builddir/fuzz-found"
	ok "$target: $seconds s of libFuzzer" timeout $((seconds + 240)) "$work/$target" "$work/new/$target" "$folder" \
		-seed="$seed" -max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2000 -verbosity=0 \
		-artifact_prefix="$builddir/fuzz-found/$target-"
done
done_testing
