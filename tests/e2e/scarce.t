#!/bin/sh
# Sizes of machines that cannot be had: remembered for region and zone, told before they
# are asked for again, and replaced where the objective allows others. Machines in eastus
# cost a month: Standard_B1s 7.592, Standard_B2s 30.368, Standard_NC24ads_A100_v4 2681.29.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

settings <<'TOML'
[budget]
monthly_limit = 100.0
TOML
# machine NAME SIZE [ALTERNATIVES [PARAMETERS]]
machine() {
	objective "$1" priced "region = \"eastus\"
${3:+alternatives = [$3]}
parameters = { size = \"$2\"${4:+, $4} }"
}
# scarce EXPRESSION: of failures scarce --json as o, in Python
scarce() {
	"$PURSER" failures scarce --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$1"
}
# sizes OBJECTIVE: of its attempts
sizes() {
	value "$1" '[a.get("size") for a in o["attempts"]]'
}
# made OBJECTIVE: the sizes that the world was asked for
made() {
	journal "$1" '[w for x in o["executions"] if x["act"] == "run" for w in x["argv"] if w.startswith("size=")]'
}
soldout='refuse SkuNotAvailable "The requested size for this resource is currently not available in location eastus."'

exits 0 "nothing is scarce on the first day" "$PURSER" failures scarce
has "and that is said" "$work/out" "nothing is known to be scarce"

# ---- one that allows no other ----

echo "$soldout" | fault cloud.run.plain
machine plain Standard_B2s | submit plain
exits 1 "one that cannot be had fails" "$PURSER" run
is "it is remembered" "$(scarce '[(s["size"], s["region"], s["class"], s["code"], s["times"]) for s in o]')" \
	"[('Standard_B2s', 'eastus', 'capacity', 'SkuNotAvailable', 1)]"
is "for a day" "$(scarce 'o[0]["until"] > o[0]["seen"]')" True
exits 0 "it is told" "$PURSER" failures scarce
ok "with its code" grep -q "Standard_B2s .*eastus .*SkuNotAvailable" "$work/out"

machine next Standard_b2s > "$work/next.toml"
exits 0 "plan" "$PURSER" plan "$work/next.toml"
has "warns of it before it is asked for again" "$work/out" "# size: Standard_B2s could not be had in eastus at "
exits 0 "estimate" "$PURSER" estimate "$work/next.toml"
has "does so too" "$work/out" "Standard_B2s could not be had in eastus at "
is "and as JSON" "$("$PURSER" estimate --json "$work/next.toml" > "$work/evaluate.json" && evaluate 'len(o["objectives"][0]["notes"])')" 1
machine elsewhere Standard_B2s | sed 's/eastus/westus2/' > "$work/elsewhere.toml"
"$PURSER" plan "$work/elsewhere.toml" > "$work/elsewhere.out"
ok "not of another region" sh -c '! grep -q "could not be had" "$0"' "$work/elsewhere.out"

# ---- one that allows others ----

machine wise Standard_B2s '"Standard_NC24ads_A100_v4", "Standard_B1s"' > "$work/asked.toml"
exits 0 "plan of one that allows others" "$PURSER" plan "$work/asked.toml"
has "tells which takes its place" "$work/out" "# size: Standard_B1s takes the place of Standard_B2s"
has "and which the budget would not admit" "$work/out" "# size: Standard_NC24ads_A100_v4 would be held: "
exits 0 "estimate" "$PURSER" estimate "$work/asked.toml"
has "has the price of that" "$work/out" "7.59"
submit wise < "$work/asked.toml"
exits 0 "it is made with the first that can be afforded, at once" "$PURSER" run
is "nothing was tried that could not be had" "$(sizes wise/wise)" "['Standard_B1s']"
has "that is told" "$work/out" "Standard_B1s takes the place of Standard_B2s, which could not be had"
is "that is what was made" "$(made wise/wise)" "['size=Standard_B1s']"
is "its price is what counts" "$(total global)" 7.592
is "it is shown with what was asked for" \
	"$(value wise/wise '(o["parameters"]["size"], o["instead"]["asked"])')" "('Standard_B1s', 'Standard_B2s')"
exits 0 "show" "$PURSER" show wise/wise
has "tells it to people" "$work/out" "size = Standard_B1s, because Standard_B2s could not be had"
has "and why" "$work/out" "size: Standard_B2s could not be had in eastus at"

# ---- one that is the first to meet it ----

exits 0 "a person says that it is to be had again" "$PURSER" failures forget standard_b2s "East US"
is "it is forgotten" "$(scarce 'o')" "[]"
ok "with an audit record" sh -c '"$PURSER" audit --json | grep -q scarcity.forgotten'
exits 2 "twice is a slip" "$PURSER" failures forget Standard_B2s

echo "$soldout" | fault cloud.run.first.1
machine first Standard_B2s '"Standard_B1s"' | submit first
exits 0 "it falls back to the next size" "$PURSER" run --wait 20s
is "after the one that was asked for" "$(sizes first/first)" "['Standard_B2s', 'Standard_B1s']"
is "the reservation became that of the next one" "$(entries first/first)" \
	"held 30.368, adjusted 7.592, committed 7.592"
is "what resolved it is known" "$("$PURSER" failures --json > "$work/evaluate.json" && evaluate '[k["became"]["resolved"] for k in o]')" "[1]"
signature=$("$PURSER" failures --json > "$work/evaluate.json" && evaluate 'o[0]["signature"]')
"$PURSER" failures show "$signature" --json > "$work/evaluate.json"
is "another size" "$(evaluate '[(r["by"], r["detail"]) for r in o["resolved"]]')" "[('parameter', 'size = Standard_B1s')]"
ok "the audit has the size of each attempt" \
	sh -c '"$PURSER" audit --json | grep "attempt.started" | grep -q "\"size\":\"Standard_B1s\""'

# ---- all of them are gone ----

echo "$soldout" | fault cloud.run.none
machine none Standard_B2s '"Standard_B1s", "Standard_B1ls"' | submit none
exits 1 "where none can be had it fails" "$PURSER" run --wait 20s
is "each was tried once, the one that is known to be scarce at last" "$(sizes none/none)" \
	"['Standard_B1s', 'Standard_B1ls', 'Standard_B2s']"
is "with the failure of the last" "$(value none/none 'o["failure"]["code"]')" SkuNotAvailable
is "nothing is reserved" "$(entries none/none)" \
	"held 7.592, adjusted 3.796, adjusted 30.368, released 0.00"
is "all three are remembered" "$(scarce 'sorted(s["size"] for s in o)')" \
	"['Standard_B1ls', 'Standard_B1s', 'Standard_B2s']"
mend cloud.run.none
exits 0 "a person wants it tried again" "$PURSER" retry none/none
exits 0 "and now it can be had" "$PURSER" run --wait 20s
is "as it was asked for" "$(value none/none '(o["parameters"]["size"], o.get("instead"))')" "('Standard_B2s', None)"
is "that is not scarce any more" "$(scarce 'sorted(s["size"] for s in o)')" "['Standard_B1ls', 'Standard_B1s']"

# ---- what only the budget hinders ----

"$PURSER" failures forget Standard_B1s > "$work/forget.log" 2>&1
echo "$soldout" | fault cloud.run.dear.1
machine dear Standard_B1s '"Standard_NC24ads_A100_v4"' | submit dear
exits 4 "where no other can be afforded it waits for the money" "$PURSER" run --wait 20s
is "held for the alternative" "$(state dear/dear) $(holds dear/dear)" "held budget"
ok "which is told" grep -q "dear/dear .*held.*budget" "$work/out"
settings <<'TOML'
[budget]
monthly_limit = 5000.0
TOML
exits 0 "with the money it is made" "$PURSER" run --wait 20s
is "with the alternative" "$(sizes dear/dear)" "['Standard_B1s', 'Standard_NC24ads_A100_v4']"

# ---- what is remembered is no refusal ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 100.0
on_exceed = "deny"
TOML
echo "$soldout" | fault cloud.run.probe
machine probe Standard_B1ms | submit probe
"$PURSER" run > "$work/run.log" 2>&1
machine patient Standard_B1ms '"Standard_NC24ads_A100_v4"' | submit patient
exits 0 "where no other is admitted it is asked for all the same" "$PURSER" run --wait 20s
is "and was to be had" "$(made patient/patient)" "['size=Standard_B1ms']"
is "which is remembered instead" "$(scarce '[s for s in o if s["size"] == "Standard_B1ms"]')" "[]"

settings <<'TOML'
[budget]
monthly_limit = 100.0
on_exceed = "deny"
approval_above = 50.0
TOML
echo "$soldout" | fault cloud.run.choosy.1
machine choosy Standard_B1ms '"Standard_NC24ads_A100_v4", "Standard_B2ms"' | submit choosy
exits 3 "one that only waits for a person" "$PURSER" run --wait 20s
is "is asked for before one that nobody may have" "$(holds choosy/choosy)" "approval"
is "and is shown" "$(value choosy/choosy 'o["parameters"]["size"]')" Standard_B2ms
exits 0 "why" "$PURSER" why choosy/choosy
has "tells its price" "$work/out" "60.74"
exits 0 "plan" "$PURSER" plan choosy/choosy
has "shows it" "$work/out" "size=Standard_B2ms"
exits 0 "estimate" "$PURSER" estimate choosy/choosy
has "its price" "$work/out" "60.74"
exits 0 "a person approves" "$PURSER" approve choosy/choosy --by ann
exits 0 "and it is made" "$PURSER" run --wait 20s
is "so" "$(made choosy/choosy)" "['size=Standard_B1ms', 'size=Standard_B2ms']"

# ---- two want the same money ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 70.0
TOML
echo "$soldout" | fault cloud.run.scout
machine scout Standard_B1s | submit scout
"$PURSER" run > "$work/run.log" 2>&1
{
	machine one Standard_B1s '"Standard_B2ms", "Standard_B1ls"'
	machine two Standard_B1s '"Standard_B2ms", "Standard_B1ls"'
} | submit both
exits 0 "each is made with what there is money for" "$PURSER" run --wait 20s
is "one with the first, one with the next" "$(total global)" 64.532
balanced

# ---- what stands keeps its size ----

afresh
settings <<'TOML'
TOML
echo 'refuse AuthorizationFailed "Not all of it."' | fault az.run.az-half
objective half priced_either 'region = "eastus"
strategy = "azure_cli"
on_failure = "keep"
alternatives = ["Standard_B1ls"]
parameters = { size = "Standard_B1s" }' | submit half
"$PURSER" run --wait 20s > "$work/run.log" 2>&1
echo "$soldout" | fault cloud.run.scout
machine scout Standard_B1s | submit scout
"$PURSER" run > "$work/run.log" 2>&1
ok "half of it stands" stands az-half-ground
mend az.run.az-half
"$PURSER" retry half/half > "$work/retry.log" 2>&1
"$PURSER" run --wait 20s > "$work/run.log" 2>&1
is "a size that is scarce by now does not become another" \
	"$(value half/half '(o["state"], o["parameters"]["size"])')" "('succeeded', 'Standard_B1s')"

# ---- other failures ----

"$PURSER" failures forget Standard_B1s > "$work/forget.log" 2>&1
echo 'refuse AuthorizationFailed "The client may not do this."' | fault cloud.run.rights
machine rights Standard_B1s '"Standard_B1ls"' | submit rights
exits 1 "what is no lack of machines" "$PURSER" run --wait 20s
is "is no reason for another one" "$(sizes rights/rights)" "['Standard_B1s']"

# ---- what waiting costs ----

echo 'doubt' | fault cloud.run.dark
echo '[ "$calls" -eq 1 ] || { echo "ERROR: (InternalError) Nothing can be told." >&2; quit 7; }' | fault cloud.check.dark
{
	machine dark Standard_B2s
	objective after thing 'depends_on = ["dark"]'
	objective later thing 'depends_on = ["after"]'
} | submit dark
exits 3 "one in doubt waits for a person" "$PURSER" run --wait 20s
exits 0 "show" "$PURSER" show dark/dark
has "tells what it holds meanwhile" "$work/out" "it holds        30.37 USD a month of the budget, which nobody else can use"
ok "and whom it holds up" grep -Eq "it holds up +after \([0-9a-f]{8}\), later \([0-9a-f]{8}\)" "$work/out"
is "also as JSON" "$(value dark/dark '(o["while_it_waits"]["stands"], o["while_it_waits"]["monthly"], len(o["while_it_waits"]["holds_up"]))')" \
	"(False, '30.368', 2)"
rm -f "$WORLD"/faults/*.dark
exits 0 "it did not happen" "$PURSER" resolve dark/dark --not-happened
exits 0 "and is made" "$PURSER" run --wait 20s
echo 'refuse ScopeLocked "The scope is locked."' | fault cloud.undo.dark
exits 0 "it is to be destroyed" "$PURSER" destroy dark/dark --cascade
exits 1 "but cannot be" "$PURSER" run --wait 20s
exits 0 "show" "$PURSER" show dark/dark
has "tells what it costs meanwhile" "$work/out" "it costs        1.00 USD a day at most, 0.0"
mend cloud.undo.dark
exits 0 "it is to be destroyed" "$PURSER" destroy dark/dark
exits 0 "and is" "$PURSER" run --wait 20s
exits 0 "show" "$PURSER" show dark/dark
ok "nothing waits any more" sh -c '! grep -q "While it waits" "$0"' "$work/out"

# ---- bad input ----

machine bad Standard_B1s '"Standard_B1s", "${x.outputs.id}", "Standard_B2s", "standard_b2s"' > "$work/bad.toml"
exits 2 "what is no alternative is refused" "$PURSER" plan "$work/bad.toml"
has "the one that is asked for" "$work/err" 'bad.toml:5:17: the alternative "Standard_B1s" is the size that is asked for'
has "a reference" "$work/err" 'the alternative "${x.outputs.id}" is a reference'
has "one that is there twice" "$work/err" 'the alternative "standard_b2s" is there twice'
objective odd thing 'alternatives = ["Standard_B1s"]' > "$work/odd.toml"
exits 2 "what has no machine has no alternatives" "$PURSER" plan "$work/odd.toml"
has "that is told" "$work/err" '"thing" has no machine whose size could be another'
objective lake databricks_workspace 'region = "eastus"
resource_group = "rg"
alternatives = ["Standard_D4s_v5"]
parameters = { node_size = "Standard_DS3_v2", dbu_per_node_hour = 0.75 }' > "$work/lake.toml"
exits 2 "nor has what is priced for one size only" env PURSER_TEMPLATES="$srcdir/templates" "$PURSER" plan "$work/lake.toml"
has "which is told as well" "$work/err" '"dbu_per_node_hour" is right for one node_size only'
balanced
done_testing
