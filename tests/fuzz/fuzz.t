#!/bin/sh
# No message of a server can make the client crash, hang or grow: the targets over
# their corpus and changed copies of it, and for a short time by libFuzzer, where
# clang has it.
#
#	FUZZ_COPIES	changed copies of each file (2000)
#	FUZZ_SECONDS	of libFuzzer for each target (10); what it finds is kept in fuzz-found/
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

: "${builddir:=$(pwd)}"
copies=${FUZZ_COPIES:-2000}
seconds=${FUZZ_SECONDS:-10}
corpus=$srcdir/tests/fuzz/corpus

for target in messages client; do
	ok "$target: the corpus, and $copies changed copies of each file" \
		timeout 300 "$builddir/tests/fuzz/$target" "$corpus/$target" "$copies"
done

# compile FLAG...: what the targets need of the program, with libFuzzer's counters.
compile() {
	# Lists of words, split on purpose.
	# shellcheck disable=SC2046
	(cd "$work/objects" && printf '%s\n' "$srcdir"/src/base/*.c "$srcdir"/src/core/*.c "$srcdir"/src/driver/*.c |
		xargs -P 2 -n 8 clang -c -g -O1 -std=gnu11 -w "$@" -fsanitize=fuzzer-no-link,address,undefined \
			-I"$builddir" -I"$srcdir/src" -I"$srcdir" $(pkg-config --cflags libcjson libuv libcrypto))
	ar -rcs "$work/all.a" "$work"/objects/*.o
}
# link TARGET
link() {
	# shellcheck disable=SC2046
	clang -g -O1 -std=gnu11 -w -fsanitize=fuzzer,address,undefined -I"$builddir" -I"$srcdir/src" -I"$srcdir" \
		$(pkg-config --cflags libcjson libuv) "$srcdir/tests/fuzz/$1.c" "$work/all.a" \
		$(pkg-config --libs libcjson libuv libcrypto) -lm -ldl -o "$work/$1"
}

echo 'int LLVMFuzzerTestOneInput(const char *d, long n); int LLVMFuzzerTestOneInput(const char *d, long n) { return d == 0 && n; }' > "$work/try.c"
if ! clang -fsanitize=fuzzer,address "$work/try.c" -o "$work/try" > "$work/try.log" 2>&1; then
	TESTS=$((TESTS + 1))
	echo "ok $TESTS - libFuzzer # SKIP there is no clang with libFuzzer"
	done_testing
fi
mkdir "$work/objects"
ok "the targets are built with libFuzzer" compile
for target in messages client; do
	ok "$target is linked" link "$target"
	mkdir -p "$work/new/$target" "$builddir/fuzz-found"
	ok "$target: $seconds s of libFuzzer" timeout 300 "$work/$target" "$work/new/$target" "$corpus/$target" \
		-max_total_time="$seconds" -max_len=8192 -timeout=20 -rss_limit_mb=2000 -verbosity=0 \
		-artifact_prefix="$builddir/fuzz-found/$target-"
done
done_testing
