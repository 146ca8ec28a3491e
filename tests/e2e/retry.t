#!/bin/sh
# Retry: what may pass is tried again, later, at the step that failed; the delay is
# in the store, and no runner sleeps through it. Scripted tools.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 2
delay = "200ms"
max_delay = "1s"
jitter = 0
TOML

busy='refuse ServiceUnavailable "The service is unavailable."'

echo "$busy" | fault cloud.run.tower-b.1
echo "$busy" | fault cloud.run.tower-b.2
objective tower stack | submit tower
exits 0 "what fails twice, and may pass, is done at the third try" "$PURSER" run --wait 20s
is "the step that failed was run three times" "$(calls cloud run tower-b)" 3
is "the step before it only once" "$(calls cloud run tower-a)" 1
is "nothing was undone" "$(calls cloud undo tower-a)" 0
first=$(between "$(at cloud run tower-b 1 end)" "$(at cloud run tower-b 2 begin)")
second=$(between "$(at cloud run tower-b 2 end)" "$(at cloud run tower-b 3 begin)")
within "the first retry comes after the delay" "$first" 200 1500
within "the second after twice the delay" "$second" 400 2500
is "it was one attempt" "$(journal tower/tower 'len(o["attempts"])')" 1
is "each try is in the journal" \
	"$(journal tower/tower '[x["run"] for x in o["executions"] if x["act"] == "run" and x["step_name"] == "b"]')" "[1, 2, 3]"

echo "$busy" | fault cloud.run.lame
objective lame thing | submit lame
exits 1 "what never passes fails in the end" "$PURSER" run --wait 20s
is "after max_retries" "$(calls cloud run lame)" 3
is "its class is known" "$(value lame/lame 'o["failure"]["class"]')" transient
is "its code too" "$(value lame/lame 'o["failure"]["code"]')" ServiceUnavailable
mend cloud.run.lame
before=$(value lame/lame 'o["generation"]')
exits 0 "a person may have it tried again" "$PURSER" retry lame/lame
exits 0 "and then it is done" "$PURSER" run --wait 20s
is "in a new attempt" "$(journal lame/lame 'len(o["attempts"])')" 2
is "of the same generation" "$(value lame/lame 'o["generation"]')" "$before"
exits 2 "what has succeeded is not tried again" "$PURSER" retry lame/lame

echo 'refuse AuthorizationFailed "No."' | fault cloud.run.start.1
objective start thing | submit start
exits 1 "one that failed" "$PURSER" run
before=$(value start/start 'o["generation"]')
exits 0 "retry --from-start" "$PURSER" retry start/start --from-start
ok "is another generation" test "$(value start/start 'o["generation"]')" -gt "$before"
exits 0 "and is done" "$PURSER" run

for code in AuthorizationFailed QuotaExceeded RequestDisallowedByPolicy InvalidParameter; do
	name=$(echo "$code" | tr '[:upper:]' '[:lower:]')
	echo "refuse $code 'This is refused.'" | fault "cloud.run.$name"
	objective "$name" thing
done | submit never
exits 1 "what is not retriable fails" "$PURSER" run --wait 20s
is "all four at once" "$(count never failed)" 4
is "each was run once" "$(order cloud run | tr ' ' '\n' | grep -c -e failed -e exceeded -e policy -e invalid)" 4

echo 'refuse ServiceUnavailable "Come again. Retry-After: 2"' | fault cloud.run.header.1
echo 'refuse ServiceUnavailable "The operation can be retried in 2 seconds."' | fault cloud.run.words.1
{ objective header other && objective words thing; } | submit asked
exits 0 "a service that asks for time gets it" "$PURSER" run --wait 20s
for name in header words; do
	pause=$(between "$(at cloud run $name 1 end)" "$(at cloud run $name 2 begin)")
	within "$name: no sooner than it asked for, though max_delay is shorter" "$pause" 2000 8000
done

settings <<'TOML'
[retry]
delay = "1h"
max_delay = "1h"
TOML
echo "$busy" | fault cloud.run.later.1
objective later thing | submit later
exits 6 "a runner that does not wait ends, and says that work is left" timeout 10 "$PURSER" run
is "it is queued" "$(state later/later)" queued
ok "with a time before which it is not begun" test "$(value later/later 'o["not_before"] > ""')" = True
exits 6 "a later run finds it not due" timeout 10 "$PURSER" run
is "and runs nothing" "$(calls cloud run later)" 1
exits 0 "a person may have it tried at once" "$PURSER" retry later/later
exits 0 "and then it is done" timeout 10 "$PURSER" run
is "at the second try" "$(calls cloud run later)" 2
is "of the same attempt" "$(journal later/later 'len(o["attempts"])')" 1

echo "$busy" | fault cloud.run.wish-b
objective wish stack | submit wish
exits 6 "one that waits for its next try" timeout 10 "$PURSER" run
exits 2 "is not destroyed" "$PURSER" destroy wish/wish
exits 0 "but cancelled" "$PURSER" cancel wish/wish
exits 0 "the runner undoes it at once" timeout 10 "$PURSER" run
is "it is cancelled" "$(state wish/wish)" cancelled
is "the step was not tried again" "$(calls cloud run wish-b)" 1
is "the one before is undone" "$(calls cloud undo wish-a)" 1

settings <<'TOML'
[retry]
delay = "1s"
jitter = 0
TOML
echo "$busy" | fault cloud.run.again.1
objective again thing | submit again
"$PURSER" run > "$work/again.log" 2>&1 &
runner=$!
postponed() {
	[ "$(value again/again '(o["state"], o.get("not_before", "") > "")')" = "('queued', True)" ]
}
wait_until 10 postponed
report $? "a short delay is waited for"
kill_all "$runner"
exits 0 "but if the runner dies meanwhile, the next one goes on with it" "$PURSER" run --wait 20s
is "at the second try" "$(calls cloud run again)" 2
within "not before its time" "$(between "$(at cloud run again 1 end)" "$(at cloud run again 2 begin)")" 1000 8000

in_order
done_testing
