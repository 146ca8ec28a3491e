#!/bin/sh
# Objectives by the real terraform, end to end. Its modules are of terraform_data,
# which needs no provider; $WORLD/hook interferes with what they make.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export TF_CLI_CONFIG_FILE=/dev/null

settings <<'TOML'
[run]
lease = "2s"
[retry]
max_retries = 1
delay = "50ms"
max_delay = "100ms"
jitter = 0
TOML

# module NAME COUNT [PARAMETERS [TOML]]
module() {
	objective "$1" module "region = \"eastus\"
parameters = { count = $2${3:+, $3} }
${4:-}"
}
# hook < SH: read by each thing that is made or removed, with VERB and NAME set.
hook() {
	cat > "$WORLD/hook"
}
no_hook() {
	rm -f "$WORLD/hook"
}
# did VERB NAME: how often.
did() {
	grep -cx "$1 $2" "$WORLD/terraform"
}
folder_of() {
	echo "$PURSER_STATE_DIR/work/$(value "$1" 'o["id"]')"
}
# in_state OBJECTIVE: the ids that terraform has, sorted. Its folder goes when it is destroyed.
in_state() {
	[ -d "$(folder_of "$1")" ] || return 0
	terraform -chdir="$(folder_of "$1")" show -json > "$work/show.json" 2> "$work/show.err"
	/usr/bin/python3 -c 'import json, sys
values = json.load(open(sys.argv[1])).get("values", {})
print(*sorted(r["values"]["id"] for r in values.get("root_module", {}).get("resources", [])))' "$work/show.json"
}
live() {
	value "$1" '" ".join(sorted(r["id"] for r in o["resources"] if r["state"] == "live"))'
}
acts() {
	journal "$1" '" ".join(x["act"] for x in o["executions"])'
}
# agrees OBJECTIVE: the registry lists what terraform has, and nothing is left to be changed.
agrees() {
	is "... and the registry lists what terraform has" "$(live "$1")" "$(in_state "$1")"
	terraform -chdir="$(folder_of "$1")" plan -input=false -detailed-exitcode -lock=false > "$work/plan.log" 2>&1 9< "$work/secrets"
	is "... and nothing is left to be changed" $? 0
}
# gone OBJECTIVE
gone() {
	is "... and nothing of it is in terraform's state" "$(in_state "$1")" ''
	is "... nor live in the registry" "$(live "$1")" ''
}

# ---- apply ----

export TOKEN=s3cret-f00d
printf '{"token":"%s"}' "$TOKEN" > "$work/secrets"
module tf 3 'word = "it is", token = "env:TOKEN"' 'key = "tf"
labels = { team = "web" }' | submit b
exits 0 "a module is applied" "$PURSER" run
ok "... all of it stands" stands tf-0 tf-1 tf-2
is "... by terraform" "$(journal b/tf '[a["strategy"] for a in o["attempts"]]')" "['terraform']"
is "... in so many calls" "$(acts b/tf)" "check check run collect"
is "... with its outputs" "$(value b/tf '" ".join(o["outputs"]["ids"])')" \
	"$(cat "$WORLD/things/tf-0" "$WORLD/things/tf-1" "$WORLD/things/tf-2" | tr '\n' ' ' | sed 's/ $//')"
is "... of every kind" "$(value b/tf 'o["outputs"]["word"]')" "it is"
agrees b/tf
grep -rlF "$TOKEN" "$PURSER_STATE_DIR" --exclude=terraform.tfstate* --exclude=purser.tfplan > "$work/leaks" 2>&1
is "the secret is nowhere but where terraform has it" "$(cat "$work/leaks")" ''
is "what there is nobody else can read" "$(find "$PURSER_STATE_DIR" ! -type l -perm /077)" ''
grep -q '"purser-objective": "'"$(value b/tf 'o["id"]')"'"' "$(folder_of b/tf)/terraform.tfvars.json"
is "the module is told whose it is" $? 1
has "... in one line of JSON" "$(folder_of b/tf)/terraform.tfvars.json" "\"purser-objective\":\"$(value b/tf 'o["id"]')\""

exits 0 "the same submission again" "$PURSER" submit --batch b "$work/b.toml"
exits 0 "... is the same objective" "$PURSER" run
is "... of which nothing is made twice" "$(did make tf-0)$(did make tf-1)$(did make tf-2)" 111
is "... nor asked" "$(acts b/tf)" "check check run collect"

# ---- a resource that fails ----

hook <<'SH'
if [ "$VERB $NAME" = "make again-1" ] && [ ! -e "$WORLD/again" ]; then
	touch "$WORLD/again"
	echo "unexpected status 429 (429 Too Many Requests) with error: TooManyRequests: Please try again after '1' seconds."
	exit 1
fi
SH
module again 3 | submit again
exits 0 "a resource that fails for a while is made later" "$PURSER" run --wait 30s
ok "... and stands with the others" stands tf-0 tf-1 tf-2 again-0 again-1 again-2
is "... which are not made again" "$(did make again-0) $(did make again-1) $(did make again-2)" "1 2 1"
is "... in one attempt" "$(journal again/again 'len(o["attempts"])')" 1
is "... and the registry has no trace of the one that was replaced" "$(live again/again)" "$(in_state again/again)"

refusal='echo "unexpected status 403 (403 Forbidden) with error: AuthorizationFailed: The client may not do this."; exit 1'
# shellcheck disable=SC2016
printf '[ "$VERB $NAME" != "make half-1" ] || { %s; }\n' "$refusal" | hook
module half 3 | submit half
exits 1 "a resource that fails for good" "$PURSER" run --wait 30s
is "... fails the objective" "$(state half/half)" failed
is "... by the provider's own code" "$(value half/half 'o["failure"]["code"] + " " + o["failure"]["class"]')" \
	"AuthorizationFailed permission"
ok "... and the others are taken away again" stands tf-0 tf-1 tf-2 again-0 again-1 again-2
is "... each of them once" "$(did remove half-0)$(did remove half-2)" 11
gone half/half
exits 0 "... nothing is orphaned" "$PURSER" resources --orphaned --json
is "... as JSON says" "$(tr -d ' \n' < "$work/out")" "[]"

# shellcheck disable=SC2016
printf '[ "$VERB $NAME" != "make kept-1" ] || { %s; }\n' "$refusal" | hook
module kept 3 '' 'on_failure = "keep"' | submit kept
exits 1 "on_failure = keep" "$PURSER" run --wait 30s
ok "... leaves what was made" test -e "$WORLD/things/kept-0" -a -e "$WORLD/things/kept-2"
is "... and in the registry" "$(live kept/kept)" "$(in_state kept/kept)"
no_hook
exits 0 "a retry" "$PURSER" retry kept/kept
exits 0 "... makes what is missing" "$PURSER" run --wait 30s
is "... and no more" "$(did make kept-0) $(did make kept-1) $(did make kept-2)" "1 2 1"
ok "... and it is all in order" test "$(state kept/kept)" = succeeded

hook <<'SH'
if [ "$VERB $NAME" = "make slow-0" ] && [ ! -e "$WORLD/slow" ]; then
	touch "$WORLD/slow"
	sleep 600
fi
SH
module slow 2 '' 'step_timeout = "1s"' | submit slow
exits 0 "an apply that does not end in time is stopped, and what is missing made later" "$PURSER" run --wait 60s
is "... and no more" "$(did make slow-0) $(did make slow-1)" "2 1"
ok "... which is told" grep -qE 'did not end in time|was not recorded' "$work/out"
no_hook

# ---- cancel ----

hook <<'SH'
case "$VERB $NAME" in
"make stop-"*)
	touch "$WORLD/working"
	until [ -e "$WORLD/cancelled" ] || [ ! -d "$WORLD" ]; do sleep 0.02; done
	;;
esac
SH
module stop 2 | submit stop
"$PURSER" run --wait 30s > "$work/stop.log" 2>&1 &
runner=$!
wait_until 20 test -e "$WORLD/working"
report $? "an apply is at work"
exits 0 "... and cancelled" "$PURSER" cancel stop/stop
touch "$WORLD/cancelled"
wait "$runner"
is "... the runner ends with it" $? 0
is "... it is cancelled" "$(state stop/stop)" cancelled
gone stop/stop
ok "... and nothing of it stands" test ! -e "$WORLD/things/stop-0" -a ! -e "$WORLD/things/stop-1"
no_hook

# ---- destroy ----

exits 0 "destroy" "$PURSER" destroy b/tf
exits 0 "... takes all of it away" "$PURSER" run --wait 30s
is "... at once" "$(did remove tf-0)$(did remove tf-1)$(did remove tf-2)" 111
is "... it is destroyed" "$(state b/tf)" destroyed
gone b/tf
module tf 3 'word = "it is", token = "env:TOKEN"' 'key = "tf"
labels = { team = "web" }' | submit b
exits 0 "it can be made anew" "$PURSER" run --wait 30s
agrees b/tf

# shellcheck disable=SC2016
echo '[ "$VERB $NAME" != "remove again-2" ] || exit 1' | hook
exits 0 "a destroy" "$PURSER" destroy again/again
exits 1 "... that fails" "$PURSER" run --wait 30s
ok "... takes away what it can" test ! -e "$WORLD/things/again-0" -a ! -e "$WORLD/things/again-1"
ok "... lists what it could not" has_orphan again/again "$(cat "$WORLD/things/again-2")"
no_hook
exits 0 "destroyed again" "$PURSER" destroy again/again
exits 0 "... it goes" "$PURSER" run --wait 30s
is "... it is destroyed" "$(state again/again)" destroyed
gone again/again

# ---- what is wrong from the beginning ----

cp -r "$PURSER_TEMPLATES" "$work/templates"
chmod -R u+w "$work/templates"
echo 'resource "terraform_data" {' >> "$work/templates/module/terraform/main.tf"
module broken 1 | PURSER_TEMPLATES="$work/templates" submit broken
PURSER_TEMPLATES="$work/templates" exits 1 "a module that terraform cannot read" "$PURSER" run --wait 30s
is "... fails the objective" "$(state broken/broken)" failed
is "... before anything is run" "$(acts broken/broken)" check
value broken/broken 'o["failure"]["message"]' > "$work/why"
has "... and the place is told" "$work/why" "main.tf"
ok "... and nothing was made" test "$(grep -c broken "$WORLD/terraform")" -eq 0

# ---- no terraform ----

mkdir "$work/tools"
for tool in cat date grep kill rm sed sleep tr; do
	ln -s "$(command -v "$tool")" "$work/tools/$tool"
done
ln -s "$work/bin/az" "$work/tools/az"
objective other module_either 'region = "eastus"' | submit other
PATH="$work/tools" exits 0 "without terraform" "$PURSER" run --wait 30s
is "... az does what it can" "$(value other/other 'o["state"] + " " + o["outputs"]["id"]')" \
	"succeeded /subscriptions/fake/resourceGroups/az-other"
module sole 1 | submit sole
PATH="$work/tools" exits 1 "... what only terraform can do fails" "$PURSER" run --wait 30s
value sole/sole 'o["failure"]["message"]' > "$work/why"
has "... and it is told why" "$work/why" "there is no terraform on PATH"

# ---- the caller's environment ----

module own 1 'word = "mine"' | submit own
(
	export TF_VAR_word=evil TF_VAR_things=7 TF_CLI_ARGS=-help TF_CLI_ARGS_plan=-destroy TF_WORKSPACE=other
	export TF_CLI_ARGS_apply='-var=word=evil' TF_DATA_DIR="$work/data" TF_LOG=trace TF_LOG_PATH="$work/tf.log"
	exec "$PURSER" run --wait 30s > "$work/own.log" 2>&1
)
is "with TF_* in the environment" $? 0
is "... the word is the objective's" "$(value own/own 'o["outputs"]["word"]')" mine
is "... so is the number" "$(value own/own 'len(o["outputs"]["ids"])')" 1
ok "... nothing is written elsewhere" test ! -e "$work/data" -a ! -e "$work/tf.log"
agrees own/own

# ---- two at the same time ----

hook <<'SH'
case "$VERB $NAME" in
"make left-0") touch "$WORLD/left"; other=right ;;
"make right-0") touch "$WORLD/right"; other=left ;;
*) other='' ;;
esac
tries=500
until [ -z "$other" ] || [ -e "$WORLD/$other" ] || [ "$tries" -eq 0 ]; do
	sleep 0.02
	tries=$((tries - 1))
done
[ "$tries" -gt 0 ] || exit 1
SH
{ module left 1 && module right 1; } | submit pair
exits 0 "two objectives are applied at the same time" "$PURSER" run --jobs 2 --wait 30s
is "... both succeed" "$(count pair succeeded)" 2
agrees pair/left
agrees pair/right
no_hook
in_order

# ---- money ----

[ -f "${PURSER_PRICES:-}" ] || {
	report 0 "money # SKIP prices.db is not built"
	done_testing
}
afresh
printf '[budget]\nmonthly_limit = 40\n' | settings
# machine NAME
machine() {
	objective "$1" module_either 'region = "eastus"
strategy = "terraform"
parameters = { size = "Standard_B2s" }'
}
hook <<'SH'
case "$VERB $NAME" in
"make paid-0")
	touch "$WORLD/working"
	until [ -e "$WORLD/go" ] || [ ! -d "$WORLD" ]; do sleep 0.02; done
	;;
"make lost-0") exit 1 ;;
esac
SH
machine paid | submit paid
"$PURSER" run --wait 30s > "$work/paid.log" 2>&1 &
runner=$!
wait_until 20 test -e "$WORLD/working"
report $? "while a module is applied"
is "... its money is reserved" "$(total global) $(entries paid/paid)" "30.368 held 30.368"
touch "$WORLD/go"
wait "$runner"
is "... and committed when it stands" "$(total global) $(entries paid/paid)" "30.368 held 30.368, committed 30.368"
machine next | submit next
exits 4 "what does not fit in is held" "$PURSER" run --wait 30s --batch next
is "... and terraform not asked" "$(value next/next 'o["state"]') $(acts next/next)" "held "
exits 0 "destroyed" "$PURSER" destroy paid/paid
exits 0 "... it makes room" "$PURSER" run --wait 30s
is "... what stood is released" "$(entries paid/paid)" "held 30.368, committed 30.368, settled 0.00"
is "... and the next one made" "$(state next/next) $(total global)" "succeeded 30.368"
exits 0 "that one too" "$PURSER" destroy next/next
exits 0 "... goes" "$PURSER" run --wait 30s
machine lost | submit lost
exits 1 "what fails" "$PURSER" run --wait 30s --batch lost
is "... costs nothing once it is taken away" "$(total global) $(entries lost/lost)" "0.00 held 30.368, settled 0.00"
ok "... and nothing stands" stands
balanced
done_testing
