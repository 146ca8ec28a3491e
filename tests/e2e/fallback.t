#!/bin/sh
# Fallback: another strategy tries what the first one could not do, but only once
# nothing of the first stands. A scripted az refuses; the strategy "script" does it.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 1
delay = "100ms"
max_delay = "200ms"
jitter = 0
TOML

# either NAME [TOML]
either() {
	objective "$1" either "region = \"eastus\"
${2:-}"
}
strategies_of() {
	journal "$1" '[a["strategy"] for a in o["attempts"]]'
}

odd='refuse OperationNotAllowed "This is not allowed for this resource."'

echo "$odd" | fault az.run.az-first
either first | submit first
exits 0 "the first strategy makes half of it, the second all of it" "$PURSER" run --wait 20s
is "both were tried" "$(strategies_of first/first)" "['azure_cli', 'script']"
is "the result is the second one's" "$(value first/first 'o["outputs"]["id"]')" /world/first
ok "what the first one made is gone" stands first
is "it was undone, and proven gone, before the second began" \
	"$(order az run az undo cloud run)" "run:az-first-ground run:az-first undo:az-first-ground run:first"
ok "the proof came first" \
	test "$(grep ' az check az-first-ground end' "$WORLD/journal" | tail -n 1 | cut -d ' ' -f 1)" -le "$(at cloud run first 1 begin)"
is "what stands is the second one's, what is gone the first one's" \
	"$(value first/first 'sorted((r["state"], r["attempt"]) for r in o["resources"])')" "[('gone', 1), ('live', 2)]"

rm -f "$WORLD"/things/*
# The answer is lost, though nothing was done; and again.
echo 'echo "ERROR: Connection aborted." >&2; quit 1' | fault az.run.az-lost-ground
either lost | submit lost
exits 0 "an answer that is lost leaves it in doubt, and in the end the second strategy does it" \
	"$PURSER" run --wait 20s
is "both were tried" "$(strategies_of lost/lost)" "['azure_cli', 'script']"
runs=$(calls az run az-lost-ground)
is "the first as often as it may" "$runs" 2
pause=$(between "$(at az run az-lost-ground "$runs" end)" "$(at cloud run lost 1 begin)")
within "the second not before the first could settle" "$pause" 1000 10000
last_look=$(grep ' az check az-lost-ground begin' "$WORLD/journal" | tail -n 1 | cut -d ' ' -f 1)
ok "and was proven absent after that" \
	test "$last_look" -ge $(($(at az run az-lost-ground "$runs" end) + 1000))

rm -f "$WORLD"/things/*
echo 'effect; echo "ERROR: Connection aborted." >&2; quit 1' | fault az.run.az-finished
either finished | submit finished
exits 0 "an answer that is lost after all was done" "$PURSER" run --wait 20s
is "is no reason to fall back" "$(strategies_of finished/finished)" "['azure_cli']"
ok "nor to do it twice" test "$(calls az run az-finished)" -eq 1
ok "the first one's stands" stands az-finished az-finished-ground

rm -f "$WORLD"/things/*
# An answer that is lost, and nothing tells what became of it.
echo 'echo "ERROR: Connection aborted." >&2; quit 1' | fault az.run.az-dark
# shellcheck disable=SC2016
echo '[ "$calls" -eq 1 ] || { echo "ERROR: Connection aborted." >&2; quit 1; }' | fault az.check.az-dark
either dark | submit dark
exits 3 "as long as nothing tells, it is held" "$PURSER" run --wait 20s
is "and does not fall back" "$(strategies_of dark/dark)" "['azure_cli']"
is "the second strategy has done nothing" "$(calls cloud run dark)" 0
mend az.check.az-dark
mend az.run.az-dark
exits 0 "a person says that it did not happen" "$PURSER" resolve dark/dark --not-happened
exits 0 "and it goes on where it was" "$PURSER" run --wait 20s
is "with the first strategy" "$(strategies_of dark/dark)" "['azure_cli']"

rm -f "$WORLD"/things/*
echo 'refuse QuotaExceeded "The quota is exceeded."' | fault az.run.az-quota
echo 'refuse AuthorizationFailed "The client may not do this."' | fault az.run.az-rights
echo 'refuse SkuNotAvailable "The requested size is not available in location eastus."' | fault az.run.az-soldout
echo "$odd" | fault az.run.az-named
{ either quota && either rights && either soldout && either named 'strategy = "azure_cli"'; } | submit refused
exits 1 "what another strategy would not change fails" "$PURSER" run --wait 20s
for name in quota rights soldout named; do
	is "$name: the second strategy is not tried" "$(strategies_of refused/$name)" "['azure_cli']"
	is "$name: failed" "$(state refused/$name)" failed
done
ok "what they had made is undone" stands

echo "$odd" | fault az.run.az-stuck
echo 'refuse ScopeLocked "The scope is locked."' | fault az.undo.az-stuck-ground
either stuck | submit stuck
exits 1 "what cannot be undone is no ground to build on" "$PURSER" run --wait 20s
is "stuck: the second strategy is not tried" "$(strategies_of stuck/stuck)" "['azure_cli']"
is "stuck: failed" "$(state stuck/stuck)" failed
ok "it is listed as orphaned" has_orphan stuck/stuck az-stuck-ground
ok "and told in the audit" audit_has resource.orphaned az-stuck-ground

# Runner, helper and tool die while the first strategy's work is undone.
rm -f "$WORLD"/things/*
echo "$odd" | fault az.run.az-crash
# shellcheck disable=SC2016
echo 'echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault az.undo.az-crash-ground.1
either crash | submit crash
"$PURSER" run --wait 20s > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "the undo has begun"
# shellcheck disable=SC2046
kill_all "$runner" $(cat "$WORLD/pids")
exits 0 "after the death of all, the next runner undoes it, and falls back" "$PURSER" run --wait 20s
is "crash: both were tried" "$(strategies_of crash/crash)" "['azure_cli', 'script']"
ok "only the second one's stands" stands crash

# Where the last one fails too, it is over; a retry begins with the first again.
rm -f "$WORLD"/things/*
echo "$odd" | fault az.run.az-both-ground
echo 'refuse OperationNotAllowed "This is not allowed either."' | fault cloud.run.both
either both | submit both
exits 1 "neither can do it" "$PURSER" run --wait 20s
is "both: both were tried, once each" "$(strategies_of both/both)" "['azure_cli', 'script']"
mend az.run.az-both-ground
exits 0 "retry" "$PURSER" retry both/both
exits 0 "the first can now" "$PURSER" run --wait 20s
is "both: it was the first one's turn" "$(strategies_of both/both)" "['azure_cli', 'script', 'azure_cli']"

rm -f "$WORLD"/things/*
echo "$odd" | fault az.run.az-kept
either kept 'on_failure = "keep"' | submit kept
exits 1 "on_failure = keep" "$PURSER" run --wait 20s
ok "what was made stays" stands az-kept-ground
is "and the second strategy is not tried" "$(strategies_of kept/kept)" "['azure_cli']"

# No az at all.
rm -f "$WORLD"/things/* "$work/bin/az"
mkdir "$work/tools"
for tool in sh date cat grep rm; do
	ln -s "$(command -v $tool)" "$work/tools/$tool"
done
either bare | submit bare
exits 0 "where the first strategy's tool is missing" env PATH="$work/bin:$work/tools" "$PURSER" run --wait 20s
is "bare: the second does it, and the first is not tried" "$(strategies_of bare/bare)" "['script']"

exits 0 "the audit log is whole" "$PURSER" audit verify
ok "nothing was made twice" test ! -e "$WORLD/twice"
done_testing
