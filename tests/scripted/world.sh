# shellcheck shell=sh
# Sourced by the tests of orchestration, on top of tests/lib.sh: the program with
# the strategy "script", and a world whose every call is journalled (see cloud).
#
#	settings < TOML			the configuration, beside a subscription that is known
#	objective NAME CAPABILITY [TOML]	prints one
#	submit BATCH			submits what stands on stdin
#	fault TOOL.VERB.NAME[.N] < SH	what such a call does (see cloud); mend removes it
#	calls TOOL VERB NAME		how many there were
#	at TOOL VERB NAME N begin|end	when the N-th one was, in ms
#	order TOOL VERB...		the names of all such calls, in a row
#	value OBJECTIVE EXPRESSION	of show --json as o, in Python
#	journal OBJECTIVE EXPRESSION	of log --json as o
#	stands [NAME...]		for ok: exactly these things are in the world
#
# and of money:
#
#	priced NAME SIZE [PARAMETERS [TOML]]	prints an objective that costs what this machine costs
#	afresh				a state folder and a world that are empty
#	total SCOPE			what is reserved and committed there, a month
#	entries OBJECTIVE		its rows of the ledger: "held 7.592, committed 7.592"
#	holds OBJECTIVE			why it is held
#	refused OBJECTIVE EXPRESSION	of the audit's last word on why it was not admitted, as d
#	balanced			a block ends: the books are in order, and so is all else

set -u
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
: "${PURSER:?}" "${PURSER_STEP:?}"

PURSER="${PURSER%/*}/purser-scripted"
PURSER_TEMPLATES="$srcdir/tests/scripted/templates"
WORLD="$work/world"
export PURSER PURSER_TEMPLATES WORLD
mkdir -p "$WORLD/things" "$WORLD/faults" "$work/bin" "$work/home"
: > "$WORLD/journal"
ln -s "$srcdir/tests/scripted/cloud" "$work/bin/cloud"
ln -s "$srcdir/tests/scripted/cloud" "$work/bin/az"
export HOME="$work/home" PATH="$work/bin:$PATH"
unset XDG_CONFIG_HOME XDG_STATE_HOME

settings() {
	{
		printf '[azure]\nsubscription = "fake"\n'
		cat
	} > "$PURSER_CONFIG"
}

objective() {
	printf '[[objective]]\nname = "%s"\ncapability = "%s"\n%s\n\n' "$1" "$2" "${3:-}"
}

submit() {
	cat > "$work/$1.toml"
	"$PURSER" submit --batch "$1" "$work/$1.toml" > "$work/submit.log" 2>&1 ||
		sed 's/^/# submit: /' "$work/submit.log"
}

fault() {
	cat > "$WORLD/faults/$1"
}

mend() {
	rm -f "$WORLD/faults/$1"
}

calls() {
	grep -c " $1 $2 $3 begin\$" "$WORLD/journal"
}

was_called() {
	[ "$(calls "$@")" -gt 0 ]
}

at() {
	grep " $1 $2 $3 $5\$" "$WORLD/journal" | sed -n "$4{s/ .*//;p;}"
}

# between FIRST LAST: ms between two times of at; -1 if one of them is not there.
between() {
	if [ -n "$1" ] && [ -n "$2" ]; then
		echo $(($2 - $1))
	else
		echo -1
	fi
}

order() {
	row=''
	while read -r _ tool verb name phase; do
		[ "$phase" = begin ] || continue
		case " $* " in
		*" $tool $verb "*) row="$row $verb:$name" ;;
		esac
	done < "$WORLD/journal"
	echo "${row# }"
}

evaluate() {
	/usr/bin/python3 -c 'import json, sys
o = json.load(open(sys.argv[1]))
try:
    print(eval(sys.argv[2]))
except (KeyError, IndexError, TypeError) as e:
    print("nothing:", repr(e))' "$work/evaluate.json" "$1"
}

value() {
	"$PURSER" show "$1" --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$2"
}

journal() {
	"$PURSER" log "$1" --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$2"
}

state() {
	value "$1" 'o["state"]'
}

# count BATCH STATE
count() {
	"$PURSER" list --batch "$1" --all --json | grep -o "\"state\":\"$2\"" | wc -l
}

stands() {
	want=$(for name in "$@"; do echo "$name"; done | LC_ALL=C sort)
	got=$(cd "$WORLD/things" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort)
	[ "$got" = "$want" ] || {
		echo "stands:" "$got"
		return 1
	}
}

# within TITLE VALUE LOW HIGH
within() {
	if [ "$2" -ge "$3" ] && [ "$2" -le "$4" ]; then
		report 0 "$1 ($2)"
	else
		report 1 "$1"
		echo "# $2 is not from $3 to $4"
	fi
}

# has_orphan OBJECTIVE ID: for ok.
has_orphan() {
	"$PURSER" resources "$1" --orphaned > "$work/orphans" 2>&1
	cat "$work/orphans"
	grep -q -- "$2" "$work/orphans"
}

# audit_has EVENT OBJECTIVE: for ok.
audit_has() {
	"$PURSER" audit show --json --limit 10000 --event "$1" > "$work/audit.json" 2>&1
	grep -q -- "$2" "$work/audit.json"
}

priced() {
	objective "$1" priced "region = \"${REGION:-eastus}\"
parameters = { size = \"$2\"${3:+, $3} }
${4:-}"
}

afresh() {
	scene=$((${scene:-0} + 1))
	PURSER_STATE_DIR="$work/state-$scene"
	rm -rf "$WORLD"
	mkdir -p "$WORLD/things" "$WORLD/faults"
	: > "$WORLD/journal"
}

ledger() {
	/usr/bin/python3 "$srcdir/tests/scripted/ledger.py" "$@"
}

total() {
	ledger total "$PURSER_STATE_DIR" "$1"
}

entries() {
	ledger events "$PURSER_STATE_DIR" "$(value "$1" 'o["id"]')"
}

holds() {
	value "$1" '" ".join(sorted(h["reason"] for h in o["holds"]))'
}

refused() {
	"$PURSER" audit show --json --limit 10000 --event budget.refused --objective "$1" > "$work/refused.jsonl" 2>&1
	tail -n 1 "$work/refused.jsonl" > "$work/evaluate.json"
	evaluate "[$2 for d in [o['details']]][0]"
}

balanced() {
	exits 0 "budget verify" "$PURSER" budget verify
	"$PURSER" audit show --json --limit 100000 > "$work/balanced.jsonl" 2>&1
	ok "the ledger adds up, row by row" ledger check "$PURSER_STATE_DIR" "$work/balanced.jsonl"
	in_order
}

# kill_all PID...: at once and without mercy.
kill_all() {
	kill -9 "$@" 2> "$work/kill.err"
	for pid in "$@"; do
		wait_until 10 is_gone "$pid"
	done
}

is_gone() {
	state_of_process=$(sed -n 's/^State:[[:space:]]*\([A-Z]\).*/\1/p' "/proc/$1/status" 2> "$work/process.err")
	[ -z "$state_of_process" ] || [ "$state_of_process" = Z ]
}

# What holds after every test: the audit log is whole, the store consistent, nothing was made twice.
in_order() {
	exits 0 "the audit log is whole" "$PURSER" audit verify
	ok "nothing was made twice" test ! -e "$WORLD/twice"
}
