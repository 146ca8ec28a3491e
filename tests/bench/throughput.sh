#!/bin/sh
# How many steps that do nothing get done in a second, beside other runners of
# jobs in the same call and with the same tool, in rounds one after the other; and
# what each objective costs of flushes, memory and processor. Prints a table; its
# exit status is 1 if a goal is missed.
#
#	make bench-throughput [ROUNDS=3] [OBJECTIVES=10000] [JOBS=1000]
#
# The others do their jobs twice at a time where they can, as there are two
# processors where the goals were set; none of them survives a power cut.
: "${srcdir:?}" "${BENCH:?the folder of the programs latency and stamp}"
# shellcheck source=tests/bench/common.sh
. "$srcdir/tests/bench/common.sh"
rounds=${ROUNDS:-3}
many=${OBJECTIVES:-10000}
jobs=${JOBS:-1000}
tool=/bin/true

now_ms() {
	date +%s%3N
}

# rate COUNT MS
rate() {
	awk -v n="$1" -v ms="$2" 'BEGIN { printf "%.0f\n", n * 1000 / ms }'
}

# timed NAME COUNT COMMAND...: adds a row to $work/NAME.rates.
timed() {
	name=$1
	count=$2
	shift 2
	began=$(now_ms)
	"$@" > "$work/$name.out" 2>&1 || {
		cat "$work/$name.out"
		exit 1
	}
	rate "$count" $(($(now_ms) - began)) >> "$work/$name.rates"
}

median() {
	sort -n "$work/$1.rates" | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

run_xargs() {
	seq "$jobs" | xargs -n 1 -P 2 "$tool"
}

run_make() {
	make -j2 -f "$work/Makefile" all
}

run_nq() {
	for _ in $(seq "$jobs"); do
		nq "$tool"
	done
	nq -w
}

run_tsp() {
	tsp -S 2
	for _ in $(seq "$jobs"); do
		tsp "$tool"
	done
	tsp -w
}

run_purser() {
	/usr/bin/python3 "$srcdir/tests/bench/measure.py" "$@" > "$work/measured"
}

one_round() {
	fresh purser
	began=$(now_ms)
	"$PURSER" submit --quiet --batch bench "$work/objectives.jsonl"
	submitted=$(now_ms)
	run_purser "$PURSER" run --quiet --jobs 8
	rate "$many" $(($(now_ms) - submitted)) >> "$work/run.rates"
	rate "$many" $(($(now_ms) - began)) >> "$work/purser.rates"
	cat "$work/measured" >> "$work/costs"

	timed xargs "$jobs" run_xargs
	timed make "$jobs" run_make
	if [ -n "$has_nq" ]; then
		NQDIR=$(new_folder nq)
		export NQDIR
		timed nq "$jobs" run_nq
	fi
	if [ -n "$has_tsp" ]; then
		TMPDIR=$(new_folder tsp)
		export TMPDIR TS_SOCKET="$TMPDIR/socket"
		timed tsp "$jobs" run_tsp
		tsp -K
		unset TMPDIR
	fi
}

# rates TITLE NAME COUNT
rates() {
	[ -s "$work/$2.rates" ] || {
		printf '%-36s not installed\n' "$1"
		return
	}
	printf '%-36s %8s %10s   ' "$1" "$3" "$(median "$2")"
	tr '\n' ' ' < "$work/$2.rates"
	echo
}

# ratio NAME
ratio() {
	awk -v a="$(median purser)" -v b="$(median "$1")" 'BEGIN { printf "%.2f", a / b }'
}

# outrun TITLE NAME GOAL
outrun() {
	[ ! -s "$work/$2.rates" ] || judge "$1" "$(ratio "$2")" "" "at least" "$3"
}

# cost COLUMN DIVISOR FORMAT: the worst of the rounds.
cost() {
	awk -v c="$1" -v d="$2" -v f="$3" '$c > max { max = $c } END { printf f, max / d }' "$work/costs"
}

# The filter in the kernel lets all other calls pass at full speed.
count_flushes() {
	command -v strace > "$work/which" || {
		tell "flushes an objective" "?" "(strace is not installed)"
		return
	}
	fresh flushes
	objectives 2000 > "$work/flushes.jsonl"
	"$PURSER" submit --quiet --batch bench "$work/flushes.jsonl"
	strace -f --seccomp-bpf -qq -c -o "$work/flushes.count" \
		-e trace=fsync,fdatasync,sync_file_range,syncfs,sync,msync "$PURSER" run --quiet --jobs 8
	judge "flushes an objective (run, 2,000 objectives)" \
		"$(awk '$NF ~ /sync/ { n += $4 } END { printf "%.2f", n / 2000 }' "$work/flushes.count")" "" "at most" 1.1
}

# latency NAME [tidy]: how long it took, in p50, p90 and worst.
latency() {
	"$BENCH/latency" "${SUBMITS:-200}" "$@" > "$work/latency"
	read -r p50 p90 worst < "$work/latency"
}

measure_latency() {
	fresh latency
	ln -s "$BENCH/stamp" "$work/bin/stamp"
	PATH="$work/bin:$PATH"
	export BENCH_STAMPS="$work/stamps" PATH
	watch "$PURSER"
	latency plain
	judge "from a submit's commit to the start of the tool, p50" "$p50" ms below 2
	tell "... p90, and the longest" "$p90" "ms, $worst ms"
	latency tidy tidy
	tell "... while submit tidies up, p50" "$p50" ms
	tell "... p90, and the longest" "$p90" "ms, $worst ms"
	end_watch
}

has_nq=$(command -v nq || :)
has_tsp=$(command -v tsp || :)
objectives "$many" > "$work/objectives.jsonl"
{
	printf 'all: %s\n' "$(seq -s ' ' -f 'job%g' "$jobs")"
	printf 'job%%:; @%s\n' "$tool"
} > "$work/Makefile"
describe_machine
i=1
while [ "$i" -le "$rounds" ]; do
	one_round
	i=$((i + 1))
done
printf '\n%-36s %8s %10s   %s\n' "TOOL $tool" "JOBS" "A SECOND" "(MEDIAN OF:)"
rates "purser submit, and run --jobs 8" purser "$many"
rates "purser run --jobs 8" run "$many"
rates "xargs -P 2" xargs "$jobs"
rates "make -j2" make "$jobs"
rates "nq" nq "$jobs"
rates "task-spooler, tsp -S 2" tsp "$jobs"
printf '\n%-52s %10s %-3s %10s %-6s\n' "PURSER" "MEASURED" "" "GOAL" ""
outrun "times task-spooler (with submit)" tsp 1.3
outrun "times nq" nq 3
outrun "times xargs -P 2" xargs 0.6
tell "times make -j2" "$(ratio make)"
count_flushes
judge "peak memory of the runner" "$(cost 4 1024 %.1f)" MB below 30
tell "CPU an objective: runner, helper and tool" "$(cost 2 "$many" %.2f)" ms
tell "... of it the runner" "$(cost 3 "$many" %.2f)" ms
measure_latency
describe_machine
[ "$MISSED" -eq 0 ]
