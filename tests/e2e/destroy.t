#!/bin/sh
# destroy: what an objective built is taken down again, dependents first; a crash
# goes on undoing, and what cannot be undone is told.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[run]
lease = "2s"
[retry]
max_retries = 1
delay = "50ms"
max_delay = "100ms"
jitter = 0
TOML

objective one stack 'key = "the-one"' | submit one
exits 0 "built" "$PURSER" run
ok "it stands" stands one-a one-b one-c
exits 0 "destroy of one objective" "$PURSER" destroy one/one
ok "does nothing by itself" stands one-a one-b one-c
exits 0 "the runner does it" "$PURSER" run --wait 20s
is "it is destroyed" "$(state one/one)" destroyed
ok "nothing stands" stands
is "in reverse order" "$(order cloud undo)" "undo:one-c undo:one-b undo:one-a"
is "every resource is known to be gone" "$(value one/one 'set(r["state"] for r in o["resources"])')" "{'gone'}"
ok "the audit tells" audit_has objective.destroyed one
exits 0 "destroyed again: it is already" "$PURSER" destroy one/one
objective one stack 'key = "the-one"' | submit next
exits 0 "its key is free" "$PURSER" run
ok "and the same is built anew" stands one-a one-b one-c
is "as another objective" "$(count next succeeded)" 1

# c needs b, b needs a; d stands alone.
chain() {
	objective a thing
	objective b thing 'depends_on = ["a"]'
	objective c thing 'depends_on = ["b"]'
	objective d thing
}
rm -f "$WORLD"/things/*
chain | submit chain
exits 0 "four, three of which need one another" "$PURSER" run
exits 2 "the first is not destroyed while others need it" "$PURSER" destroy chain/a
has "it says what needs it" "$work/err" "chain/b"
exits 0 "nothing is to be done" "$PURSER" run
ok "everything stands" stands a b c d
: > "$WORLD/journal"
exits 0 "--cascade takes those too" "$PURSER" destroy chain/b --cascade
exits 0 "the runner does it" "$PURSER" run --wait 20s
is "dependents first" "$(order cloud undo)" "undo:c undo:b"
ok "what they needed stands" stands a d
: > "$WORLD/journal"
exits 0 "destroy of a whole batch" "$PURSER" destroy --batch chain
exits 0 "the runner does it" "$PURSER" run --wait 20s
ok "nothing stands" stands
is "all are destroyed" "$(count chain destroyed)" 4

chain | sed 's/^name = "/&x/; s/\["/["x/' | submit whole
exits 0 "a batch anew" "$PURSER" run
: > "$WORLD/journal"
exits 0 "destroy of a whole batch of which all stands" "$PURSER" destroy --batch whole
exits 0 "by several at a time" "$PURSER" run --wait 20s --jobs 4
is "in reverse order of their dependencies" "$(order cloud undo | tr ' ' '\n' | grep -v xd | tr '\n' ' ')" \
	"undo:xc undo:xb undo:xa "
ok "each only when what needs it is gone" \
	test "$(at cloud prove xc 1 end)" -le "$(at cloud undo xb 1 begin)"

# Runner, helper and tool die in the middle.
objective crash stack | submit crash
exits 0 "built" "$PURSER" run
exits 0 "to be destroyed" "$PURSER" destroy crash/crash
# shellcheck disable=SC2016
echo 'echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault cloud.undo.crash-b.1
runs=$(order cloud run)
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "an undo has begun"
# shellcheck disable=SC2046
kill_all "$runner" $(cat "$WORLD/pids")
exits 0 "after the death of all, the next runner ends it" "$PURSER" run --wait 20s
is "it is destroyed" "$(state crash/crash)" destroyed
ok "nothing stands" stands
is "nothing was run" "$(order cloud run)" "$runs"
is "nothing that was gone was undone again" "$(calls cloud undo crash-c)" 1

# An undo that is refused.
objective stuck stack | submit stuck
exits 0 "built" "$PURSER" run
exits 0 "to be destroyed" "$PURSER" destroy stuck/stuck
echo 'refuse ScopeLocked "The scope is locked."' | fault cloud.undo.stuck-b
exits 1 "what cannot be undone fails" "$PURSER" run --wait 20s
is "it is failed" "$(state stuck/stuck)" failed
ok "what stands is orphaned" has_orphan stuck/stuck /world/stuck-b
ok "the rest is gone" stands stuck-b
exits 2 "it is not retried forward" "$PURSER" retry stuck/stuck
mend cloud.undo.stuck-b
exits 0 "destroyed again, once the lock is off" "$PURSER" destroy stuck/stuck
exits 0 "the runner does it" "$PURSER" run --wait 20s
is "it is destroyed" "$(state stuck/stuck)" destroyed
ok "nothing stands" stands
exits 0 "nothing is orphaned" "$PURSER" resources --orphaned --json
is "as JSON says" "$(tr -d ' \n' < "$work/out")" "[]"

# What two attempts made is one tower.
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.two-c
objective two stack 'on_failure = "keep"' | submit two
exits 1 "the first attempt leaves two of three" "$PURSER" run
mend cloud.run.two-c
exits 0 "the second" "$PURSER" retry two/two
exits 0 "makes the third" "$PURSER" run
ok "all three stand" stands two-a two-b two-c
: > "$WORLD/journal"
exits 0 "to be destroyed" "$PURSER" destroy two/two
exits 0 "the runner does it" "$PURSER" run --wait 20s
is "what the last attempt made goes first" "$(order cloud undo)" "undo:two-c undo:two-b undo:two-a"
is "it is destroyed" "$(state two/two)" destroyed

# An undo that is refused holds what it stands on.
{ objective low thing && objective high thing 'depends_on = ["low"]'; } | submit pair
exits 0 "built" "$PURSER" run
echo 'refuse ScopeLocked "The scope is locked."' | fault cloud.undo.high
exits 0 "to be destroyed" "$PURSER" destroy --batch pair
exits 1 "the upper one cannot be" "$PURSER" run --wait 20s
is "the upper one is failed" "$(state pair/high)" failed
is "the lower one is not touched" "$(calls cloud undo low)" 0
ok "both stand" stands low high
is "it is held" "$(state pair/low)" held
mend cloud.undo.high
exits 0 "destroyed again, once the lock is off" "$PURSER" destroy --batch pair
exits 0 "the runner does it" "$PURSER" run --wait 20s
is "both are destroyed" "$(count pair destroyed)" 2
ok "nothing stands" stands

# What is at work is not destroyed.
echo 'pause enough' | fault cloud.run.busy
objective busy thing | submit busy
"$PURSER" run --wait 20s > "$work/busy.log" 2>&1 &
runner=$!
wait_until 10 was_called cloud run busy
report $? "a step is at work"
exits 2 "what runs is to be cancelled first" "$PURSER" destroy busy/busy
has "as it is told" "$work/err" "cancel"
touch "$WORLD/enough"
wait "$runner"
is "it ends well" $? 0
exits 0 "then it can be destroyed" "$PURSER" destroy busy/busy
exits 0 "and is" "$PURSER" run --wait 20s
ok "nothing stands" stands

objective idle thing 'not_before = "2999-01-01T00:00:00Z"' | submit idle
exits 0 "destroy of what has not begun" "$PURSER" destroy idle/idle
is "cancels it" "$(state idle/idle)" cancelled
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.bad
objective bad thing | submit bad
exits 1 "one that failed and left nothing" "$PURSER" run
exits 0 "is destroyed" "$PURSER" destroy bad/bad
is "at once" "$(state bad/bad)" destroyed

in_order
done_testing
