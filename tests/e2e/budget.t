#!/bin/sh
# Limits that cannot be passed: the faults E1 to E9 of runners before this one,
# one block each. Machines in eastus cost a month: Standard_B1ls 3.796,
# Standard_B1s 7.592, Standard_B2s 30.368, Standard_NC24ads_A100_v4 2681.29.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

# once BATCH: runs that batch alone, and what only waits does not count.
once() {
	"$PURSER" run --wait 20s --batch "$1"
}
# rows: so many the ledger has.
rows() {
	"$PURSER" audit show --json --limit 10000 --event reservation | wc -l
}
# records EVENT EXPRESSION: of the details of all such records of the audit as v, in Python.
records() {
	{
		echo '['
		"$PURSER" audit show --json --limit 10000 --event "$1" | sed 's/$/,/'
		echo 'null]'
	} > "$work/evaluate.json"
	evaluate "[$2 for v in [[r['details'] for r in o[:-1]]]][0]"
}

# ---- E1: spending is counted ----

settings <<'TOML'
[budget]
monthly_limit = 100.0
TOML
{ priced a1 Standard_B2s && priced a2 Standard_B2s && priced a3 Standard_B2s; } | submit one
exits 0 "E1: three that fit in are made" "$PURSER" run
is "E1: each of them counts" "$(total global)" 91.104
priced a4 Standard_B2s | submit two
exits 4 "E1: the next one would be over: exit 4" "$PURSER" run
is "E1: it is held" "$(state two/a4) $(holds two/a4)" "held budget"
is "E1: nothing of it was started" "$(calls cloud run a4)$(calls cloud check a4)" 00
is "E1: and it counts nothing" "$(total global)" 91.104
priced a5 Standard_B1s | submit three
exits 0 "E1: a smaller one still fits in" once three
is "E1: and counts" "$(total global)" 98.696
exits 4 "E1: another run changes nothing" "$PURSER" run
ok "E1: only what fitted in stands" stands a1 a2 a3 a5
is "E1: made and committed" "$(entries one/a1)" "held 30.368, committed 30.368"
balanced

# ---- E2: what is admitted is reserved at once ----

afresh
for name in a b c d e f g h i j k l; do
	priced "$name" Standard_B2s
done | submit many
for runner in first second; do
	"$PURSER" run --jobs 8 > "$work/$runner.log" 2>&1 &
done
wait
is "E2: two runners at once make as many as fit in" "$(count many succeeded)" 3
is "E2: and hold the others" "$(count many held)" 9
is "E2: no more is spent" "$(total global)" 91.104
balanced
afresh
printf '[budget]\nmonthly_limit = 40\n' | settings
echo 'pause go' | fault cloud.run.slow
priced slow Standard_B2s | submit slow
"$PURSER" run > "$work/slow.log" 2>&1 &
runner=$!
wait_until 10 was_called cloud run slow
report $? "E2: one is being made"
is "E2: its money is reserved" "$(total global) $(entries slow/slow)" "30.368 held 30.368"
priced next Standard_B2s | submit next
exits 4 "E2: the next one cannot have it too" once next
touch "$WORLD/go"
wait "$runner"
is "E2: it stands, and keeps its money" "$(total global) $(entries slow/slow)" "30.368 held 30.368, committed 30.368"
exits 4 "E2: the next one cannot have it later either" "$PURSER" run
ok "E2: one stands" stands slow
balanced

# ---- E3: all limits hold ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 110
[budget.resource_groups]
"Alpha" = 90
beta = 90
[budget.labels.team]
ml = 10
TOML
{
	priced a1 Standard_B2s 'count = 2' 'resource_group = "alpha"'
	priced a2 Standard_B2s '' 'resource_group = "ALPHA"'
} | submit alpha
exits 4 "E3: the limit of a group holds" "$PURSER" run
is "E3: whatever the case of its name" "$(refused alpha/a2 '[o["scope"] for o in d["objections"]]')" "['group:alpha']"
priced b1 Standard_B2s '' 'resource_group = "beta"' | submit beta1
exits 0 "E3: another group has its own" once beta1
priced b2 Standard_B2s '' 'resource_group = "beta"' | submit beta2
exits 4 "E3: but the total holds besides" once beta2
is "E3: as is said" "$(refused beta2/b2 '[o["scope"] for o in d["objections"]]')" "['global']"
priced c1 Standard_B1s '' 'labels = { team = "ml" }' | submit ml1
exits 0 "E3: a label has a limit" once ml1
priced c2 Standard_B1ls '' 'labels = { team = "ml" }' | submit ml2
exits 4 "E3: which holds too" once ml2
is "E3: alone" "$(refused ml2/c2 '[o["scope"] for o in d["objections"]]')" "['label:team=ml']"
is "E3: all of it is counted" \
	"$(total global) $(total group:alpha) $(total group:beta) $(total label:team=ml)" "98.696 60.736 30.368 7.592"
priced d1 Standard_B2s 'count = 4' 'resource_group = "alpha"
labels = { team = "ml" }' | submit all
exits 4 "E3: what breaks three limits" once all
is "E3: is told of all three" "$(refused all/d1 'sorted(o["scope"] for o in d["objections"] if o["measure"] == "run-rate")')" \
	"['global', 'group:alpha', 'label:team=ml']"
balanced

# ---- E4: it never fails open ----

afresh
printf '[budget]\nmonthly_limit = 10\n' | settings
{ priced held Standard_B2s && priced other Standard_B2s; } | submit b
exits 4 "E4: two wait for money" "$PURSER" run
priced ready Standard_B1ls | submit ready
priced late Standard_B1ls > "$work/late.toml"
before=$(rows)
: > "$WORLD/journal"

# stopped TITLE: with the configuration as it is each command that could spend ends with 2, and starts nothing.
# In make check each command is tried with some configurations, and each configuration with some commands.
turn=0
stopped() {
	got=
	want=
	for command in run "run --wait 5s" "submit --batch late $work/late.toml" "retry b/held" \
		"approve b/held --by Ann --amount 100" \
		"budget grant --scope global --amount 99 --until +1h --by Ann --reason r" \
		"reject b/other --by Ann" "resolve b/held --not-happened" "destroy b/other"; do
		turn=$((turn + 1))
		[ $((turn % 5)) -eq 0 ] || is_long || continue
		# shellcheck disable=SC2086
		timeout 30 "$PURSER" $command > "$work/stopped.out" 2>&1 < /dev/null
		got="$got$?"
		want="${want}2"
	done
	is "E4: $1" "$got $(wc -l < "$WORLD/journal")" "$want 0"
}
# broken TITLE TOML: with this configuration.
broken() {
	printf '%b\n' "$2" | settings
	stopped "$1"
}
broken "broken TOML" '[budget\nmonthly_limit = 10000'
broken "an unknown key" '[budget]\nmonthly_limit = 10000\nmonthly_limt = 1'
broken "a period that there is not" '[budget]\nweekly_limit = 10000'
broken "an unknown section" '[budgets]\nmonthly_limit = 10000'
broken "a negative limit" '[budget]\nmonthly_limit = -1'
broken "a negative daily limit" '[budget]\ndaily_limit = -0.01'
broken "a negative limit of a group" '[budget]\n[budget.resource_groups]\na = -5'
broken "a negative limit of a label" '[budget]\n[budget.labels.team]\nml = -5'
broken "not a number" '[budget]\nmonthly_limit = nan'
broken "infinite" '[budget]\nmonthly_limit = inf'
broken "infinite for a group" '[budget]\n[budget.resource_groups]\na = inf'
broken "a text that is no amount" '[budget]\nmonthly_limit = "plenty"'
broken "a text with a currency" '[budget]\nmonthly_limit = "100 USD"'
broken "an empty text" '[budget]\nmonthly_limit = ""'
broken "a list" '[budget]\nmonthly_limit = [10000]'
broken "a boolean" '[budget]\nmonthly_limit = true'
broken "a table" '[budget]\n[budget.monthly_limit]\nglobal = 10000'
broken "more than can be counted" '[budget]\nmonthly_limit = 1e300'
broken "finer than can be counted" '[budget]\nmonthly_limit = "0.0000000001"'
broken "groups that are no table" '[budget]\nresource_groups = 10000'
broken "a label that is no table" '[budget]\n[budget.labels]\nteam = 10000'
broken "a group twice" '[budget]\n[budget.resource_groups]\na = 1\nA = 10000'
broken "a threshold that is none" '[budget]\nmonthly_limit = 10000\nalert_thresholds = [50, "many"]'
broken "a negative threshold" '[budget]\nmonthly_limit = 10000\nalert_thresholds = [-50]'
broken "thresholds that are no list" '[budget]\nmonthly_limit = 10000\nalert_thresholds = 50'
broken "an unknown reaction" '[budget]\nmonthly_limit = 10000\non_exceed = "ignore"'
broken "another one" '[budget]\nmonthly_limit = 10000\nunpriced = "warn"'
broken "a negative amount for approval" '[budget]\nmonthly_limit = 10000\napproval_above = -1'
broken "another currency than the prices have" '[budget]\nmonthly_limit = 10000\ncurrency = "EUR"'
rm "$PURSER_CONFIG"
stopped "the file that was named is missing"
mkdir "$PURSER_CONFIG"
stopped "a folder in its place"
rmdir "$PURSER_CONFIG"
ln -s config.toml "$PURSER_CONFIG"
stopped "a file that cannot be read"
rm "$PURSER_CONFIG"
is "E4: nothing was reserved" "$(rows)" "$before"

printf '[budget]\nmonthly_limit = 0\n' | settings
exits 4 "E4: monthly_limit = 0: nothing may be spent" "$PURSER" run
printf '[budget]\ndaily_limit = 0\n' | settings
exits 4 "E4: daily_limit = 0: nothing may be spent" "$PURSER" run
printf '[budget]\ndaily_limit = "0.12479"\n' | settings
exits 4 "E4: a daily limit holds a day's part of the month" "$PURSER" run
ok "E4: nothing stands" stands
printf '[budget]\ndaily_limit = "0.1248"\n' | settings
exits 4 "E4: what keeps it is made" "$PURSER" run
ok "E4: and only that" stands ready
printf '[budget]\nmonthly_limit = 0\ndaily_limit = 0\n' | settings
objective free thing | submit free
exits 0 "E4: what costs nothing needs no money" once free
balanced

# ---- E5: the file is read, and thresholds are told ----

afresh
cat > "$work/bin/teller" <<END
#!/bin/sh
cat >> "$work/told"
END
chmod +x "$work/bin/teller"
# limits AMOUNT
limits() {
	settings <<TOML
[notify]
command = ["$work/bin/teller"]
[budget]
monthly_limit = $1
alert_thresholds = [10, 20, 30]
TOML
}
# announced: the thresholds of the audit, and of [notify].
announced() {
	echo "$(records budget.threshold '[float(d["threshold"]) for d in v]') $(/usr/bin/python3 -c '
import json, sys
print([float(r["threshold"]) for r in map(json.loads, open(sys.argv[1])) if r["event"] == "budget"])' "$work/told")"
}
: > "$work/told"
limits 100
priced a Standard_B1s | submit a
exits 0 "E5: 7.6 % of the limit" "$PURSER" run
is "E5: is below all thresholds" "$(announced)" "[] []"
priced b Standard_B1s | submit b
exits 0 "E5: 15 %" "$PURSER" run
is "E5: is above the first" "$(announced)" "[10.0] [10.0]"
{ priced c Standard_B1s && priced d Standard_B1s; } | submit cd
exits 0 "E5: 30 %" "$PURSER" run
is "E5: is above all three" "$(announced)" "[10.0, 20.0, 30.0] [10.0, 20.0, 30.0]"
exits 0 "E5: destroyed and made anew" "$PURSER" destroy --batch cd
exits 0 "E5: ..." "$PURSER" run --wait 20s
{ priced c Standard_B1s && priced d Standard_B1s; } | submit cd2
exits 0 "E5: ..." "$PURSER" run
is "E5: says nothing new" "$(announced)" "[10.0, 20.0, 30.0] [10.0, 20.0, 30.0]"
is "E5: of the scope that it is" "$(records budget.threshold '{d["scope"] for d in v}')" "{'global'}"
balanced
afresh
: > "$work/told"
limits 75.92
priced a Standard_B2s | submit a
exits 0 "E5: 40 % at once" "$PURSER" run
is "E5: all three are told, once each" "$(announced)" "[10.0, 20.0, 30.0] [10.0, 20.0, 30.0]"
limits 30
exits 0 "E5: the limit is lowered below what stands" "$PURSER" run
is "E5: which the same month does not tell again" "$(announced)" "[10.0, 20.0, 30.0] [10.0, 20.0, 30.0]"
is "E5: but the rules are" "$(records budget.rules '[d["limits"][0]["amount"] for d in v]')" "['75.92', '30.00']"
ok "E5: what stands is left alone" stands a
balanced

# A runner that stays has read the file long ago: other rules are in force for it too.
afresh
printf '[budget]\nmonthly_limit = 100\n' | settings
"$PURSER" run --watch > "$work/watch.log" 2>&1 &
runner=$!
has_rules() {
	[ "$(records budget.rules 'len(v)')" = "$1" ]
}
is_decided() {
	case "$(state "$1")" in
	queued | running) return 1 ;;
	esac
}
wait_until 10 has_rules 1
report $? "E5: a runner stays"
printf '[budget]\nmonthly_limit = 10\n' | settings
exits 0 "E5: another one comes with a lower limit" "$PURSER" run
ok "E5: which is in force then" has_rules 2
priced late Standard_B2s | submit late
wait_until 10 is_decided late/late
is "E5: for the one that stays too" "$(state late/late) $(holds late/late) $(total global)" "held budget 0.00"
printf '[budget]\nmonthly_limit = 50\n' | settings
"$PURSER" run --wait 20s > "$work/other.log" 2>&1
wait_until 10 is_decided late/late
is "E5: and so is a higher one" "$(state late/late) $(total global)" "succeeded 30.368"
kill "$runner"
wait "$runner"
is "E5: it stays until it is ended" $? 0
balanced

# ---- E6: nothing goes by it ----

afresh
cp -R "$PURSER_TEMPLATES/thing" "$work/silent"
mkdir "$work/own"
mv "$work/silent" "$work/own/silent"
sed -i 's/^name = "thing"/name = "silent"/; /^cost = /d' "$work/own/silent/capability.toml"
printf '[budget]\nmonthly_limit = 1000\n[templates]\nfolders = ["%s"]\n' "$work/own" | settings
objective a silent | submit silent
exits 3 "E6: without a cost factor" "$PURSER" run
is "E6: it is held" "$(state silent/a) $(holds silent/a)" "held unpriced"
priced b Standard_ND999_v9 | submit unknown
exits 3 "E6: an unknown size" "$PURSER" run
is "E6: is held" "$(state unknown/b) $(holds unknown/b)" "held unpriced"
priced c Standard_NC24ads_A100_v4 'count = 40' | submit gpus
exits 4 "E6: forty large ones" once gpus
is "E6: are held" "$(state gpus/c) $(holds gpus/c)" "held budget"
is "E6: at their full price" "$(refused gpus/c 'd["monthly"]["high"]')" 107251.60
is "E6: nothing was started" "$(order cloud check cloud run)" ""
priced d Standard_B1s 'count = -1' > "$work/minus.toml"
exits 2 "E6: a negative count is refused at submission" "$PURSER" submit --batch minus "$work/minus.toml"
priced d Standard_B1s 'egress_gb = -1000000' > "$work/minus.toml"
exits 2 "E6: a negative amount too" "$PURSER" submit --batch minus "$work/minus.toml"

priced e Standard_B1s | submit counted
echo 'effect; doubt' | fault cloud.run.e
exits 0 "E6: one whose result had to be looked for" once counted
is "E6: is charged once" "$(entries counted/e)" "held 7.592, committed 7.592"
before=$(rows)
for command in "plan $work/counted.toml" "estimate counted/e" "show counted/e" list budget; do
	# shellcheck disable=SC2086
	"$PURSER" $command > "$work/look.log" 2>&1
done
exits 0 "E6: whoever looks, and runs again" once counted
exits 0 "E6: or destroys" "$PURSER" destroy counted/e
is "E6: charges nothing" "$(rows)" "$before"
exits 0 "E6: what is destroyed" once counted
is "E6: is settled, and charges nothing" "$(entries counted/e)" "held 7.592, committed 7.592, settled 0.00"
is "E6: no more is held" "$(total global)" 0.00
balanced

# ---- E7: whole numbers ----

afresh
printf '[budget]\n' | settings
for i in 1 2 3 4 5 6 7; do
	priced "s$i" Standard_B1s "count = $i, egress_gb = 0.$i" "resource_group = \"g$((i % 2))\""
done | submit sums
exits 0 "E7: without a budget all is made" "$PURSER" run
is "E7: and sums are exact" "$(total global)" \
	"$("$PURSER" estimate "$work/sums.toml" --batch x --json | /usr/bin/python3 -c '
import json, sys
from decimal import Decimal
print(sum(Decimal(c["monthly"]["high"]) for o in json.load(sys.stdin)["objectives"] for c in o["estimate"]["components"]))')"
balanced
priced text Standard_B1s 'count = "3"' > "$work/text.toml"
exits 2 "E7: a count that is a text" "$PURSER" submit --batch text "$work/text.toml"
ok "E7: is told with its place" grep -Eq 'text\.toml:[0-9]+:[0-9]+: .*count' "$work/err"

afresh
for amount in 500.0 '"500.00"' 500 '"500"'; do
	printf '[budget]\nmonthly_limit = %s\n' "$amount" | settings
	"$PURSER" run > "$work/amount.log" 2>&1
done
is "E7: 500.0, \"500.00\" and 500 are the same" "$(records budget.rules '[d["limits"][0]["amount"] for d in v]')" "['500.00']"
for amount in 30.368 '"30.368"' '"30.368000000"' 30.3680; do
	afresh
	printf '[budget]\nmonthly_limit = %s\n' "$amount" | settings
	priced exact Standard_B2s | submit exact
	exits 0 "E7: 30.368 fits into $amount" "$PURSER" run
done
afresh
printf '[budget]\nmonthly_limit = "30.367999999"\n' | settings
priced exact Standard_B2s | submit exact
exits 4 "E7: and not into a nano-unit less" "$PURSER" run

# ---- E8: where it is, and how much ----

afresh
printf '[budget]\nmonthly_limit = 8\n' | settings
REGION=westeurope priced west Standard_B1s | submit west
exits 4 "E8: 8.76 in westeurope" "$PURSER" run
is "E8: is the price that is checked" "$(refused west/west 'd["monthly"]["high"]')" 8.76
priced east Standard_B1s | submit east
exits 0 "E8: 7.592 in eastus" once east
is "E8: is another" "$(total global)" 7.592
settings < /dev/null
exits 2 "E4: limits in force do not vanish with their section" "$PURSER" run
has "it says how to go on without" "$work/err" "write an empty [budget]"
printf '[budget]\n' | settings
priced much Standard_B1s 'egress_gb = 204800' | submit much
exits 0 "E8: 200 TB" once much
is "E8: follow their tiers" "$(entries much/much | sed 's/.*committed //')" "$(/usr/bin/python3 - "$srcdir/pricing/data/azure_other.csv" <<'PY'
import csv, sys
from decimal import Decimal as D
rows = sorted((D(r["tier_from"]), D(r["usd_per_unit"])) for r in csv.DictReader(open(sys.argv[1]))
              if (r["product"], r["meter"], r["region"]) == ("Rtn Preference: MGN", "Standard Data Transfer Out", "eastus"))
rows = [(start if price != rows[1][1] else D(0), price) for start, price in rows if price]  # no free allowance
ends = [start for start, _ in rows[1:]] + [D(10) ** 9]
print((sum((min(end, D(204800)) - start) * price for (start, price), end in zip(rows, ends) if start < 204800)
       + D("7.592")).normalize())
PY
)"
balanced

# ---- E9: why ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 40
TOML
{ priced a Standard_B2s && priced b Standard_B1s 'count = 2' 'resource_group = "rg"'; } | submit why
exits 4 "E9: one of two is held" "$PURSER" run
is "E9: the audit has the decision" "$(refused why/b 'd["decision"]')" hold
is "E9: the figures" \
	"$(refused why/b '[(o["measure"], o["limit"], o["before"], o["after"]) for o in d["objections"][:1]]')" \
	"[('run-rate', '40.00', '30.368', '45.552')]"
is "E9: the rule" "$(refused why/b 'd["objections"][0]["rule"]')" "budget.monthly_limit = 40.00"
is "E9: and its place" "$(refused why/b 'd["objections"][0]["where"].rsplit(":", 1)[0]')" "$PURSER_CONFIG:4"
has "E9: people are told too" "$work/out" "why/b"
exits 0 "E9: why" "$PURSER" why why/b
has "E9: tells the place" "$work/out" "config.toml:4"
balanced
done_testing
