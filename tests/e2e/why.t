#!/bin/sh
# why: what holds an objective, where that stands, and changes that really would
# pass: they are submitted. Machines in eastus cost a month: Standard_B1s 7.592,
# Standard_B2s 30.368; in westeurope, Standard_D2s_v5 is dearer than in eastus.
# Python expressions are quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export COLUMNS=80
cd "$work" || exit 1

# why OBJECTIVE: one test; what it prints is in $work/out, what comes next in $work/err.
why() {
	exits 0 "why $1" "$PURSER" why "$1"
	# An id and a command must stay whole to be copied.
	awk 'length > 80 { exit 1 }' "$work/out"
	report $? "... fits 80 columns"
}

# line REGEX: one test; stdout has it, wherever its lines are broken.
line() {
	tr -s '\n ' '  ' < "$work/out" | grep -Eq -- "$1"
	found=$?
	report "$found" "... tells /$1/"
	[ "$found" -eq 0 ] || sed 's/^/# /' "$work/out"
}

# no_line REGEX
no_line() {
	! tr -s '\n ' '  ' < "$work/out" | grep -Eq -- "$1"
	report $? "... tells no /$1/"
}

# facts OBJECTIVE EXPRESSION: of why --json as o.
facts() {
	"$PURSER" why "$1" --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$2"
}

# ---- over the limit: fewer, or smaller ----

settings <<'TOML'
[budget]
monthly_limit = 100.0
TOML
priced web Standard_B2s 'count = 4' > web.toml
exits 0 "an estimate tells what a submission would meet, before there is a store" \
	"$PURSER" estimate --batch one web.toml
line 'one/web would be held: global: 121\.47 USD a month .* \(.*config\.toml:4:[0-9]+\)'
ok "... and made none" test ! -e "$PURSER_STATE_DIR"
exits 0 "so does a plan" "$PURSER" plan --batch one web.toml
line '# one/web would be held: global: 121\.47 USD a month'
{ cat web.toml && priced last Standard_B1s; } | submit one
exits 0 "of several each counts" "$PURSER" estimate --json --batch x one.toml
is "... the second fits in" "$(/usr/bin/python3 -c 'import json, sys
print([o["budget"]["verdict"] for o in json.load(open(sys.argv[1]))["objectives"]])' "$work/out")" "['hold', 'admit']"
why one/web
line 'one/web \([0-9a-f]{8}\) queued'
line 'now global: 121\.47 USD a month would be above the limit of 100\.00'
exits 4 "the run holds it" "$PURSER" run
why one/web
line 'held'
line 'budget global: 121\.47 USD a month would be above the limit of 100\.00 \([0-9.]+ now, 121\.47 more\)'
line 'budget\.monthly_limit = 100\.00, [^ ]*config\.toml:4:[0-9]+'
line 'as it is asked for 121\.47 '
line 'CHANGE VCPUS GIB A MONTH SAVES'
line 'count: 4 -> 3 91\.10 30\.37'
line 'size: Standard_B2s -> Standard_B1s 2 -> 1 4 -> 1 30\.37 91\.10 The other size has less than half the memory\.'
has "... and what to type: cancel" "$work/err" "next: purser cancel"
has "... submit" "$work/err" "next: purser submit FILE   (with count = 3)"
has "... or a grant" "$work/err" "next: purser budget grant --scope global --amount 29.07 --until +7d --by NAME --reason TEXT"
is "in JSON amounts are exact" "$(facts one/web '[(c["kind"], c["to"], c["monthly"]["high"], c["saves"]) for c in o["changes"]]')" \
	"[('fewer', '3', '91.104', '30.368'), ('size', 'Standard_B1s', '30.368', '91.104')]"
is "... the rule and its place too" \
	"$(facts one/web 'o["holds"][0]["reason"], o["holds"][0]["objections"][0]["rule"], o["holds"][0]["objections"][0]["where"].rsplit(":", 1)[0].rsplit("/", 1)[1]')" \
	"('budget', 'budget.monthly_limit = 100.00', 'config.toml:4')"
exits 0 "an estimate of it tells the same" "$PURSER" estimate one/web
line 'one/web would be held: global: 129\.06 USD a month'
"$PURSER" cancel one/web > "$work/cancel.log" 2>&1
priced web Standard_B2s 'count = 3' | submit two
exits 0 "what was advised passes" "$PURSER" run --wait 20s --batch two
is "... and stands" "$(state two/web)" succeeded
why two/web
line 'it is done: it succeeded'

# ---- each kind of change is tried against the scopes that bind ----

afresh
settings <<'TOML'
[budget.labels.team]
ml = 66.0
TOML
REGION=westeurope priced far Standard_D2s_v5 '' 'labels = { team = "ml" }' | submit one
exits 4 "a label's limit holds it" "$PURSER" run
is "another region passes only where the machine itself is sold cheaper" \
	"$(facts one/far '[c["name"] for c in o["changes"] if c["kind"] == "region" and float(c["monthly"]["high"]) > 66]')" "[]"
is "... all changes are below the limit" \
	"$(facts one/far 'len(o["changes"]) > 0 and all(float(c["monthly"]["high"]) <= 66 for c in o["changes"])')" True
settings <<'TOML'
[budget.labels.team]
ml = 75.0
TOML
region=$(facts one/far '[c["to"] for c in o["changes"] if c["kind"] == "region"][0]')
REGION="$region" priced far Standard_D2s_v5 '' 'labels = { team = "ml" }' | submit two
exits 0 "another region passes: $region" "$PURSER" run --wait 20s --batch two

# ---- a person, or a price ----

afresh
settings <<'TOML'
[budget]
approval_above = 35.0
TOML
{ priced big Standard_B2s 'count = 2' && priced odd Standard_B2z; } | submit one
exits 3 "a person is needed" "$PURSER" run
why one/big
line 'approval 60\.74 USD a month is above 35\.00'
line 'budget\.approval_above = 35\.00, [^ ]*config\.toml:4:'
line 'count: 2 -> 1 30\.37 30\.37'
has "... approve is told" "$work/err" "next: purser approve $(facts one/big 'o["id"][-8:]') --by NAME"
why one/odd
line 'unpriced what it costs is not known \(machines: no price is known for the VM size "Standard_B2z"\)'
line 'budget\.unpriced = "hold"'
line 'as it is asked for unknown size: Standard_B2z -> Standard_B[a-z0-9_]+ [0-9.]+'
has "... approve needs an amount" "$work/err" "--by NAME --amount AMOUNT"

# ---- a name that nobody sells ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 40
TOML
{ priced odd Standard_B2z && priced odder Standard_ND999_v9; } | submit one
exits 3 "two prices are not known" "$PURSER" run
why one/odd
line 'size: Standard_B2z -> Standard_B[a-z0-9_]+ .*Only the similar name speaks for the other size\.'
why one/odder
line 'None: no other size, smaller number or region is known that has a price and is like what was asked for\.'
no_line '->'
exits 0 "a person names an amount" "$PURSER" approve one/odd --by Ann --amount 50
exits 0 "and another" "$PURSER" approve one/odder --by Ann --amount 50
exits 4 "which are too much" "$PURSER" run
why one/odd
line 'as approved 50\.00 size: Standard_B2z -> Standard_B2s'
is "what it saves is told" "$(facts one/odd '(o["approved"], o["changes"][0]["by_name"], float(o["changes"][0]["saves"]) > 0)')" \
	"('50.00', True, True)"

settings <<'TOML'
[budget]
monthly_limit = 1000
TOML
{ priced bare Standard_B2z && priced part Standard_B2z 'egress_gb = 500'; } | submit two
exits 3 "two more" "$PURSER" run --batch two
exits 0 "a person names an amount" "$PURSER" approve --batch two --by Ann --amount 90
exits 0 "that is there" "$PURSER" run --batch two
exits 0 "show of one of which nothing is known" "$PURSER" show two/bare
line 'committed 90\.00 USD a month as approved; nothing of it has a known price'
exits 0 "show of one of which something is" "$PURSER" show two/part
line 'committed 90\.00 USD a month as approved; known of it: [0-9.]+ to [0-9.]+'

# ---- nothing passes ----

afresh
settings <<'TOML'
[budget]
monthly_limit = 1
on_exceed = "deny"
TOML
priced web Standard_B2s | submit one
exits 0 "a denial is told before" "$PURSER" estimate --batch x one.toml
line 'x/web would be denied: global: 30\.37 USD'
"$PURSER" run > "$work/run.log" 2>&1
has "the run leads to what would pass" "$work/run.log" "next: purser why "
has "... and to the budget" "$work/run.log" "next: purser budget"
why one/web
line 'failed'
line 'policy, OverBudget global: 30\.37 USD a month would be above the limit of 1\.00'
has "... and what to type" "$work/err" "next: purser budget grant"
line 'None by itself\. The cheapest is size: Standard_B2s -> Standard_[A-Za-z0-9_]+, at most [0-9.]+ USD a month, and still: global: [0-9.]+ USD a month would be above'

# ---- what is not about money ----

afresh
: | settings
echo 'exit 1' | fault cloud.run.base
{
	priced base Standard_B1s
	priced top Standard_B1s '' 'depends_on = ["base"]'
} | submit one
why one/top
line 'waits for base \([0-9a-f]{8}\), queued'
no_line 'nothing is in its way'
no_line 'Changes that would pass'
why one/base
line 'nothing is in its way: it starts as soon as a runner has room for it'
"$PURSER" run > "$work/run.log" 2>&1
why one/base
line 'one/base \([0-9a-f]{8}\) failed why '
has "... retry is told" "$work/err" "next: purser retry"
why one/top
line 'held dependency '
has "... that what it needs failed, too" "$work/err" "next: purser retry $(facts one/base 'o["id"][-8:]')"
exits 2 "why of nothing" "$PURSER" why one/none

done_testing
