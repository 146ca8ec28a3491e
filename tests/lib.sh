# What the shell tests share: TAP, a private folder, the sandbox. To be sourced.
# shellcheck shell=sh

: "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}"
SANDBOX="$srcdir/contrib/azure-sandbox/azure-sandbox"
TESTS=0
FAILED=0
work=$(mktemp -d "${TMPDIR:-/tmp}/purser-test.XXXXXX")
export PURSER_STATE_DIR="$work/state"
export PURSER_CONFIG="$work/config.toml"
export PURSER_FAILURES="${PURSER_FAILURES:-$srcdir/strategies/failures.toml}"
: > "$PURSER_CONFIG"
unset PURSER_FAILPOINT PURSER_FAILPOINT_LOG NO_COLOR

finish() {
	status=$?
	[ ! -f "$work/sandbox/env.sh" ] || "$SANDBOX" down --dir "$work/sandbox" > "$work/down.log" 2>&1
	if [ -n "${KEEP_WORK:-}" ]; then
		echo "# kept: $work"
	else
		rm -rf "$work"
	fi
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

# report RESULT TITLE: RESULT 0 is a pass.
report() {
	TESTS=$((TESTS + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $TESTS - $2"
	else
		FAILED=$((FAILED + 1))
		echo "not ok $TESTS - $2"
	fi
	return 0
}

# ok TITLE COMMAND...: the command succeeds; what it prints is told if it does not.
ok() {
	title=$1
	shift
	if "$@" > "$work/ok.out" 2>&1; then
		report 0 "$title"
	else
		report 1 "$title"
		sed 's/^/# /' "$work/ok.out" | head -n 40
	fi
}

# exits STATUS TITLE COMMAND...: with exactly this status; stdout is in $work/out, stderr in $work/err.
exits() {
	want=$1
	title=$2
	shift 2
	"$@" > "$work/out" 2> "$work/err" < /dev/null
	got=$?
	if [ "$got" -eq "$want" ]; then
		report 0 "$title"
	else
		report 1 "$title"
		echo "# exit status $got, not $want"
		sed 's/^/# /' "$work/out" "$work/err" | head -n 40
	fi
}

# is TITLE GOT WANT
is() {
	if [ "$2" = "$3" ]; then
		report 0 "$1"
	else
		report 1 "$1"
		printf '# got:  %s\n# want: %s\n' "$2" "$3"
	fi
}

# has TITLE FILE TEXT: the file contains the text.
has() {
	if grep -qF -- "$3" "$2"; then
		report 0 "$1"
	else
		report 1 "$1"
		echo "# no \"$3\" in:"
		sed 's/^/# /' "$2" | head -n 40
	fi
}

skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}

# skip TITLE WHY: a part that cannot run here.
skip() {
	report 0 "$1 # SKIP $2"
}

done_testing() {
	echo "1..$TESTS"
	[ "$FAILED" -eq 0 ]
	exit
}

# Whether the whole of a test is asked for, and not the part that make check runs: see tests/long.
is_long() {
	[ "${TEST_LENGTH:-short}" = long ]
}

# Waits up to N seconds until the command succeeds: by condition, not by time.
wait_until() {
	tries=$(($1 * 20))
	shift
	while [ "$tries" -gt 0 ]; do
		"$@" > "$work/wait.out" 2>&1 && return 0
		sleep 0.05
		tries=$((tries - 1))
	done
	return 1
}

# What is in doubt is looked at again after a second, and not after minutes: a copy of the templates.
settle_soon() {
	cp -R "$PURSER_TEMPLATES" "$work/templates"
	chmod -R u+w "$work/templates"
	export PURSER_TEMPLATES="$work/templates"
	sed -i -e '/^settle = /d' -e 's/^\[\[azure_cli\.step\]\]$/&\nsettle = "100ms"/' "$work"/templates/*/capability.toml
}

needs_az() {
	command -v az > "$work/which" 2>&1 || skip_all "azure-cli is not installed"
	[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
}

sandbox_up() {
	"$SANDBOX" up --dir "$work/sandbox" "$@" > "$work/up.log" 2>&1 || {
		sed 's/^/# /' "$work/up.log"
		echo "Bail out! the sandbox does not start"
		exit 1
	}
	# shellcheck disable=SC1091
	. "$work/sandbox/env.sh"
}

# The ids that were created more than once in the sandbox, one a line.
created_twice() {
	"$SANDBOX" counts --dir "$work/sandbox" --json > "$work/counts.json"
	/usr/bin/python3 - "$work/counts.json" <<'PY'
import json, sys
counts = json.load(open(sys.argv[1]))
rows = counts.items() if isinstance(counts, dict) else ((r["id"], r) for r in counts)
for name, row in rows:
    if row["created"] != 1 and "/deployments/" not in name.lower():
        print(name, row["created"])
PY
}
