#!/bin/sh
# Throttling: when one answer asks for time, no tool of that subscription and
# provider starts before it has passed, in whichever runner; those of others do.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 3
delay = "100ms"
jitter = 0
TOML

# One objective of provider Alpha is refused; all others take their time.
for i in $(seq 1 14); do
	echo 'sleep 0.3' | fault "cloud.run.alpha$i"
	objective "alpha$i" thing
done > "$work/all"
for i in $(seq 1 6); do
	echo 'sleep 0.3' | fault "cloud.run.beta$i"
	objective "beta$i" other "priority = -10"
done >> "$work/all"
echo 'refuse TooManyRequests "Too many requests. Retry-After: 5"' | fault cloud.run.alpha1.1
submit many < "$work/all"

for i in 1 2 3; do
	"$PURSER" run --jobs 2 --wait 30s > "$work/runner$i.log" 2>&1 &
done
wait
is "twenty objectives in three runners" "$(count many succeeded)" 20
from=$(at cloud run alpha1 1 end)
to=$(at cloud run alpha1 2 begin)
within "the one that was told to wait did" "$(between "$from" "$to")" 5000 15000
# starts NAME: how many tools of such names began in the five seconds, less 100 ms for those under way.
starts() {
	awk -v from="$((from + 100))" -v to="$((from + 5000))" -v name="$1" \
		'$5 == "begin" && index($4, name) == 1 && $1 > from && $1 < to { print }' "$WORLD/journal"
}
is "no tool of its provider began in these 5 s" "$(starts alpha)" ""
within "those of another provider did" "$(starts beta | wc -l)" 1 100
ok "the audit tells why nothing happened" audit_has lane.throttled Test.Alpha

# It is in the store: it outlives the runner, and holds what is submitted meanwhile too.
echo 'refuse TooManyRequests "Too many requests. Retry-After: 3"' | fault cloud.run.gamma1.1
objective gamma1 thing | submit gamma
"$PURSER" run > "$work/gamma.log" 2>&1 &
runner=$!
wait_until 10 audit_has lane.throttled gamma1
report $? "throttled again"
kill_all "$runner"
{ objective gamma2 thing && objective delta other; } | submit after
exits 6 "the runner has died; another one finds what is not held back" "$PURSER" run
is "gamma2: not begun" "$(calls cloud check gamma2)" 0
is "delta, of another provider: done" "$(state after/delta)" succeeded
exits 0 "and all is done in the end" "$PURSER" run --wait 20s
within "not before the time" "$(between "$(at cloud run gamma1 1 end)" "$(at cloud check gamma2 1 begin)")" 3000 15000

# An undo, and a look, are told to wait as a run is.
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.back-c
echo 'refuse TooManyRequests "Too many requests. Retry-After: 2"' | fault cloud.undo.back-b.1
echo 'echo "ERROR: (TooManyRequests) Too many requests. Retry-After: 2" >&2; quit 1' | fault cloud.check.look.1
objective back stack | submit back
exits 1 "an undo that is throttled" "$PURSER" run --wait 20s
is "is tried again" "$(calls cloud undo back-b)" 2
within "when its time has come" "$(between "$(at cloud undo back-b 1 end)" "$(at cloud undo back-b 2 begin)")" 2000 15000
is "and nothing stands of it" "$(find "$WORLD/things" -name 'back-*')" ""
objective look thing | submit look
exits 0 "a look that is throttled" "$PURSER" run --wait 20s
within "waits too" "$(between "$(at cloud check look 1 end)" "$(at cloud check look 2 begin)")" 2000 15000

in_order
done_testing
