#!/bin/sh
# Rollback: what was made is undone in reverse order, each undo proven; what cannot
# be undone is told, and a crash goes on undoing. Scripted tools.
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

refusal='refuse AuthorizationFailed "The client may not do this."'
undos() {
	order cloud undo | tr ' ' '\n' | grep "$1" | tr '\n' ' '
}

echo "$refusal" | fault cloud.run.plain-c
objective plain stack | submit plain
exits 1 "the third of three steps fails" "$PURSER" run
ok "nothing stands" stands
is "they were undone in reverse order" "$(undos plain)" "undo:plain-b undo:plain-a "
journal plain/plain '"\n".join(" ".join((x["act"], x["resource"], x.get("outcome") or x.get("answer"))) for x in o["executions"] if "resource" in x)' > "$work/undone"
cat > "$work/wanted" <<'END'
guard /world/plain-b ours, complete
undo /world/plain-b happened
prove /world/plain-b absent
guard /world/plain-a ours, complete
undo /world/plain-a happened
prove /world/plain-a absent
END
ok "each with guard, undo and proof in the journal, and with their results" diff "$work/wanted" "$work/undone"
is "it is failed" "$(state plain/plain)" failed
is "for the first reason" "$(value plain/plain 'o["failure"]["code"]')" AuthorizationFailed
is "its resources are gone" "$(value plain/plain 'set(r["state"] for r in o["resources"])')" "{'gone'}"
exits 0 "nothing is orphaned" "$PURSER" resources --orphaned --json
is "as JSON says" "$(tr -d ' \n' < "$work/out")" "[]"

echo "$refusal" | fault cloud.run.stuck-c
echo 'refuse ScopeLocked "The scope is locked."' | fault cloud.undo.stuck-b
objective stuck stack | submit stuck
exits 1 "an undo that is refused" "$PURSER" run --wait 20s
ok "what it could not undo stands, and nothing else" stands stuck-b
within "it was tried more than once" "$(calls cloud undo stuck-b)" 2 10
is "the rest was undone all the same" "$(calls cloud undo stuck-a)" 1
ok "it is listed as orphaned" has_orphan stuck/stuck /world/stuck-b
ok "among all" has_orphan --batch=stuck /world/stuck-b
ok "the other is not" test "$(grep -c stuck-a "$work/orphans")" -eq 0
ok "it is told in the audit" audit_has resource.orphaned /world/stuck-b
is "the reason is the first one" "$(value stuck/stuck 'o["failure"]["code"]')" AuthorizationFailed

mend cloud.undo.stuck-b
mend cloud.run.stuck-c
exits 0 "a retry" "$PURSER" retry stuck/stuck
exits 0 "finds it, and builds upon it" "$PURSER" run --wait 20s
is "it was not made again" "$(calls cloud run stuck-b)" 1
ok "it is orphaned no more" test "$("$PURSER" resources --orphaned --json | tr -d ' \n')" = "[]"
exits 0 "destroy" "$PURSER" destroy stuck/stuck
exits 0 "takes it away with the rest" "$PURSER" run --wait 20s
ok "nothing stands" stands

# What nothing tells of is not undone blindly.
echo "$refusal" | fault cloud.run.dim-c
echo 'echo "ERROR: (InternalError) Nothing can be told." >&2; quit 7' | fault cloud.guard.dim-b
objective dim stack | submit dim
exits 1 "a guard that cannot tell" "$PURSER" run --wait 20s
within "is asked several times" "$(calls cloud guard dim-b)" 2 10
is "and then the undo is not run" "$(calls cloud undo dim-b)" 0
ok "the thing is orphaned" has_orphan dim/dim /world/dim-b
rm -f "$WORLD"/things/*

echo "$refusal" | fault cloud.run.shared-c
echo 'quit 5' | fault cloud.guard.shared-b
objective shared stack | submit shared
exits 1 "a guard that finds others' things in the way" "$PURSER" run --wait 20s
is "keeps the undo from being run" "$(calls cloud undo shared-b)" 0
ok "the thing stands" stands shared-b
ok "and is listed as orphaned" has_orphan shared/shared /world/shared-b

# The runner, the helper and the tool die in the middle of an undo, before it did anything.
rm -f "$WORLD"/things/*
echo "$refusal" | fault cloud.run.crash-c
# shellcheck disable=SC2016
echo 'echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault cloud.undo.crash-b.1
objective crash stack | submit crash
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "an undo has begun"
# shellcheck disable=SC2046
kill_all "$runner" $(cat "$WORLD/pids")
before=$(order cloud run)
exits 1 "after the death of all, the next runner ends it" "$PURSER" run --wait 20s
is "it is failed" "$(state crash/crash)" failed
ok "nothing stands" stands
is "it went on undoing" "$(undos crash)" "undo:crash-b undo:crash-b undo:crash-a "
is "and never forward" "$(order cloud run)" "$before"
is "in the same attempt" "$(journal crash/crash 'len(o["attempts"])')" 1

# The same, but the undo was done before they died.
echo "$refusal" | fault cloud.run.late-c
# shellcheck disable=SC2016
echo 'effect; echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault cloud.undo.late-b.1
rm -f "$WORLD/pids"
objective late stack | submit late
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "an undo was done"
# shellcheck disable=SC2046
kill_all "$runner" $(cat "$WORLD/pids")
exits 1 "after the death of all, the next runner ends it" "$PURSER" run --wait 20s
ok "nothing stands" stands
is "the proof is what counts" "$(value late/late 'set(r["state"] for r in o["resources"])')" "{'gone'}"
is "what was there before the failure was proven gone in order" \
	"$(order cloud prove | tr ' ' '\n' | grep late | uniq | tr '\n' ' ')" "prove:late-b prove:late-a "

# Only the runner dies: the undo goes on without it, and is not done twice.
echo "$refusal" | fault cloud.run.alone-c
# shellcheck disable=SC2016
echo 'effect; echo $$ > "$WORLD/pids"; pause enough' | fault cloud.undo.alone-b
rm -f "$WORLD/pids"
objective alone stack | submit alone
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "an undo is at work"
kill_all "$runner"
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 audit_has objective.taken_over alone
report $? "another runner takes it over"
touch "$WORLD/enough"
wait "$runner"
is "and ends it" $? 1
is "nothing was undone twice" "$(undos alone)" "undo:alone-b undo:alone-a "
ok "nothing stands" stands

# Cancelled while a step is at work: that one ends, then all is undone.
echo 'effect; pause cancelled' | fault cloud.run.wish-b
objective wish stack | submit wish
"$PURSER" run --wait 20s > "$work/wish.log" 2>&1 &
runner=$!
wait_until 10 was_called cloud run wish-b
report $? "a step is at work"
exits 0 "cancel" "$PURSER" cancel wish/wish
touch "$WORLD/cancelled"
wait "$runner"
is "the runner ends with it" $? 0
is "it is cancelled" "$(state wish/wish)" cancelled
is "the step that was at work too is undone" "$(undos wish)" "undo:wish-b undo:wish-a "
is "the next one was not run" "$(calls cloud run wish-c)" 0

echo "$refusal" | fault cloud.run.kept-c
objective kept stack 'on_failure = "keep"' | submit kept
exits 1 "on_failure = keep" "$PURSER" run --wait 20s
ok "leaves what was made" stands kept-a kept-b
is "as its own, not as orphaned" "$(value kept/kept 'set(r["state"] for r in o["resources"])')" "{'live'}"
mend cloud.run.kept-c
exits 0 "a retry goes on from there" "$PURSER" retry kept/kept
exits 0 "to its end" "$PURSER" run --wait 20s
is "what stood was not made again" "$(calls cloud run kept-a)" 1
rm -f "$WORLD"/things/*

# Only what this objective made: what stood before is another's.
echo another > "$WORLD/things/mine-b"
objective mine stack | submit mine
exits 1 "a thing of another's stands where the second step would put its own" "$PURSER" run --wait 20s
ok "it is left alone" stands mine-b
is "and was never undone" "$(calls cloud undo mine-b)" 0
is "what was made is" "$(calls cloud undo mine-a)" 1

in_order
done_testing
