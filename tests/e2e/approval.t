#!/bin/sh
# What people decide about money, and how it goes on by itself: approvals, grants,
# what becomes free; and money that stays as long as anything may stand. The
# price book is of this test's own, so that prices change when it says so.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
# shellcheck source=tests/scripted/prices.sh
. "$srcdir/tests/scripted/prices.sh"

# limits LINE...: [budget] with these lines.
limits() {
	{
		printf '[retry]\nmax_retries = 1\ndelay = "50ms"\nmax_delay = "100ms"\njitter = 0\n[run]\nlease = "2s"\n[budget]\n'
		printf '%s\n' "$@"
	} | settings
}
# once BATCH: runs that batch alone, and what only waits does not count.
once() {
	"$PURSER" run --wait 20s --batch "$1"
}

# is_over SECOND
is_over() {
	[ "$(date +%s)" -ge "$1" ]
}

# ---- approval ----

limits 'approval_above = 50'
priced small S | submit small
exits 0 "what costs less needs nobody" "$PURSER" run
priced large M | submit large
exits 3 "what costs more waits for a person" "$PURSER" run
is "it is held for approval" "$(state large/large) $(holds large/large)" "held approval"
is "and has nothing yet" "$(total global)" 7.30
exits 2 "an approval has a name" "$PURSER" approve large/large
exits 2 "covers what is asked for" "$PURSER" approve large/large --by Ann --amount 72.99
exits 2 "is not over already" "$PURSER" approve large/large --by Ann --until 2020-01-01
exits 2 "and is for what waits for one" "$PURSER" approve small/small --by Ann
is "all of which changed nothing" "$(holds large/large)" approval
exits 0 "it is approved" "$PURSER" approve large/large --by Ann --note "for the fair"
exits 0 "and made" "$PURSER" run
is "at the price that was approved" "$(entries large/large)" "held 73.00, committed 73.00"
"$PURSER" audit show --json --limit 1000 --event objective > "$work/approved.json"
ok "the audit says by whom" grep -q '"Ann"' "$work/approved.json"
ok "and what for" grep -q 'for the fair' "$work/approved.json"
priced no M | submit no
exits 3 "another one waits too" once no
exits 2 "a rejection has a name" "$PURSER" reject no/no
exits 0 "it is rejected" "$PURSER" reject no/no --by Bob --note "too dear"
is "and failed" "$(state no/no) $(value no/no 'o["failure"]["code"]')" "failed Rejected"
is "nothing was started" "$(calls cloud run no)$(calls cloud check no)" 00
balanced

# What an approval is bound to.
afresh
cp -R "$PURSER_TEMPLATES" "$work/templates"
chmod -R u+w "$work/templates"
limits 'approval_above = 50'
{ priced same M && priced dearer M && priced other M && priced late M; } | submit bound
exits 3 "four wait for approval" "$PURSER" run
exits 0 "one up to 80" "$PURSER" approve bound/same --by Ann --amount 80
book 0.105 2026-08-02
exits 3 "prices rise to 76.65" "$PURSER" run
is "within the amount it is made" "$(state bound/same) $(total global)" "succeeded 76.65"
is "the others wait" "$(holds bound/dearer) $(holds bound/other) $(holds bound/late)" "approval approval approval"
exits 0 "one up to 80" "$PURSER" approve bound/dearer --by Ann --amount 80
book 0.12 2026-08-03
exits 3 "prices rise to 87.60" "$PURSER" run
is "beyond the amount a person is asked again" "$(state bound/dearer) $(holds bound/dearer)" "held approval"
exits 0 "approved as asked for" "$PURSER" approve bound/other --by Ann
PURSER_TEMPLATES="$work/templates"
sed -i 's/"word={word}"/"word={word}-2"/' "$work/templates/priced/capability.toml"
exits 3 "the plan is changed" "$PURSER" run
is "and a person asked again" "$(state bound/other) $(holds bound/other)" "held approval"
exits 0 "approved again" "$PURSER" approve bound/other --by Ann
exits 3 "the others wait" "$PURSER" run
is "it is made" "$(state bound/other)" succeeded
is "at its price" "$(entries bound/other)" "held 87.60, committed 87.60"
end=$(($(date +%s) + 2))
exits 0 "one for a second" "$PURSER" approve bound/late --by Ann --until +1s
wait_until 5 is_over "$end"
exits 3 "that has passed" "$PURSER" run
is "is asked about again" "$(state bound/late) $(holds bound/late)" "held approval"
balanced
PURSER_TEMPLATES="$srcdir/tests/scripted/templates"
book 0.1 2026-08-04

# An approval is no money.
afresh
limits 'monthly_limit = 50' 'approval_above = 50'
priced both M | submit both
exits 4 "too dear, and over budget" "$PURSER" run
is "is held for both" "$(holds both/both)" "approval budget"
exits 0 "an approval" "$PURSER" approve both/both --by Ann
is "lifts one" "$(state both/both) $(holds both/both)" "held budget"
exits 2 "and not the other" "$PURSER" approve both/both --by Ann --amount 1000
exits 4 "which holds" "$PURSER" run
limits 'monthly_limit = 80' 'approval_above = 50'
exits 0 "a higher limit helps, and the approval is remembered" "$PURSER" run
is "it is made" "$(state both/both) $(total global)" "succeeded 73.00"
balanced

# ---- unpriced ----

afresh
limits 'monthly_limit = 100'
priced strange X | submit strange
exits 3 "a size without a price" "$PURSER" run
is "is held" "$(holds strange/strange)" unpriced
exits 2 "an approval needs an amount" "$PURSER" approve strange/strange --by Ann
exits 0 "a person names one" "$PURSER" approve strange/strange --by Ann --amount 60
exits 0 "then it is made" "$PURSER" run
is "and holds that" "$(total global)" 60.00
priced beyond X | submit beyond
exits 3 "another one" once beyond
exits 0 "with an amount" "$PURSER" approve beyond/beyond --by Ann --amount 60
exits 4 "that is over budget" once beyond
is "is held for that" "$(holds beyond/beyond)" budget
balanced
afresh
limits 'monthly_limit = 100' 'unpriced = "deny"'
priced strange X | submit strange
exits 1 "unpriced = deny" "$PURSER" run
is "fails it" "$(state strange/strange) $(value strange/strange 'o["failure"]["class"]')" "failed policy"
is "and starts nothing" "$(order cloud check cloud run)" ""
limits 'monthly_limit = 100' 'unpriced = "allow"'
{ priced odd X && priced known M; } | submit odd
exits 0 "unpriced = allow" once odd
is "lets it, and counts what is known" "$(total global)" 73.00
balanced

# ---- on_exceed ----

afresh
limits 'monthly_limit = 10' 'on_exceed = "deny"'
{ priced s S && priced m M; } | submit denied
exits 1 "on_exceed = deny" "$PURSER" run
is "fails what is over" "$(state denied/m) $(value denied/m 'o["failure"]["class"]')" "failed policy"
is "and says why" "$(refused denied/m 'd["decision"]')" deny
is "what is within is made" "$(state denied/s) $(total global)" "succeeded 7.30"
balanced
afresh
limits 'monthly_limit = 10' 'on_exceed = "warn"'
{ priced s S && priced m M; } | submit warned
exits 0 "on_exceed = warn" "$PURSER" run
is "makes what is over, and counts it" "$(total global)" 80.30
ok "and says so in the audit" audit_has budget.warned '"decision":"admit"'
balanced

# ---- money that becomes free ----

afresh
limits 'monthly_limit = 80'
priced first M | submit first
exits 0 "one has the money" "$PURSER" run
{ priced second M && priced third M; } | submit next
exits 4 "two wait for it" "$PURSER" run
exits 0 "the first is to go" "$PURSER" destroy first/first
exits 4 "its money goes to the one that waited longest" "$PURSER" run --wait 20s
is "and to it only" "$(state next/second) $(state next/third) $(total global)" "succeeded held 73.00"
limits 'monthly_limit = 150'
exits 0 "a higher limit lets the next go on" "$PURSER" run
is "by itself" "$(state next/third) $(total global)" "succeeded 146.00"
balanced

# ---- grants ----

afresh
limits 'monthly_limit = 50' '[budget.resource_groups]' 'other = 50'
priced granted M | submit granted
exits 4 "over budget" "$PURSER" run
grant() {
	"$PURSER" budget grant --scope global "$@"
}
exits 2 "a grant has a reason" grant --amount 30 --until +1h --by Ann
exits 2 "an end" grant --amount 30 --by Ann --reason r
exits 2 "to come" grant --amount 30 --until 2020-01-01 --by Ann --reason r
exits 2 "an amount" grant --amount 0 --until +1h --by Ann --reason r
exits 2 "above zero" grant --amount=-5 --until +1h --by Ann --reason r
exits 4 "none of these helps" "$PURSER" run
exits 0 "a grant for another scope" "$PURSER" budget grant --scope group:other --amount 30 --until +1h --by Ann --reason r
exits 4 "neither does that" "$PURSER" run
end=$(($(date +%s) + 5))
exits 0 "a grant for some seconds" grant --amount 30 --until +4s --by Ann --reason "the fair"
exits 0 "does" "$PURSER" run
is "it is made" "$(state granted/granted) $(total global)" "succeeded 73.00"
"$PURSER" audit show --json --limit 1000 --event budget > "$work/granted.json"
ok "the audit has name and reason" grep -q '"Ann".*the fair\|the fair.*"Ann"' "$work/granted.json"
wait_until 10 is_over "$end"
priced more S | submit more
exits 4 "once it has ended, nothing more is admitted" once more
ok "what was admitted stays" stands granted
balanced

# ---- money stays as long as anything may stand ----

afresh
limits 'monthly_limit = 100'
echo 'refuse ScopeLocked "The scope is locked."' | fault cloud.undo.orphan
priced orphan M | submit orphan
exits 0 "made" "$PURSER" run
exits 0 "to be destroyed" "$PURSER" destroy orphan/orphan
exits 1 "but it cannot be" "$PURSER" run --wait 20s
ok "it is orphaned" has_orphan orphan/orphan /world/orphan
is "and costs" "$(total global)" 73.00
mend cloud.undo.orphan
exits 0 "destroyed at last" "$PURSER" destroy orphan/orphan
exits 0 "..." "$PURSER" run --wait 20s
is "it is settled" "$(entries orphan/orphan | sed 's/.*, //') $(total global)" "settled 0.00 0.00"
echo doubt | fault cloud.run.dark
# shellcheck disable=SC2016
echo '[ "$calls" -eq 1 ] || { echo "ERROR: Connection aborted." >&2; quit 1; }' | fault cloud.check.dark
priced dark M | submit dark
exits 3 "in doubt" once dark
is "its money is held" "$(holds dark/dark) $(entries dark/dark)" "in_doubt held 73.00"
mend cloud.check.dark
mend cloud.run.dark
exits 0 "it did not happen" "$PURSER" resolve dark/dark --not-happened
exits 0 "it is tried again" once dark
is "with the same money" "$(entries dark/dark)" "held 73.00, committed 73.00"
balanced

afresh
limits 'monthly_limit = 100'
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.clean
priced clean M | submit clean
exits 1 "a failure that made nothing" "$PURSER" run
is "gives the money back" "$(entries clean/clean) $(total global)" "held 73.00, released 0.00 0.00"
echo 'refuse ServiceUnavailable "Later."' | fault cloud.run.later
priced later M | submit later
printf '[retry]\ndelay = "1h"\nmax_delay = "1h"\n[budget]\nmonthly_limit = 100\n' | settings
exits 6 "one that waits for its next try" once later
is "keeps its money" "$(total global)" 73.00
exits 0 "it is cancelled" "$PURSER" cancel later/later
"$PURSER" run --wait 20s > "$work/cancel.log" 2>&1
is "and gives it back" "$(state later/later) $(entries later/later)" "cancelled held 73.00, released 0.00"
balanced

is_long || done_testing

# Runner, helper and tool die between claim and end.
afresh
limits 'monthly_limit = 100'
# shellcheck disable=SC2016
echo 'echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault cloud.run.crash.1
priced crash M | submit crash
"$PURSER" run > "$work/crash.log" 2>&1 &
runner=$!
wait_until 10 test -s "$WORLD/pids"
report $? "one is being made"
# shellcheck disable=SC2046
kill_all "$runner" $(cat "$WORLD/pids")
is "all die, and the money is held" "$(total global)" 73.00
exits 0 "budget verify" "$PURSER" budget verify
priced after M | submit after
"$PURSER" run --wait 20s > "$work/after.log" 2>&1
is "another cannot have it" "$(state after/after) $(holds after/after)" "held budget"
is "it was held once" "$(entries crash/crash)" "held 73.00, committed 73.00"
is "and is there once" "$(state crash/crash) $(total global)" "succeeded 73.00"
balanced

# A fallback is another attempt, at the prices of its time.
afresh
limits 'monthly_limit = 100' 'unpriced = "allow"'
either() {
	objective "$1" priced_either "region = \"eastus\"
parameters = { size = \"$2\" }"
}
# crashes NAME SIZE: one whose first strategy cannot do it, and whose runner dies while that is undone.
crashes() {
	echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault "az.run.az-$1"
	# shellcheck disable=SC2016
	echo 'echo "$$ $PPID" > "$WORLD/pids"; pause never' | fault "az.undo.az-$1-ground.1"
	rm -f "$WORLD/pids"
	either "$1" "$2" | submit "$1"
	"$PURSER" run --wait 20s > "$work/fallback.log" 2>&1 &
	runner=$!
	wait_until 10 test -s "$WORLD/pids"
	report $? "before $1 falls back"
	# shellcheck disable=SC2046
	kill_all "$runner" $(cat "$WORLD/pids")
}
echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault az.run.az-e
either e M | submit e
exits 0 "a fallback" "$PURSER" run --wait 20s
is "holds the money once" "$(entries e/e) $(total global)" "held 73.00, committed 73.00 73.00"
exits 0 "it is to go" "$PURSER" destroy e/e
exits 0 "and goes" "$PURSER" run --wait 20s
crashes f M
book 0.2 2026-08-05
exits 4 "the price is doubled" "$PURSER" run --wait 20s
is "and it is checked again" "$(state f/f) $(holds f/f)" "held budget"
is "at the new price" "$(refused f/f 'd["monthly"]["high"]')" 146.00
ok "nothing stands" stands
exits 0 "it is cancelled" "$PURSER" cancel f/f
crashes g X
is "what has no price holds nothing" "$(total global)" 0.00
sed -i 's/^S,/X,/' "$work/data/azure_vm.csv" "$work/data/azure_vm_sizes.csv"
compile
exits 0 "until a price is known" "$PURSER" run --wait 20s
is "by the next strategy" "$(state g/g) $(total global)" "succeeded 7.30"
balanced
done_testing
