#!/bin/sh
# What terraform plans is priced before it is applied: the reservation follows the
# real plan, and what the budget does not allow is not built. The module plans
# more than its parameters say when it is told to.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
# shellcheck source=tests/scripted/prices.sh
. "$srcdir/tests/scripted/prices.sh"
export TF_CLI_CONFIG_FILE=/dev/null

# limits LINE...: [budget] with these lines.
limits() {
	{
		printf '[retry]\nmax_retries = 1\ndelay = "50ms"\nmax_delay = "100ms"\njitter = 0\n[run]\nlease = "2s"\n[budget]\n'
		printf '%s\n' "$@"
	} | settings
}
# module NAME COUNT EXTRA [PARAMETERS]
module() {
	objective "$1" module_priced "region = \"eastus\"
parameters = { count = $2, extra = $3${4:+, $4} }"
}
# once BATCH: runs that batch alone.
once() {
	"$PURSER" run --wait 20s --batch "$1"
}
# planned OBJECTIVE EXPRESSION: of the last audit record of its plan.
planned() {
	"$PURSER" audit show --json --limit 10000 --event attempt.planned --objective "$1" > "$work/planned.jsonl" 2>&1
	tail -n 1 "$work/planned.jsonl" > "$work/evaluate.json"
	evaluate "[$2 for d in [o['details']]][0]"
}

# ---- as it was estimated ----

limits 'monthly_limit = 100'
export TOKEN=s3cret-f00d
module same 2 0 'token = "env:TOKEN"' | submit same
exits 0 "what is planned as it was estimated is built" once same
ok "... all of it" stands same-0 same-1
is "... at its price" "$(total global)" 14.60
is "... and the plan is on record" "$(planned same/same 'str(d["resources"]) + " " + d["monthly"]["high"] + " " + str(len(d["digest"]))')" "2 14.60 64"
is "... in so many calls" "$(journal same/same '" ".join(x["act"] for x in o["executions"])')" "check check check run collect"
grep -rlF "$TOKEN" "$PURSER_STATE_DIR" --exclude=terraform.tfstate* --exclude=purser.tfplan > "$work/leaks" 2>&1
is "what terraform shows of it in clear is not kept" "$(cat "$work/leaks")" ''

# ---- more than was estimated ----

module more 1 2 | submit more
exits 0 "what is planned beyond the estimate is built if the budget allows" once more
ok "... all of it" stands same-0 same-1 more-0 more-1 more-2
is "... and holds what it costs" "$(total global)" 36.50
is "... which the ledger tells" "$(entries more/more)" "held 7.30, adjusted 21.90, committed 21.90"
exits 0 "... and is proven" "$PURSER" audit verify

module less 3 -2 | submit less
exits 0 "what is planned below the estimate is built" once less
is "... and holds no more than it costs" "$(total global)" 43.80

# ---- more than the budget allows ----

limits 'monthly_limit = 60'
module over 1 2 | submit over
exits 4 "what is planned beyond the budget is held" once over
is "... for the budget" "$(state over/over) $(holds over/over)" "held budget"
ok "... and nothing of it is built" stands same-0 same-1 more-0 more-1 more-2 less-0
is "... but its attempt is open, with what was reserved" "$(journal over/over '[a.get("ended") for a in o["attempts"]]') $(total global)" "[None] 51.10"
"$PURSER" why over/over > "$work/why" 2>&1
has "why tells what is planned" "$work/why" "terraform plans count 3 instead of 1"
has "... and what it comes to" "$work/why" "65.70"
exits 4 "another run holds it again" once over
exits 0 "more money" "$PURSER" budget grant --scope global --amount 10 --until 2099-01-01 --by Ann --reason test
exits 0 "... lets it go on" once over
ok "... and it is built" stands same-0 same-1 more-0 more-1 more-2 less-0 over-0 over-1 over-2
is "... in the same attempt" "$(journal over/over 'len(o["attempts"])') $(total global)" "1 65.70"

limits 'monthly_limit = 80' 'on_exceed = "deny"'
module never 1 5 | submit never
exits 1 "what is planned beyond a budget that denies fails" once never
is "... with the reason" "$(value never/never 'o["failure"]["code"]')" OverBudget
is "... and holds nothing" "$(total global)" 65.70
ok "... nor stands" stands same-0 same-1 more-0 more-1 more-2 less-0 over-0 over-1 over-2

# ---- a person's word ----

limits 'approval_above = 10'
module asks 1 1 | submit asks
exits 3 "what is planned above what needs approval waits for it" once asks
is "... held for that" "$(state asks/asks) $(holds asks/asks)" "held approval"
exits 0 "an approval of what is planned" "$PURSER" approve asks/asks --by Ann
exits 0 "... suffices" once asks
is "... once" "$(state asks/asks) $(journal asks/asks 'len(o["attempts"])')" "succeeded 1"

module reject 1 1 | submit reject
exits 3 "another one waits" once reject
exits 0 "... and is rejected" "$PURSER" reject reject/reject --by Ann
is "... which ends it" "$(state reject/reject) $(total global)" "failed 80.30"

module stop 1 1 | submit stop
exits 3 "a third one waits" once stop
folder=$PURSER_STATE_DIR/work/$(value stop/stop 'o["id"]')
ok "... with a folder of its own" test -e "$folder/purser.tfplan"
exits 0 "... and is cancelled" "$PURSER" cancel stop/stop
exits 0 "the next run" "$PURSER" run --batch stop
ok "... leaves none of its files" test ! -e "$folder"

# ---- what nobody knows the price of ----

limits 'monthly_limit = 200'
module unknown 1 0 'other = 1' | submit unknown
exits 3 "what is planned without a known price is held" once unknown
is "... for that" "$(state unknown/unknown) $(holds unknown/unknown)" "held unpriced"
"$PURSER" why unknown/unknown > "$work/why" 2>&1
has "... and why names it" "$work/why" "terraform_data.other"
exits 0 "a person who names an amount" "$PURSER" approve unknown/unknown --by Ann --amount 30
exits 0 "... lets it go on" once unknown
is "... and that is held" "$(total global)" 110.30

# ---- gone again ----

for b in same more less over asks unknown; do
	exits 0 "$b is destroyed" "$PURSER" destroy "$b/$b"
done
exits 0 "... by a run" "$PURSER" run --wait 20s
ok "nothing stands" stands
is "nothing is held" "$(total global)" 0.00
exits 0 "the ledger is proven" "$PURSER" audit verify
done_testing
