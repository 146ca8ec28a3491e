# shellcheck shell=sh
# Sourced by fuzz.t and tests/long/fuzz.t: the targets, and what they are given.
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

: "${builddir:=$(pwd)}"
TARGETS='messages client failure redact article'

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

# each_file COPIES: runs each target over its corpus, and so many changed copies of each file.
each_file() {
	for target in $TARGETS; do
		corpus "$target"
		ok "$target: the corpus, and $1 changed copies of each file" \
			timeout 600 "$builddir/tests/fuzz/$target" "$folder" "$1"
	done
}
