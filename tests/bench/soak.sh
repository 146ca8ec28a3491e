#!/bin/sh
# A runner that stays (run --watch), fed with batches of 500 while it works: memory
# and descriptors when a quarter, a half ... of all is done must not grow. Then a
# short one with every block of memory accounted for: under valgrind, or by the
# LeakSanitizer where the program was built with --enable-sanitizers. Exit status 1
# if either goal is missed.
#
#	make bench-soak [OBJECTIVES=20000] [LEAK_OBJECTIVES=1000]
: "${srcdir:?}"
# shellcheck source=tests/bench/common.sh
. "$srcdir/tests/bench/common.sh"
many=${OBJECTIVES:-20000}
few=${LEAK_OBJECTIVES:-1000}
batch=500
noise_kb=1024

# is_done NUMBER: of a batch.
is_done() {
	left=$("$PURSER" list --batch "soak-$1" --state queued,running --limit 1 --json) || return 1
	case "$left" in
	*'"state"'*) return 1 ;;
	esac
}

await() {
	until is_done "$1"; do
		kill -0 "$runner" || {
			cat "$work/watch.log"
			exit 1
		}
		sleep 0.1
	done
}

# feed FROM TO: batches of these numbers; one is always waiting while another is worked on.
feed() {
	for number in $(seq "$1" "$2"); do
		"$PURSER" submit --quiet --batch "soak-$number" "$work/batch.jsonl"
		[ "$number" -eq "$1" ] || await $((number - 1))
	done
	await "$2"
	sleep 1
}

all_succeeded() {
	others=$("$PURSER" list --state queued,running,held,failed,cancelled --limit 1 --json)
	case "$others" in
	*'"state"'*) return 1 ;;
	esac
}

memory_kb() {
	sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$runner/status"
}

descriptors() {
	find "/proc/$runner/fd" -type l | wc -l
}

judge_growth() {
	judge "growth of memory since the first quarter" $(($(memory_kb) - first_kb)) KB "at most" "$noise_kb"
	judge "growth of descriptors" $(($(descriptors) - first_fds)) "" "at most" 0
}

# A runner with its own descriptors and memory is asked for nothing but its end.
judge_end() {
	if end_watch; then
		judge "$1" 0 "" "at most" 0
	else
		sed 's/^/# /' "$work/watch.log" | head -n 60
		judge "$1" "$ended" "" "at most" 0
	fi
	if all_succeeded; then
		tell "... and all objectives have succeeded"
	else
		judge "objectives that have not succeeded" some "" "at most" 0
	fi
}

soak() {
	quarter=$((many / batch / 4))
	first_kb=''
	fresh soak
	watch "$PURSER"
	tell "... before any" "$(memory_kb)" "KB, $(descriptors) descriptors"
	for part in 1 2 3 4; do
		feed $(((part - 1) * quarter + 1)) $((part * quarter))
		tell "... $((part * quarter * batch)) objectives" "$(memory_kb)" "KB, $(descriptors) descriptors"
		[ -n "$first_kb" ] || {
			first_kb=$(memory_kb)
			first_fds=$(descriptors)
		}
	done
	judge_growth
	judge_end "exit status of the runner"
}

soak_for_leaks() {
	fresh leaks
	if grep -q __asan_init "$PURSER"; then
		export ASAN_OPTIONS=detect_leaks=1
		watch "$PURSER"
		how="the sanitizers"
	elif command -v valgrind > "$work/which"; then
		watch valgrind --quiet --leak-check=full --show-leak-kinds=definite,indirect,possible \
			--errors-for-leak-kinds=definite,indirect,possible --error-exitcode=99 \
			--child-silent-after-fork=yes "$PURSER"
		how=valgrind
	else
		tell "leaks" "?" "(valgrind is not installed, and this is no build with sanitizers)"
		return
	fi
	feed 1 $((few / batch))
	judge_end "exit status under $how ($few objectives)"
}

objectives "$batch" > "$work/batch.jsonl"
describe_machine
soak
soak_for_leaks
[ "$MISSED" -eq 0 ]
