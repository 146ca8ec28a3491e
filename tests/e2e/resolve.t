#!/bin/sh
# In doubt, and no look tells: held for a person, who has two ways out.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 1
delay = "20ms"
max_delay = "50ms"
jitter = 0
TOML

# dark NAME: the answer of its run is lost, and from then on no look tells anything.
dark() {
	echo "${2:-}doubt" | fault "cloud.run.$1.1"
	echo '[ "$calls" -eq 1 ] || { echo "ERROR: (InternalError) Nothing can be told." >&2; quit 7; }' |
		fault "cloud.check.$1"
}

dark yes 'effect; '
dark no
{ objective yes once && objective no once && objective after thing 'depends_on = ["yes"]
parameters = { word = "${yes.outputs.name}" }'; } | submit doubt
exits 3 "in doubt, and nothing tells" "$PURSER" run --wait 20s
for name in yes no; do
	is "$name: held" "$(state doubt/$name)" held
	is "$name: in doubt" "$(value doubt/$name '[h["reason"] for h in o["holds"]]')" "['in_doubt']"
	is "$name: was run once" "$(calls cloud run $name)" 1
	within "$name: was looked for several times" "$(calls cloud check $name)" 3 10
done
exits 0 "show" "$PURSER" show doubt/yes
has "tells one way out" "$work/out" "--happened"
has "and the other" "$work/out" "--not-happened"
exits 3 "it stays held" "$PURSER" run
is "and nothing is done" "$(calls cloud run yes)" 1
exits 2 "cancel is refused: what is to be undone is not known" "$PURSER" cancel doubt/yes
is "and changes nothing" "$(state doubt/yes)" held
exits 2 "nor can it be destroyed" "$PURSER" destroy doubt/yes
exits 2 "nor retried" "$PURSER" retry doubt/yes

exits 2 "resolve wants one of the two ways" "$PURSER" resolve doubt/no
exits 2 "and not both" "$PURSER" resolve doubt/no --happened --not-happened
exits 2 "an output that it does not have" "$PURSER" resolve doubt/no --happened --output nonsense=1
exits 2 "a resource of what did not happen" "$PURSER" resolve doubt/no --not-happened --resource /world/no
is "it is held still" "$(state doubt/no)" held

rm -f "$WORLD"/faults/*
exits 0 "no: it did not happen" "$PURSER" resolve doubt/no --not-happened
exits 2 "that is said once" "$PURSER" resolve doubt/no --not-happened
exits 0 "yes: it happened" "$PURSER" resolve doubt/yes --happened --resource /world/yes \
	--output id=/world/yes --output name=called-so
exits 0 "both go on" "$PURSER" run --wait 20s
is "no: succeeded" "$(state doubt/no)" succeeded
is "no: was run again" "$(calls cloud run no)" 2
is "yes: succeeded" "$(state doubt/yes)" succeeded
is "yes: was not run again" "$(calls cloud run yes)" 1
is "yes: its outputs are those that were told" "$(value doubt/yes 'o["outputs"]["name"]')" called-so
is "yes: its resource is known" "$(value doubt/yes '[(r["id"], r["state"]) for r in o["resources"]]')" \
	"[('/world/yes', 'live')]"
is "after: what needs it was done" "$(state doubt/after)" succeeded
"$PURSER" log doubt/after --json > "$work/after.json"
has "after: with the output that was told" "$work/after.json" "word=called-so"
ok "the audit tells both" audit_has objective.resolved yes

exits 0 "what was resolved can be destroyed" "$PURSER" destroy --batch doubt
exits 0 "and is" "$PURSER" run --wait 20s
is "yes: destroyed" "$(state doubt/yes)" destroyed
ok "all of it is gone" stands

# What a person knows of belongs to one objective only, and is rolled back with it.
objective owner thing | submit owner
dark thief
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.half-c
echo 'effect; doubt' | fault cloud.run.half-b.1
echo '[ "$calls" -eq 1 ] || quit 7' | fault cloud.check.half-b
{ objective thief once && objective half stack; } | submit more
exits 3 "two more in doubt" "$PURSER" run --wait 20s
exits 2 "a resource of another objective cannot be claimed" \
	"$PURSER" resolve more/thief --happened --resource /world/owner
exits 0 "one in the middle of a stack did happen" "$PURSER" resolve more/half --happened --resource /world/half-b
exits 1 "and the step after it fails" "$PURSER" run --wait 20s
is "half: failed" "$(state more/half)" failed
ok "what was told of is undone with the rest" stands owner
is "in reverse order" "$(order cloud undo | tr ' ' '\n' | grep half | tr '\n' ' ')" "undo:half-b undo:half-a "

in_order
done_testing
