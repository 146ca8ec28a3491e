#!/bin/sh
# What finance people type and read: budget with its table and the ways out that
# it names, grant, verify, report; approve and reject; exit status 4. Machines in
# eastus cost a month: Standard_B1s 7.592, Standard_B2s 30.368.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export COLUMNS=80

# run STATUS TITLE ARGUMENT...
run() {
	wanted=$1
	title=$2
	shift 2
	exits "$wanted" "$title" "$PURSER" "$@"
}
# out REGEX | err REGEX: a line of the last stdout or stderr.
look() {
	grep -Eq -- "$2" "$work/$1"
	found=$?
	report $found "... $1 has /$2/"
	[ $found -eq 0 ] || sed 's/^/# /' "$work/$1" | head -n 40
}
out() {
	look out "$1"
}
err() {
	look err "$1"
}
no_out() {
	! grep -Eq -- "$1" "$work/out"
	report $? "... stdout has no /$1/"
}
# narrow [COLUMNS]: for ok; commands are there to be copied, and as long as they are.
narrow() {
	! grep -v '^ *purser ' "$work/out" | grep -E "^.{$((${1:-80} + 1))}"
}
# is_json EXPRESSION: for ok; of the last stdout as j, with D for exact decimals.
is_json() {
	/usr/bin/python3 -c '
import json, sys
from decimal import Decimal as D
j = json.load(open(sys.argv[1]))
sys.exit(not eval("(" + sys.argv[2] + ")"))' "$work/out" "$1"
}
# typed N PATTERN: types the N-th command of the last output that matches, as a shell reads it.
typed() {
	sed -n '/\\$/{N;s/\\\n *//;};s/   (.*//;s/^ *\(purser .*\)/\1/p' "$work/out" | grep -E -- "$2" |
		sed -n "$1{s,^purser,$PURSER,;p;}" > "$work/typed.sh"
	sh "$work/typed.sh"
}
# is_over SECOND: for wait_until.
# shellcheck disable=SC2317
is_over() {
	[ "$(date +%s)" -ge "$1" ]
}
# left TEXT: the last line of a run says so.
left() {
	tail -n 1 "$work/out" | grep -Fq -- "$1"
	report $? "... the last line says \"$1\""
}

# ---- before anything ----

run 0 'budget without limits' budget
out '^no limits are set'
err '\[budget\].*monthly_limit'
settings <<'TOML'
[budget]
monthly_limit = 100.0
daily_limit = 5
approval_above = 80
[budget.resource_groups]
"Test-RG" = 60.0
[budget.labels.team]
ml = 2000.0
TOML
run 0 'budget before the first day' budget
out '^SCOPE +LIMIT +COMMITTED +RESERVED +SPENT +FORECAST +USED$'
out '^global +100\.00 +0\.00 +0\.00 +0\.00 +0\.00  \.+ +0%$'
out '^global, a day +5\.00 +0\.00 +0\.00 +\.+ +0%$'
out '^group:test-rg +60\.00 '
out '^label:team=ml +2,000\.00 '
ok '... global comes first' test "$(sed -n '3s/ .*//p' "$work/out")" = global
ok '... fits 80 columns' narrow
run 0 '... and as JSON' budget --json
ok '... with each limit and its place' is_json \
	'[(s["scope"], s["period"], s["limit"]) for s in j["scopes"]] == [("global", "monthly", "100.00"),
	("global", "daily", "5.00"), ("group:test-rg", "monthly", "60.00"), ("label:team=ml", "monthly", "2000.00")]
	and all(":" in s["where"] for s in j["scopes"])'
run 0 'nothing to verify' budget verify
out '^ledger: it is empty'
run 0 'a report of nothing' budget report
out '^total +0\.00 '
ok '... and no store was made' test ! -e "$PURSER_STATE_DIR/purser.db"

# ---- held, and the ways out ----

{
	priced a1 Standard_B2s '' 'resource_group = "test-rg"'
	priced a2 Standard_B1s '' 'labels = { team = "ml" }'
	priced a3 Standard_B2s '' 'resource_group = "TEST-rg"
depends_on = ["a1"]'
} | submit one
run 4 'one of three is held for money: exit 4' run
left 'left: 1 held (for money)'
err '^next: purser why [0-9a-f]{8} '
err '^next: purser budget   \(1 waits for money\)$'
run 4 '... and of another run that is the end too' run --json
ok '... as JSON has it' grep -q '"waiting":{"approval":0,"budget":1,"unpriced":0}' "$work/out"
run 0 'budget' budget
out '^global +100\.00 +37\.96 +0\.00 +[0-9.]+ +[0-9.]+  #+\.+ +37%$'
out '^group:test-rg +60\.00 +30\.37 .* 50%$'
out '^Waiting for money$'
out '^  one/a3 \([0-9a-f]{8}\) asks for 30\.37 a month, held '
out '^    group:test-rg: run-rate would be 60\.74 of 60\.00, 0\.74 over$'
no_out 'purser destroy' # what it stands on itself is no way out
out '^      purser budget grant --scope group:test-rg --amount 0\.74 '
ok '... fits 80 columns' narrow
run 0 '... as JSON' budget --json
ok '... exactly' is_json '[(s["committed"], s["percent"]) for s in j["scopes"]][0] == ("37.96", "37.96")
	and j["waiting"]["budget"]["count"] == 1
	and j["waiting"]["budget"]["oldest"][0]["to_fit"][0]["missing"] == "0.736"'
for columns in 60 40; do
	exits 0 "at $columns columns" env COLUMNS=$columns "$PURSER" budget
	ok '... it fits' narrow $columns
	out '^global$'
done
run 0 'budget --all' budget --all
out '^group:test-rg '
run 0 'with everything that ever occurred' budget --all --json
ok '... limited or not' is_json '{"global", "group:test-rg", "label:team=ml"} == {s["scope"] for s in j["scopes"]}'
run 0 'show of what is held' show one/a3
out '^  asks for        30\.37 a month$'
out '^  rule            budget\.resource_groups\.Test-RG = 60\.00'
out '/config\.toml:[0-9]+:[0-9]+\)$'
err '^next: purser why '
run 0 'show of what stands' show one/a1
out '^  committed       30\.37 USD a month \(low 30\.37, expected 30\.37\)$'
run 0 'budget' budget
ok 'its grant is typed' typed 1 'budget grant'
run 0 '... and it fits' run
run 0 'budget tells of the grant' budget
out '^Grants$'
out '^  [0-9]+ group:test-rg: 0\.74 more until .*granted by NAME: TEXT$'
out '^group:test-rg +60\.74\+ '
no_out '^Waiting'

priced b1 Standard_B1s 'count = 5' | submit two
run 4 'one more is too dear' run
run 0 'budget' budget
out '^    global: run-rate would be 106\.29 of 100\.00, 6\.29 over$'
out '^      purser destroy one/a2   \(would free 7\.59\)$'
ok 'its first way is typed: the cheapest thing that is enough' typed 1 destroy
run 0 '... and it fits' run --wait 20s
is '... it stands' "$(state two/b1) $(state one/a2)" 'succeeded destroyed'
priced b2 Standard_B2s 'count = 2' | submit three
run 4 'the next one is dearer than each that stands' run
run 0 'budget' budget
out '^      purser destroy two/b1 one/a3   \(would free 68\.33\)$'
ok 'the fewest, and not what others stand on, are typed' typed 1 destroy
run 0 '... and it fits' run --wait 20s
is '... it stands' "$(state three/b2) $(state one/a3) $(state two/b1)" 'succeeded destroyed destroyed'
{ priced b3 Standard_B2s && priced b4 Standard_B1s 'count = 10'; } | submit four
run 4 'two more' run
run 0 'what waits may be refused' reject four/b3 four/b4 --by Bob --note 'not now'
out '^2 objectives rejected by Bob$'
is '... and fails' "$(state four/b3) $(state four/b4)" 'failed failed'
run 0 'then nothing waits' run
run 2 'what failed is not rejected again' reject four/b3 --by Bob
run 0 'budget verify' budget verify
out '^ledger: '
run 0 '... as JSON' budget verify --json
ok '... with counts' is_json 'j["proven"] and j["reservations"] == 5'

# ---- the limit of a day, and two limits ----

afresh
settings <<'TOML'
[budget]
daily_limit = 1.2
[budget.labels.team]
"data science" = 25.0
TOML
{ priced a Standard_B1s && priced b Standard_B1s && priced c Standard_B1s; } | submit day
run 0 'three in a day' run
priced d Standard_B2s '' 'labels = { team = "data science" }' | submit more
run 4 'a fourth breaks two limits' run
run 0 'budget' budget
out '^    global: run-rate a day would be 1\.75 of 1\.20, 0\.55 over$'
out '^    label:team=data science: run-rate would be 30\.37 of 25\.00, 5\.37 over$'
out "grant --scope 'label:team=data science' --amount 5\\.37"
ok 'both grants are typed' typed 1 'grant.*--daily'
run 4 '... one does not help' run
run 0 'budget' budget
ok '... the other' typed 1 'data science'
run 0 '... both do' run
is '... it stands' "$(state more/d)" succeeded

# ---- grant ----

# granted ARGUMENT...: by Zoe.
granted() {
	wanted=$1
	title=$2
	shift 2
	run "$wanted" "$title" budget grant --by Zoe "$@"
}

run 2 'a grant needs everything' budget grant --scope global --daily
err '--amount, --until and --reason'
run 2 'and a name' budget grant --scope global --daily --amount 5 --until +7d --reason test
err 'say who grants it: --by NAME'
granted 2 'a scope without a limit' --scope group:none --amount 5 --until +7d --reason test
err 'these have: label:team=data science$'
granted 2 'no scope' --scope all --amount 5 --until +7d --reason test
for amount in 0 -5 five 1e3 ''; do
	granted 2 "no amount: \"$amount\"" --scope global --daily "--amount=$amount" --until +7d --reason test
done
for until in 7 2020-01-01 tomorrow +0d; do
	granted 2 "no time to come: $until" --scope global --daily --amount 1 --until "$until" --reason test
done
run 0 'until a day, in the name of somebody' budget grant --scope global --daily --amount 1.5 --until 2099-12-31 \
	--reason 'the fair' --by Zoe --json
ok '... which belongs to it, and has a number' is_json 'j["until"].startswith("2100-01-01T00:00:00") and j["by"] == "Zoe" and j["number"] > 0
	and j["amount"] == "1.50" and D(j["limit"]) == D("1.2") + D("1.5") + D("0.55")'
granted 2 'the same once more' --scope global --daily --amount 1.5 --until 2099-12-31 --reason 'the fair'
err 'grant [0-9]+ is just like it \(by Zoe, .*--again'
granted 0 'another one for something else' --scope global --daily --amount 1.5 --until 2099-12-31 --reason 'a party'
out '^grant [0-9]+ by Zoe: global has 1\.50 USD a day more$'
out '^until 2100-01-01T00:00:00Z; its limit is 4\.75 a day now$'
granted 0 'and the same if it is meant' --scope global --daily --amount 1500 --until 2099-12-31 --reason 'the fair' --again
out '^grant [0-9]+ by Zoe: global has 1,500\.00 USD a day more$'
run 2 'an option of another action' budget verify --scope global
err 'verify takes no --scope'
run 2 'no such action' budget grants
printf '[azure]\nsubscription = "fake"\n' > "$PURSER_CONFIG"
run 0 'grants of limits that were taken away' budget
out '^  [0-9]+ label:team=data science: .*\(without$'
out '^  effect: no limit\), granted by NAME: TEXT$'
out '^no limits are set'

# ---- a limit that only warns ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 10
on_exceed = "warn"
TOML
priced a Standard_B2s | submit warned
for command in estimate plan; do
	run 0 "$command tells of a warning" $command --batch other "$work/warned.toml"
	ok '... apart from what would be held' sh -c "tr -d '#' < '$work/out' | tr -s '\\n ' '  ' |
		grep -q 'other/a would be admitted with a warning: global: 30.37 USD a month would be above the limit of 10.00'"
	no_out 'would be held'
done
run 0 'run goes on, and tells it' run --json
ok '... as an event' grep -q '"event":"warned".*30.37 USD' "$work/out"
is '... and it stands' "$(state warned/a)" succeeded

# ---- approve and reject ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 300
approval_above = 80
TOML
{
	priced big Standard_B2s 'count = 3'
	priced huge Standard_B2s 'count = 4'
	priced odd Standard_ND999_v9
	priced odder Standard_ND999_v9
} | submit ask
run 3 'four need a person: exit 3' run
left 'left: 4 held (2 for approval, 2 for a price)'
err '^next: purser approve [0-9a-f]{8} --by NAME'
err '^next: purser approve [0-9a-f]{8} --by NAME --amount AMOUNT'
run 0 'budget' budget
out '^Waiting for approval$'
out '^  ask/big .* asks for 91\.10 a month, held '
out '^    purser approve [0-9a-f]{8} --by NAME$'
out '^Waiting for a price$'
out '^    purser approve [0-9a-f]{8} --by NAME --amount AMOUNT   \(a month, at most\)$'
ok '... fits 80 columns' narrow
run 2 'approve without a name' approve ask/big
run 2 'of two one is wrong' approve ask/big ask/none --by Ann
is '... and none is approved' "$(holds ask/big)" approval
run 0 'one by its name' approve ask/big --by Ann --note 'for the fair' --until +7d
out '^1 objective approved by Ann'
err '^next: purser run$'
run 2 'all of a batch, of which some have no price' approve --batch ask --by Ann
is '... and none is approved' "$(holds ask/huge)" approval
run 0 'with an amount' approve --batch ask --by Ann --amount 121.5 --json
ok '... all that wait' is_json '[o["name"] for o in j] == ["huge", "odd", "odder"]
	and all(o["amount"] == "121.50" and not o["held_for"] for o in j)'
run 4 'they run into the limit' run
run 2 'nothing is left to approve' approve --batch ask --by Ann
run 0 'show' show ask/big
out '^  approved        up to 91\.10 USD a month by Ann, '
out '^                  budget\.approval_above = 80\.00$'
out '^                  for the fair$'
run 0 'and as JSON' show ask/big --json
ok '... exactly' is_json 'j["approvals"][0]["amount"] == "91.104" and j["reservations"][0]["state"] == "committed"'
run 0 'why of a price that somebody named' why ask/odd
out '^as approved +121\.50$|None: no other size'
run 0 'all of a batch is rejected' reject --batch ask --by Bob --json
ok '... that waits' is_json 'len(j) == 2 and all(o["state"] == "failed" for o in j)'

priced both Standard_B2s 'count = 11' | submit last
run 4 'one for two reasons' run
left 'left: 1 held (for money and approval)'
ok '... which one line tells' grep -Eq 'held: (approval|budget): .*; (approval|budget): ' "$work/out"
run 0 'an approval' approve last/both --by Ann --until +1s
out '^it is still held, for budget: an approval does not lift that$'
err '^next: purser why [0-9a-f]{8}   \(what would pass\)$'
run 0 'a rejection' reject last/both --by Bob
err '^next: purser show [0-9a-f]{8}$'
priced dear Standard_B1s 'count = 11' | submit dear
run 3 'one for a person' run
end=$(($(date +%s) + 2))
run 0 'an approval for a second' approve dear/dear --by Ann --until +1s
wait_until 5 is_over "$end"
run 3 'is over' run
run 0 'why names it' why dear/dear
out "Ann's approval of 83\\.51 ended on [0-9TZ:-]+$"

# ---- report ----

afresh
settings < /dev/null
{
	priced a Standard_B2s '' 'resource_group = "Web"
labels = { team = "=SUM(A1),\"x\"", capability = "c1" }'
	priced b Standard_B1s '' 'resource_group = "WEB"
labels = { team = "ml" }'
	priced c Standard_B1s 'egress_gb = 1000' 'labels = { team = "ml" }'
	priced d Standard_B1s
} | submit month
run 0 'four things' run
# As if they had stood for a while, in odd amounts, and the bill had come.
/usr/bin/python3 - "$PURSER_STATE_DIR/purser.db" <<'PY'
import sqlite3, sys, time
c = sqlite3.connect(sys.argv[1])
now = int(time.time() * 1000)
day = now // 86400000 * 86400000
c.execute("UPDATE reservations SET stood_ms = stood_ms - 1234567891 - seq, low = low / 3, expected = expected * 2 / 3")
c.execute("UPDATE reservations SET unpriced = 1 WHERE seq = 2")
first = c.execute("SELECT min(objective) FROM reservations").fetchone()[0]
row = "INSERT INTO charges (account, day_ms, resource, folded, objective, resource_group, service, amount) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
c.execute(row, ("s", day, "/x", "/x", first, "web", "vm", 5123456789))
c.execute(row, ("s", day, "/y", "/y", None, "other", "vm", -1500000001))
c.commit()
PY
cat > "$work/sums.py" <<'PY'
import csv, json, sys
from decimal import Decimal as D
columns = ("committed_monthly", "spent_low", "spent_expected", "spent_high", "actual", "objectives", "unpriced")
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
*parts, total = rows
assert total["row"] == "total" and all(r["row"] != "total" for r in parts), rows
for column in columns:
    assert sum(D(r[column] or 0) for r in parts) == D(total[column] or 0), column
assert D(total["actual"]) == D("3.623456788"), total
assert total["objectives"] == "4" and total["unpriced"] == "1", total
assert parts[-1]["row"] == "unmatched" and parts[-1]["actual"] == "-1.500000001", parts
assert parts[-1]["committed_monthly"] == parts[-1]["objectives"] == "", parts
j = json.load(open(sys.argv[2]))
assert not {"committed_monthly", "spent", "objectives"} & set(j["rows"][-1]), j
assert len(j["rows"]) == len(parts)
# What stands goes on costing from one report to the next: each is compared with itself.
for row, part in zip(j["rows"] + [j["total"]], rows):
    assert row.get("committed_monthly", "") == part["committed_monthly"], row
for bound in ("low", "expected", "high"):
    assert sum(D(row["spent"][bound]) for row in j["rows"][:-1]) == D(j["total"]["spent"][bound]) > 0, bound
PY
for by in resource_group capability objective team label:capability; do
	run 0 "report by $by" budget report --by $by
	ok '... fits 80 columns' narrow
	out '^\(unmatched\) +-1\.50$'
	run 0 '... for a spreadsheet' budget report --by $by --format csv
	cp "$work/out" "$work/$by.csv"
	run 0 '... as JSON' budget report --by $by --format json
	ok '... sums are exact' /usr/bin/python3 "$work/sums.py" "$work/$by.csv" "$work/out"
done
has 'a text is no formula' "$work/team.csv" "\"'=SUM(A1),\"\"x\"\"\""
has 'what has no such label' "$work/team.csv" ',none,(none),'
is 'groups are compared as Azure does' "$(grep -c ',named,web,' "$work/resource_group.csv")" 1
is 'what is unknown is not zero' "$(grep ',none,' "$work/resource_group.csv" | cut -d, -f9)" ''
run 0 'a month before' budget report --month 2020-02 --format csv
is '... cost nothing' "$(grep -c . "$work/out")" 2
for month in 2020-13 2020 november 2999-01; do
	run 2 "no month: $month" budget report --month $month
done
run 2 'a label that nothing has' budget report --by taem
err 'has a label "taem"; did you mean "team"\?'
run 2 'no format' budget report --format xml
run 5 'the ledger does not hide what was changed behind its back' budget verify
run 5 '... as JSON' budget verify --json
ok '... says what' is_json 'not j["proven"] and j["fault"]'
done_testing
