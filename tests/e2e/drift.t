#!/bin/sh
# purser drift: what changed outside since terraform built it, and what that costs.
# With the real terraform, whose terraform_data has nothing outside: what it would
# tell of other resources is put into its own answers, by what is before it on PATH.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

real=$(command -v terraform) || skip_all "terraform is not installed"
export real TF_CLI_CONFIG_FILE=/dev/null
# shellcheck source=tests/scripted/prices.sh
. "$srcdir/tests/scripted/prices.sh"

# One module more, of things that cost something; what each of them costs it does not say.
cp -r "$PURSER_TEMPLATES" "$work/templates"
PURSER_TEMPLATES="$work/templates"
cp -r "$PURSER_TEMPLATES/module" "$PURSER_TEMPLATES/costly"
{
	sed -e '/^cost = /d' -e 's/^name = "module"/name = "costly"/' "$PURSER_TEMPLATES/module/capability.toml"
	printf '[[cost]]\nname = "machines"\nvm = "S"\nquantity = "{count}"\n'
} > "$PURSER_TEMPLATES/costly/capability.toml"

# $WORLD/drift-ID is what a refresh of that objective tells, $WORLD/fails-ID how one fails, and
# $WORLD/outside-ID, in Python, what it does to o, the document of the plan that the real one has saved.
cat > "$work/bin/terraform" <<'SH'
#!/bin/sh
id=${1##*/}
case " $* " in
*" -refresh-only "*" -detailed-exitcode "*)
	if [ -e "$WORLD/fails-$id" ]; then
		cat "$WORLD/fails-$id"
		exit 1
	fi
	if [ -e "$WORLD/drift-$id" ]; then
		"$real" "$@" > "$WORLD/refresh.log" 2>&1
		cat "$WORLD/drift-$id"
		exit 2
	fi
	;;
*" show -json "*drift.tfplan*)
	ls -ld "${4%/*}" > "$WORLD/folder"
	if [ -e "$WORLD/outside-$id" ]; then
		"$real" "$@" | /usr/bin/python3 -c 'import copy, json, sys
o = json.load(sys.stdin)
exec(open(sys.argv[1]).read())
json.dump(o, sys.stdout)' "$WORLD/outside-$id"
		exit
	fi
	;;
esac
exec "$real" "$@"
SH
chmod +x "$work/bin/terraform"

# refreshed TYPE ADDRESS ID; drifted ADDRESS ACTION
refreshed() {
	printf '{"type":"%s","hook":{"resource":{"addr":"%s"},"id_key":"id","id_value":"%s"}}\n' "$1" "$2" "$3"
}
drifted() {
	printf '{"type":"resource_drift","change":{"resource":{"addr":"%s"},"action":"%s"}}\n' "$1" "$2"
}
# ids OBJECTIVE: of its resources.
ids() {
	value "$1" '" ".join(r["id"] for r in o["resources"])'
}
# of EXPRESSION: of the last drift --json as o.
of() {
	cp "$work/out" "$work/evaluate.json"
	evaluate "$1"
}
# harmless: nothing in it that a terminal obeys, be it control characters or marks of direction.
harmless() {
	! LC_ALL=C grep "$(printf '\033\\|\342\200\256')" "$work/out"
}
# shortened: no long value is told whole.
shortened() {
	! grep 'c\{60\}' "$work/out"
}
narrow() {
	! grep -E '^.{81}' "$work/out" "$work/err"
}

: | settings
exits 0 "before the first day" "$PURSER" drift
has "... nothing stands" "$work/out" "nothing that terraform built stands"
{
	objective tf module 'region = "eastus"
parameters = { count = 3 }'
	objective other thing 'region = "eastus"'
} | submit b
exits 0 "a run" "$PURSER" run
tf=$(value b/tf 'o["id"]')
state="$PURSER_STATE_DIR/work/$tf/terraform.tfstate"

# ---- none ----
sha256sum "$state" > "$work/before"
"$PURSER" audit show --json --limit 1000 > "$work/audit.before"
journal b/tf 'len(o["executions"])' > "$work/journal.before"
exits 0 "what nobody touched has no drift" "$PURSER" drift
has "... one was asked" "$work/out" "no drift (1 objective asked)"
has "... the other is of another strategy" "$work/out" "1 objective of another strategy (script): no drift to ask for"
exits 0 "named" "$PURSER" drift b/other
is "... only that line" "$(cat "$work/out")" "1 objective of another strategy (script): no drift to ask for"
ok "the state is as it was" sha256sum --check "$work/before"
"$PURSER" audit show --json --limit 1000 > "$work/audit.after"
ok "nothing is in the audit log" cmp "$work/audit.before" "$work/audit.after"
is "nothing is in the journal" "$(journal b/tf 'len(o["executions"])')" "$(cat "$work/journal.before")"
is "nothing is left behind" "$(ls "$PURSER_STATE_DIR/drift")" ""

# ---- the state was changed by hand ----
cp "$state" "$work/whole"
/usr/bin/python3 - "$state" <<'PY'
import json, sys
s = json.load(open(sys.argv[1]))
gone = s["resources"][0]["instances"].pop()
json.dump(s, open(sys.argv[1], "w"))
open(sys.argv[1] + ".id", "w").write(gone["attributes"]["id"])
PY
lost=$(cat "$state.id")
rm "$state.id"
sha256sum "$state" > "$work/before"
exits 1 "the state lacks one" "$PURSER" drift b/tf
has "... it is told by its id" "$work/out" "$lost  not in the state"
has "... and the output that changed" "$work/out" "output ids"
tr '\n' ' ' < "$work/out" > "$work/line"
has "... that it may stand" "$work/line" "1 of 3 resources is not in terraform's state and may stand all the same"
has "... and how many drifted" "$work/out" "1 of 1 objective drifted"
has "... what to type" "$work/err" "next: purser destroy "
ok "the state is not written" sha256sum --check "$work/before"
exits 1 "as JSON" "$PURSER" drift --json
is "... which" "$(of '[(r["drift"], r["id"]) for r in o["objectives"][0]["resources"]]')" "[('not in the state', '$lost')]"
is "... outputs" "$(of 'o["objectives"][0]["outputs"]')" "['ids']"
is "... the sum" "$(of '(o["drifted"], o["not_asked"], o["of_other_strategies"])')" "(1, 0, 1)"
cp "$work/whole" "$state"

# ---- changed and gone outside ----
objective net costly 'region = "eastus"
parameters = { count = 3 }' | submit c
exits 0 "a run of what costs" "$PURSER" run
net=$(value c/net 'o["id"]')
# shellcheck disable=SC2046
set -- $(ids c/net)
{
	echo '{"type":"version","terraform":"1.11.4","ui":"1.2"}'
	refreshed refresh_start 'terraform_data.thing[0]' "$1"
	refreshed refresh_start 'terraform_data.thing[1]' "$2"
	refreshed refresh_start 'terraform_data.thing[2]' "$3"
	refreshed refresh_complete 'terraform_data.thing[0]' "$1"
	refreshed refresh_complete 'terraform_data.thing[2]' "$3"
	drifted 'terraform_data.thing[1]' delete
	drifted 'terraform_data.thing[2]' update
} > "$WORLD/drift-$net"
COLUMNS=80
export COLUMNS
exits 1 "one is gone, one is changed" "$PURSER" drift
ok "... all lines fit 80 columns" narrow
unset COLUMNS
exits 1 "where nobody looks" "$PURSER" drift
ok "... gone" grep -E '^terraform_data.thing\[1\] +gone +[0-9a-f]{8} +c/net$' "$work/out"
ok "... changed" grep -E '^terraform_data.thing\[2\] +changed +[0-9a-f]{8} +c/net$' "$work/out"
tr '\n' ' ' < "$work/out" > "$work/line"
month=$(value c/net 'o["reservations"][0]["monthly"]["high"]')
has "... what still counts" "$work/line" \
	"1 of 3 resources is gone; what it costs now is not known (its capability does not say what each resource costs), 21.90 USD are committed"
is "... as it was reserved" "$month" 21.90
has "... of how many" "$work/out" "1 of 2 objectives drifted"
exits 1 "with --verbose the ids" "$PURSER" drift --verbose
has "... in full" "$work/out" "$2"
exits 1 "as JSON" "$PURSER" drift --batch c --json
is "... addresses and ids" "$(of '[(r["drift"], r["address"], r["id"]) for r in o["objectives"][0]["resources"]]')" \
	"[('gone', 'terraform_data.thing[1]', '$2'), ('changed', 'terraform_data.thing[2]', '$3')]"
is "... money" "$(of 'o["objectives"][0]["monthly"]["high"]')" "$month"
exits 0 "the other batch has none" "$PURSER" drift --batch b

# ---- which attributes, and what it costs ----
# told OBJECTIVE ACTION: what a refresh tells of its two things.
told() {
	# shellcheck disable=SC2046
	set -- "$2" $(ids "$1")
	for i in 0 1; do
		shift
		refreshed refresh_start "terraform_data.thing[$i]" "$1"
		[ "$action" = delete ] || refreshed refresh_complete "terraform_data.thing[$i]" "$1"
		drifted "terraform_data.thing[$i]" "$action"
	done
}
export TOKEN=s3cret-f00d
objective grown module_priced 'region = "eastus"
parameters = { count = 2, token = "env:TOKEN" }' | submit m
exits 0 "a run of what is priced" "$PURSER" run
grown=$(value m/grown 'o["id"]')
action=update
told m/grown update > "$WORLD/drift-$grown"
cat > "$WORLD/outside-$grown" <<'PY'
things = o["prior_state"]["values"]["root_module"]["resources"]
o["resource_drift"] = []
for t in things:
    was = copy.deepcopy(t["values"])
    t["values"]["input"].update(size="M", token="0ther-f00d", note="a\x1b[31m\u202eb" + "c" * 100)
    o["resource_drift"].append({
        "address": t["address"], "mode": t["mode"], "type": t["type"], "name": t["name"],
        "change": {"actions": ["update"], "before": was, "after": t["values"],
                   "before_sensitive": t["sensitive_values"], "after_sensitive": t["sensitive_values"]}})
PY
exits 1 "two are larger now" "$PURSER" drift m/grown
ok "... each with what it was and is" test "$(grep -cE '^terraform_data.thing\[[01]\] +input.size +"S" +"M" +[0-9a-f]{8}$' "$work/out")" = 2
ok "... and what is new" grep -qE '^terraform_data.thing\[0\] +input.note +none +"a.u001b' "$work/out"
ok "... without a word of what is sensitive" grep -qE '^terraform_data.thing\[0\] +input.token +\(sensitive\) +\(sensitive\)' "$work/out"
ok "... nor what would act on a terminal" harmless
has "... what it costs, and what is committed" "$work/out" "): it costs 146.00 USD a month now, 14.60 are committed"
ok "... long values are cut" shortened
ok "... its folder was nobody else's" grep -q '^drwx------' "$WORLD/folder"
is "... and is gone" "$(ls "$PURSER_STATE_DIR/drift")" ""
COLUMNS=80
export COLUMNS
exits 1 "in 80 columns" "$PURSER" drift m/grown
ok "... all lines fit" narrow
unset COLUMNS
exits 1 "with --verbose" "$PURSER" drift m/grown --verbose
ok "... they are whole" grep -q 'c\{100\}' "$work/out"
exits 1 "as JSON" "$PURSER" drift m/grown --json
is "... the attributes" "$(of '[(a["path"], a["sensitive"], a.get("before"), a.get("after", "")[:1]) for a in o["objectives"][0]["resources"][0]["attributes"]]')" \
	"[('input.size', False, 'S', 'M'), ('input.token', True, None, ''), ('input.note', False, None, 'a')]"
is "... the money" "$(of '[(j["monthly"]["high"], j["now"]["monthly"]["high"], j["now"]["difference"], j["now"].get("unpriced")) for j in o["objectives"]]')" \
	"[('14.60', '146.00', '131.40', None)]"
grep -rlE "s3cret-f00d|0ther-f00d" "$work/out" "$work/err" "$PURSER_STATE_DIR" --exclude=terraform.tfstate* --exclude=purser.tfplan > "$work/leaks" 2>&1
is "what terraform shows of it in clear is nowhere" "$(cat "$work/leaks")" ''

echo 'o["prior_state"]["values"]["root_module"]["resources"][0]["values"]["input"]["size"] = "M"' > "$WORLD/outside-$grown"
exits 1 "only one is larger" "$PURSER" drift m/grown
tr '\n' ' ' < "$work/out" > "$work/line"
has "... which has no price of its own" "$work/line" \
	"what all of it costs now is not known (terraform_data.thing: not all of them have the same size), 14.60 are committed"

action=delete
told m/grown delete > "$WORLD/drift-$grown"
echo 'o["prior_state"].pop("values")' > "$WORLD/outside-$grown"
exits 1 "all of it is gone" "$PURSER" drift m/grown
tr '\n' ' ' < "$work/out" > "$work/line"
has "... and costs nothing" "$work/line" "2 of 2 resources are gone; it costs 0.00 USD a month now, 14.60 are committed"

echo 'sys.exit(1)' > "$WORLD/outside-$grown"
exits 5 "what cannot be shown" "$PURSER" drift m/grown
has "... was not asked" "$work/err" "could not be asked: "
is "... and leaves nothing" "$(ls "$PURSER_STATE_DIR/drift")" ""
echo 'o["format_version"] = "2.0"' > "$WORLD/outside-$grown"
exits 5 "what is shown in another form" "$PURSER" drift m/grown --json
is "... is none that is known" "$(of 'o["objectives"][0]["failure"]["code"]')" PlanUnreadable
rm "$WORLD/outside-$grown" "$WORLD/drift-$grown"

# By the real one alone.
exits 0 "as it was built" "$PURSER" drift m/grown
state="$PURSER_STATE_DIR/work/$grown/terraform.tfstate"
cp "$state" "$work/whole"
/usr/bin/python3 - "$state" <<'PY'
import json, sys
s = json.load(open(sys.argv[1]))
s["resources"][0]["instances"].pop()
json.dump(s, open(sys.argv[1], "w"))
PY
exits 1 "the state lacks one that costs" "$PURSER" drift m/grown
tr '\n' ' ' < "$work/out" > "$work/line"
has "... it may cost" "$work/line" "may stand all the same; all else costs 7.30 USD a month now, 14.60 are committed"
mv "$PURSER_PRICES" "$work/prices.away"
exits 1 "without a price book" "$PURSER" drift m/grown
tr '\n' ' ' < "$work/out" > "$work/line"
has "... that is told" "$work/line" "what it costs now is not known ("
has "... with what is committed" "$work/line" ", 14.60 USD are committed"
cp "$work/whole" "$state"
exits 0 "without drift no price is asked for" "$PURSER" drift m/grown
mv "$work/prices.away" "$PURSER_PRICES"

# ---- it cannot be asked ----
echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock","detail":"held"}}' > "$WORLD/fails-$tf"
exits 5 "one that cannot be asked" "$PURSER" drift
has "... which, and why" "$work/err" "could not be asked: "
has "... the others are" "$work/out" "1 of 2 objectives drifted"
has "... when to type it again" "$work/err" "next: purser drift "
exits 5 "as JSON" "$PURSER" drift --json b/tf
is "... the failure" "$(of 'o["objectives"][0]["failure"]["code"], o["not_asked"]')" "('StateLocked', 1)"
rm "$WORLD/fails-$tf"

objective safe module 'region = "eastus"
parameters = { count = 1, token = "env:TOKEN" }' | submit d
TOKEN=abc "$PURSER" run > "$work/run.log" 2>&1
exits 5 "a secret that is not there" env -u TOKEN "$PURSER" drift d/safe
has "... is named" "$work/err" "TOKEN"
TOKEN=abc
export TOKEN
exits 0 "a secret that is there" "$PURSER" drift d/safe
unset TOKEN

# ---- one at a time, and what was left ----
mkdir -p "$PURSER_STATE_DIR/drift/$tf"
: > "$PURSER_STATE_DIR/drift/$tf/lock"
exits 5 "while somebody else asks" flock "$PURSER_STATE_DIR/drift/$tf/lock" "$PURSER" drift b/tf
has "... that is told" "$work/err" "somebody else asks"
mkdir -p "$PURSER_STATE_DIR/drift/$tf/show"
: > "$PURSER_STATE_DIR/drift/$tf/show/lock"
exits 5 "while what was found is shown" flock "$PURSER_STATE_DIR/drift/$tf/show/lock" "$PURSER" drift b/tf
has "... likewise" "$work/err" "somebody else asks"
mkdir "$PURSER_STATE_DIR/drift/$net"
: > "$PURSER_STATE_DIR/drift/$net/drift.tfplan"
exits 0 "what was left by one that was killed" "$PURSER" drift b/tf
is "... goes, also that of another objective" "$(ls "$PURSER_STATE_DIR/drift")" ""

# ---- bad input ----
exits 2 "a batch and a name" "$PURSER" drift --batch b b/tf
exits 2 "nobody has this name" "$PURSER" drift b/nobody
exits 2 "no such batch" "$PURSER" drift --batch nobody
"$PURSER" destroy b/tf > "$work/destroy.log" 2>&1
exits 2 "one that is being destroyed" "$PURSER" drift b/tf
has "... cannot have drifted" "$work/err" "is being destroyed: only what was built and stands"
exits 0 "among all it is passed over" "$PURSER" drift --batch b
exits 0 "help" "$PURSER" help drift
has "... tells the exit status" "$work/out" "1 there is drift"

rm "$WORLD/drift-$net"
"$PURSER" run > "$work/run.log" 2>&1
in_order
done_testing
