#!/bin/sh
# What terraform loses, or never had on record, is neither forgotten nor believed to
# be gone: with the real terraform, and money.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
# shellcheck source=tests/scripted/prices.sh
. "$srcdir/tests/scripted/prices.sh"
export TF_CLI_CONFIG_FILE=/dev/null
# The table's rules, with waits that a test can stand.
sed 's/^wait = ".*"/wait = "1s"/' "$PURSER_FAILURES" > "$work/failures.toml"
export PURSER_FAILURES="$work/failures.toml"

SERVER="$work/server"
mkfifo "$work/hold"
"$srcdir/tests/fakes/http-state" "$SERVER" < "$work/hold" > "$work/server.log" 2>&1 &
exec 9> "$work/hold"
wait_until 10 test -s "$SERVER/port" || {
	echo "Bail out! the server of states does not start"
	exit 1
}
URL="http://127.0.0.1:$(cat "$SERVER/port")/state"
remote="[terraform]
backend = { type = \"http\", address = \"$URL/{id}\", lock_address = \"$URL/{id}\", unlock_address = \"$URL/{id}\" }"

# world RETRIES [TOML]: an empty one.
world() {
	afresh
	export PURSER_STATE_DIR
	settings <<TOML
[run]
lease = "2s"
[retry]
max_retries = $1
delay = "50ms"
max_delay = "100ms"
jitter = 0
[budget]
monthly_limit = 100
${2:-}
TOML
}
# module NAME COUNT [TOML]
module() {
	objective "$1" module_priced "region = \"eastus\"
parameters = { count = $2 }
${3:-}" | submit "$1"
}
folder_of() {
	echo "$PURSER_STATE_DIR/work/$(value "$1" 'o["id"]')"
}
# tf OBJECTIVE WORD...: terraform by hand.
tf() {
	hand=$(folder_of "$1")
	shift
	terraform -chdir="$hand" "$@" > "$work/hand" 2>&1
}
is_empty() {
	tf "$1" state list || grep -q "No state file was found" "$work/hand" || return 1
	! grep -q terraform_data "$work/hand"
}
resources() {
	value "$1" '" ".join(sorted(r["state"] for r in o["resources"]))'
}
# The shell of a hook kills the terraform above it, once.
KILL='if [ ! -e "$WORLD/killed" ]; then
	touch "$WORLD/killed"
	p=$(ps -o ppid= -p $$ | tr -d " ")
	while [ "$(cat "/proc/$p/comm")" != terraform ]; do p=$(ps -o ppid= -p "$p" | tr -d " "); done
	kill -9 "$p"
	until ! kill -0 "$p"; do sleep 0.02; done
fi'

# ---- the only resource, in the making ----

world 0
echo 'sleep 600' > "$WORLD/hook"
module slow 1 'step_timeout = "1s"'
exits 1 "an apply that is stopped while it makes its only resource" "$PURSER" run --wait 60s
is "... fails" "$(state slow/slow)" failed
ok "... and what was begun is taken out of the state" is_empty slow/slow
is "... and the registry" "$(resources slow/slow)" gone
is "... and was paid for as long as it stood" "$(entries slow/slow)" "held 7.30, settled 0.00"

world 0
echo 'sleep 600' > "$WORLD/hook"
module kept 1 'step_timeout = "1s"
on_failure = "keep"'
exits 1 "likewise, and what was begun is to be kept" "$PURSER" run --wait 60s
is "... it stays, with its money" "$(resources kept/kept) $(total global)" "live 7.30"
ok "... as terraform knows" test -n "$(tf kept/kept state list && cat "$work/hand")"
rm "$WORLD/hook"
exits 0 "... until it is destroyed" "$PURSER" destroy kept/kept
exits 0 "... by a run" "$PURSER" run --wait 20s
is "... with its money" "$(resources kept/kept) $(total global)" "gone 0.00"

# ---- what is not in the state ----

world 1
module lost 2
exits 0 "two things" "$PURSER" run --wait 20s
tf lost/lost state rm 'terraform_data.thing[0]'
report $? "... of which somebody takes one out of the state"
exits 0 "... are to be destroyed" "$PURSER" destroy lost/lost
exits 1 "... which cannot be done" "$PURSER" run --wait 20s
is "... one is gone, and the other an orphan" "$(resources lost/lost)" "gone orphaned"
is "... that goes on costing" "$(total global)" 14.60
ok "... and stands" test -e "$WORLD/things/lost-0"
value lost/lost '[r["why"] for r in o["resources"] if r["state"] == "orphaned"]' > "$work/why"
has "... which is told" "$work/why" "no record of it"
rm "$WORLD/things/lost-0"
orphan=$(value lost/lost '[r["id"] for r in o["resources"] if r["state"] == "orphaned"][0]')
exits 2 "what is no orphan cannot be said to be gone" "$PURSER" resolve lost/lost --gone /subscriptions/none
exits 0 "a person who has seen that it is gone says so" "$PURSER" resolve lost/lost --gone "$orphan"
is "... which ends its cost" "$(resources lost/lost) $(total global)" "gone gone 0.00"
exits 0 "... and what is left is destroyed at once" "$PURSER" destroy lost/lost
is "... without a run" "$(state lost/lost)" destroyed
exits 0 "... which the ledger proves" "$PURSER" audit verify

# ---- what a lost apply made without a record ----

world 1
cat > "$WORLD/hook" <<SH
[ ! -e "\$WORLD/twice" ] || {
	echo 'A resource with the ID "/x/mid-0" already exists - to be managed via Terraform this resource needs to be imported into the State.'
	exit 1
}
$KILL
SH
module mid 1
exits 3 "what is in the way of an apply after a lost one" "$PURSER" run --wait 60s
is "... is for a person to look at" "$(state mid/mid) $(holds mid/mid)" "held in_doubt"
is "... and keeps its money" "$(total global)" 7.30
"$PURSER" show mid/mid > "$work/show" 2>&1
has "... with what was in the way" "$work/show" "already exists"
rm -f "$WORLD/things/mid-0" "$WORLD/twice" "$WORLD/hook"
exits 0 "a person takes it away, and says so" "$PURSER" resolve mid/mid --not-happened
exits 0 "... and it is made" "$PURSER" run --wait 20s
is "... once" "$(state mid/mid) $(resources mid/mid | tr ' ' '\n' | grep -c live)" "succeeded 1"

# ---- a price that is denied while a run is in doubt ----

book 0.1
cp "$PURSER_PRICES" "$work/dear.db"
book 0.01
world 3 'on_exceed = "deny"'
# Prices that have changed are gone by once their file has rested.
sed -i 's/^delay = .*/delay = "5s"/; s/^max_delay = .*/max_delay = "5s"/' "$PURSER_CONFIG"
cp -r "$PURSER_TEMPLATES" "$work/templates"
chmod -R u+w "$work/templates"
sed -i 's/^settle.*/settle = "1s"/' "$work/templates/module_priced/capability.toml"
cat > "$WORLD/hook" <<SH
[ -e "\$WORLD/killed" ] || mv "$work/dear.db" "$PURSER_PRICES"
$KILL
SH
objective denied module_priced 'region = "eastus"
parameters = { count = 2, size = "M" }' | PURSER_TEMPLATES="$work/templates" submit denied
PURSER_TEMPLATES="$work/templates" exits 1 "what the budget denies after a lost run" "$PURSER" run --wait 60s
is "... fails" "$(value denied/denied 'o["state"] + " " + o["failure"]["code"]')" "failed OverBudget"
ok "... once nothing of it is left in the state" is_empty denied/denied
is "... nor held" "$(total global)" 0.00

# ---- a lock that a dead call has left, and an undo ----

world 0 "$remote"
cat > "$WORLD/hook" <<SH
[ "\$NAME" = "undo-0" ] || exit 1
SH
module undo 2 'on_failure = "keep"'
exits 1 "one of two things" "$PURSER" run --wait 20s
is "... stands, and one is half made" "$(resources undo/undo)" "live live"
id=$(value undo/undo 'o["id"]')
echo "$KILL" > "$WORLD/hook"
exits 0 "a retry" "$PURSER" retry undo/undo
"$PURSER" run --wait 30s > "$work/retry.log" 2>&1
ok "... that is killed has left its lock" test -e "$SERVER/$id.lock" -o "$(state undo/undo)" != succeeded
rm "$WORLD/hook"
exits 0 "... it is to be destroyed" "$PURSER" destroy undo/undo
exits 0 "... which breaks that lock" "$PURSER" run --wait 90s
is "... and leaves nothing" "$(state undo/undo) $(total global)" "destroyed 0.00"
ok "... nor a lock" test ! -e "$SERVER/$id.lock"

# ---- a folder that was cleaned ----

world 1 "$remote"
module bare 1
exits 0 "a thing whose state is elsewhere" "$PURSER" run --wait 20s
rm -r "$(folder_of bare/bare)/.terraform"
exits 0 "... and whose folder was cleaned" "$PURSER" destroy bare/bare
exits 0 "... is initialised, and destroyed" "$PURSER" run --wait 30s
is "... without a trace" "$(state bare/bare) $(resources bare/bare)" "destroyed gone"

done_testing
