#!/bin/sh
# Dependencies: what needs something failed is held, what does not goes on; a retry
# releases it, and outputs flow.
# Placeholders stand in quotes here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 1
delay = "50ms"
jitter = 0
TOML

echo 'refuse AuthorizationFailed "No."' | fault cloud.run.root
{
	objective root thing
	objective middle thing 'parameters = { word = "from ${root.outputs.name}" }'
	objective leaf thing 'depends_on = ["middle"]'
	objective both thing 'depends_on = ["root", "free"]'
	objective free thing
	objective free2 other 'depends_on = ["free"]'
} | submit tree
exits 1 "one of six fails" "$PURSER" run --wait 20s
is "root: failed" "$(state tree/root)" failed
for name in middle both; do
	is "$name: held" "$(state tree/$name)" held
	is "$name: for that" "$(value tree/$name '[h["reason"] for h in o["holds"]]')" "['dependency']"
	is "$name: no tool was started" "$(calls cloud check $name)" 0
done
ok "leaf, which needs one that is held, has not begun" test "$(calls cloud check leaf)" -eq 0
for name in free free2; do
	is "$name: went on" "$(state tree/$name)" succeeded
done
exits 3 "another run finds them held" "$PURSER" run --wait 20s

mend cloud.run.root
exits 0 "the failed one is retried" "$PURSER" retry tree/root
exits 0 "and all the others follow" "$PURSER" run --wait 20s
is "six have succeeded" "$(count tree succeeded)" 6
"$PURSER" log tree/middle --json > "$work/middle.json"
has "the output has arrived" "$work/middle.json" "word=from root"
ok "in order: root before middle" test "$(at cloud run root 2 end)" -le "$(at cloud check middle 1 begin)"
ok "middle before leaf" test "$(at cloud run middle 1 end)" -le "$(at cloud check leaf 1 begin)"
is "what was done was not done again" "$(calls cloud run free)" 1

# A dependency that passes through a backoff holds nobody: it is waited for.
echo 'refuse ServiceUnavailable "Retry-After: 3600"' | fault cloud.run.slow.1
{ objective slow thing && objective patient thing 'depends_on = ["slow"]'; } | submit patience
exits 6 "a dependency that is to be retried" "$PURSER" run
is "patient: is not held" "$(state patience/patient)" queued
exits 0 "once it is tried again" "$PURSER" retry patience/slow
exits 0 "both are done" "$PURSER" run --wait 20s
is "patient: succeeded" "$(state patience/patient)" succeeded

# A cancelled one holds as a failed one does.
{ objective gone thing 'not_before = "2999-01-01T00:00:00Z"' && objective widow thing 'depends_on = ["gone"]'; } | submit loss
exits 0 "the dependency is cancelled" "$PURSER" cancel loss/gone
exits 3 "what needs it is held" "$PURSER" run --batch loss
is "widow: held" "$(state loss/widow)" held
exits 0 "a held one may be cancelled" "$PURSER" cancel loss/widow
is "widow: cancelled" "$(state loss/widow)" cancelled

in_order
done_testing
