#!/bin/sh
# purser drift: what changed outside since terraform built it. With the real
# terraform, whose terraform_data has nothing outside: what it would tell of other
# resources is put before it on PATH.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

real=$(command -v terraform) || skip_all "terraform is not installed"
export real TF_CLI_CONFIG_FILE=/dev/null

# One module more, of things that cost something.
cp -r "$PURSER_TEMPLATES" "$work/templates"
PURSER_TEMPLATES="$work/templates"
cp -r "$PURSER_TEMPLATES/module" "$PURSER_TEMPLATES/costly"
{
	sed -e '/^cost = /d' -e 's/^name = "module"/name = "costly"/' "$PURSER_TEMPLATES/module/capability.toml"
	printf '[[cost]]\nname = "machines"\nvm = "Standard_B1s"\nquantity = "{count}"\n'
} > "$PURSER_TEMPLATES/costly/capability.toml"

# $WORLD/drift-ID is what a refresh of that objective tells, $WORLD/fails-ID how one fails.
cat > "$work/bin/terraform" <<'SH'
#!/bin/sh
case " $* " in
*" -refresh-only "*" -detailed-exitcode "*)
	id=${1##*/}
	if [ -e "$WORLD/fails-$id" ]; then
		cat "$WORLD/fails-$id"
		exit 1
	fi
	if [ -e "$WORLD/drift-$id" ]; then
		cat "$WORLD/drift-$id"
		exit 2
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
has "... what still counts" "$work/line" "1 of 3 resources is gone; the objective still counts as $(printf %.2f "$month") USD a month"
has "... of how many" "$work/out" "1 of 2 objectives drifted"
exits 1 "with --verbose the ids" "$PURSER" drift --verbose
has "... in full" "$work/out" "$2"
exits 1 "as JSON" "$PURSER" drift --batch c --json
is "... addresses and ids" "$(of '[(r["drift"], r["address"], r["id"]) for r in o["objectives"][0]["resources"]]')" \
	"[('gone', 'terraform_data.thing[1]', '$2'), ('changed', 'terraform_data.thing[2]', '$3')]"
is "... money" "$(of 'o["objectives"][0]["monthly"]["high"]')" "$month"
exits 0 "the other batch has none" "$PURSER" drift --batch b

# ---- it cannot be asked ----
echo '{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Error acquiring the state lock","detail":"held"}}' > "$WORLD/fails-$tf"
exits 5 "one that cannot be asked" "$PURSER" drift
has "... which, and why" "$work/err" "could not be asked: "
has "... the others are" "$work/out" "1 of 1 objective drifted"
has "... when to type it again" "$work/err" "next: purser drift "
exits 5 "as JSON" "$PURSER" drift --json b/tf
is "... the failure" "$(of 'o["objectives"][0]["failure"]["code"], o["not_asked"]')" "('StateLocked', 1)"
rm "$WORLD/fails-$tf"

objective safe module 'region = "eastus"
parameters = { count = 1, token = "env:TOKEN" }' | submit d
TOKEN=abc "$PURSER" run > "$work/run.log" 2>&1
exits 5 "a secret that is not there" "$PURSER" drift d/safe
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
exits 0 "what was left by one that was killed" "$PURSER" drift b/tf
is "... goes" "$(ls "$PURSER_STATE_DIR/drift")" ""

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
