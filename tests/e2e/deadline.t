#!/bin/sh
# Deadlines and timeouts: of a step, of an objective, and of one that has not begun.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 1
delay = "100ms"
max_delay = "200ms"
jitter = 0
TOML

class_of() {
	value "$1" 'o["failure"]["class"]'
}

echo 'pause never' | fault cloud.run.step.1
objective step thing 'step_timeout = "1s"' | submit step
exits 0 "a step that hangs is stopped, found to have done nothing, and done again" "$PURSER" run --wait 20s
is "step: it was run twice" "$(calls cloud run step)" 2
within "step: the second time after its timeout" \
	"$(between "$(at cloud run step 1 begin)" "$(at cloud run step 2 begin)")" 1000 10000

echo 'effect; pause never' | fault cloud.run.made.1
objective made thing 'step_timeout = "1s"' | submit made
exits 0 "a step that hangs once it has done its work" "$PURSER" run --wait 20s
is "made: is not run again" "$(calls cloud run made)" 1

echo 'pause never' | fault cloud.run.hang-b
objective hang stack 'step_timeout = "1s"' | submit hang
exits 1 "a step that always hangs" "$PURSER" run --wait 20s
is "hang: fails with the class timeout" "$(class_of hang/hang)" timeout
is "hang: at the step" "$(value hang/hang 'o["failure"]["step"]')" b
is "hang: what was made before it is undone" "$(calls cloud undo hang-a)" 1

# The time of the objective runs out while its second step is at work.
echo 'pause never' | fault cloud.run.whole-b
objective whole stack 'timeout = "1s"' | submit whole
exits 1 "an objective whose time is over while it runs" "$PURSER" run --wait 20s
is "whole: failed with the class timeout" "$(class_of whole/whole)" timeout
is "whole: its third step was never run" "$(calls cloud run whole-c)" 0
ok "whole: nothing of it stands" stands step made
within "whole: it took no longer than it had to" \
	"$(between "$(at cloud check whole-a 1 begin)" "$(at cloud prove whole-a 1 end)")" 1000 15000

# It runs out while a retry is waited for.
echo 'refuse ServiceUnavailable "Come again. Retry-After: 600"' | fault cloud.run.wait-b
objective wait stack 'timeout = "1s"' | submit wait
exits 1 "an objective whose time is over while it waits" "$PURSER" run --wait 20s
is "wait: failed with the class timeout" "$(class_of wait/wait)" timeout
ok "wait: nothing of it stands" stands step made

soon=$(($(date +%s) + 2))
when=$(date -u -d "@$soon" +%Y-%m-%dT%H:%M:%SZ)
objective queued thing "deadline = \"$when\"" | submit queued
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.base
{
	objective base thing
	objective upper thing "depends_on = [\"base\"]
deadline = \"$when\""
} | submit held
exits 1 "one fails, and holds another" "$PURSER" run --batch held
is "upper: held" "$(state held/upper)" held
passed() {
	[ "$(date +%s)" -gt "$soon" ]
}
wait_until 5 passed
exits 1 "the deadlines of two that have not begun have passed" "$PURSER" run --wait 5s
is "queued: failed" "$(state queued/queued)" failed
is "queued: with the class timeout" "$(class_of queued/queued)" timeout
is "queued: no tool was started" "$(calls cloud check queued)" 0
is "upper: failed" "$(state held/upper)" failed
is "upper: with the class timeout" "$(class_of held/upper)" timeout

exits 0 "the time of a retry begins anew" "$PURSER" retry wait/wait
mend cloud.run.wait-b
exits 0 "and now it is enough" "$PURSER" run --wait 20s

in_order
done_testing
