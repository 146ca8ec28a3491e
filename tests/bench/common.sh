# shellcheck shell=sh
# What the benchmarks with whole runs share; to be sourced. A folder of their own,
# PURSER with steps that do nothing, and a judgement of what was measured.
#
#	new_folder NAME		prints the path of one
#	fresh NAME		a state folder of its own from now on
#	objectives COUNT	prints as many
#	watch PURSER...; end_watch	a runner that stays, and its end
#	judge WHAT MEASURED UNIT COMPARISON GOAL	a row; MISSED counts those that are not met
set -eu
: "${PURSER:?}" "${PURSER_STEP:?}" "${PURSER_FAILURES:?}" "${srcdir:?}"
MISSED=0
work=$(mktemp -d "${TMPDIR:-/var/tmp}/purser-bench.XXXXXX")
# ext4 without a journal passes over inodes that were freed in the last minutes, one by one: a run after an
# rm -rf nearby is several times slower. Folders below one with this mark are put anywhere on the disk, by
# their names: those have to be new ones at each run.
chattr +T "$work" 2> "$work/chattr.err" || :
mkdir "$work/bin"
export PURSER_CONFIG="$work/config.toml" PURSER_TEMPLATES="$srcdir/tests/bench/templates"
printf '[azure]\nsubscription = "fake"\n' > "$PURSER_CONFIG"
unset PURSER_FAILPOINT MAKEFLAGS MFLAGS MAKELEVEL

leave() {
	status=$?
	[ -z "${runner:-}" ] || kill -9 "$runner" 2> "$work/kill.err" || :
	[ -z "${TS_SOCKET:-}" ] || tsp -K > "$work/kill.out" 2>&1 || :
	rm -rf "$work"
	exit "$status"
}
trap leave EXIT
trap 'exit 130' INT TERM HUP

new_folder() {
	mktemp -d "$work/$1.XXXXXXXX"
}

fresh() {
	PURSER_STATE_DIR=$(new_folder "$1")
	export PURSER_STATE_DIR
}

objectives() {
	seq "$1" | sed 's/.*/{"name":"o&","capability":"trivial"}/'
}

# The machine's part in it.
describe_machine() {
	read -r load _ < /proc/loadavg
	printf '%s processors, %s, load %s' "$(nproc)" "$(stat -f -c %T "$work")" "$load"
	case "$(stat -f -c %T "$work")" in
	tmpfs | ramfs) printf ' (in memory: flushes cost nothing here)' ;;
	esac
	! awk -v load="$load" 'BEGIN { exit !(load > 0.5) }' || printf ' (others are at work: run it again when it is quiet)'
	printf '\n'
}

# watch PURSER...: starts a runner that stays, and waits until it can be woken.
watch() {
	"$@" run --watch --quiet --jobs 8 > "$work/watch.log" 2>&1 &
	runner=$!
	until [ -n "$(find "$PURSER_STATE_DIR/runners" -name '*.wake' 2> "$work/find.err")" ]; do
		kill -0 "$runner" || {
			cat "$work/watch.log"
			exit 1
		}
		sleep 0.05
	done
}

# end_watch: its exit status.
end_watch() {
	kill "$runner"
	ended=0
	wait "$runner" || ended=$?
	runner=''
	return "$ended"
}

judge() {
	verdict=OK
	awk -v got="$2" -v goal="$5" -v how="$4" \
		'BEGIN { exit !(how == "at least" ? got >= goal : how == "below" ? got < goal : got <= goal) }' || {
		verdict=missed
		MISSED=$((MISSED + 1))
	}
	printf '%-52s %10s %-3s %10s %-6s %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

# Without a goal.
tell() {
	printf '%-52s %10s %s\n' "$1" "${2:-}" "${3:-}"
}
