#!/bin/sh
# A runner that is stopped between the commit of an intent and the start of the
# step: another takes its objective over, but cannot act before it is sure that
# the first one cannot either. With the real az; needs failpoints.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
needs_az

printf '[run]\nlease = "2s"\n' > "$PURSER_CONFIG"

state_of() {
	sed -n 's/^State:[[:space:]]*\([A-Z]\).*/\1/p' "/proc/$1/status" 2> "$work/state.err"
}
is_stopped() {
	[ "$(state_of "$1")" = T ]
}
is_gone() {
	[ -z "$(state_of "$1")" ] || [ "$(state_of "$1")" = Z ]
}
taken_over() {
	"$PURSER" audit show --json > "$work/audit.json" 2>&1 && grep -q objective.taken_over "$work/audit.json"
}
run_is_open() {
	ls "$PURSER_STATE_DIR"/runs/*/*/lock > "$work/locks" 2>&1
}

# stopped_runner NAME: submits, and leaves a runner stopped at run.committed; its pid is in $first.
stopped_runner() {
	export PURSER_STATE_DIR="$work/$1"
	cat > "$work/batch.toml" <<-TOML
	[[objective]]
	name = "group"
	capability = "resource_group"
	region = "eastus"
	resource_group = "rg-$1"
	TOML
	"$PURSER" submit --batch "$1" "$work/batch.toml" > "$work/submit.log" 2>&1
	PURSER_FAILPOINT='run.committed=stop' "$PURSER" run > "$work/first.log" 2>&1 &
	first=$!
	wait_until 10 is_stopped "$first" || {
		kill -9 "$first" 2> "$work/kill.err"
		skip_all "built without --enable-failpoints"
	}
	"$PURSER" run --wait 60s > "$work/second.log" 2>&1 &
	second=$!
	wait_until 20 taken_over
	report $? "$1: the objective is taken over once the lease has run out"
}

sandbox_up
stopped_runner killed
sleep 1
ok "killed: the second runner waits while the first could still act" kill -0 "$second"
kill -9 "$first"
wait "$second"
is "killed: then it provisions" $? 0
is "killed: nothing twice" "$(created_twice)" ""

stopped_runner continued
kill -CONT "$first"
wait "$second"
is "continued: the second runner provisions" $? 0
wait_until 20 is_gone "$first"
report $? "continued: the first one finds nothing to do and ends"
is "continued: nothing twice" "$(created_twice)" ""
exits 0 "continued: the audit log is whole" "$PURSER" audit verify
done_testing
