# shellcheck shell=sh
# Sourced by fuzz.t and tests/long/fuzz.t, on top of tests/lib.sh.
# shellcheck disable=SC2034
TARGETS='messages client failure redact'

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
