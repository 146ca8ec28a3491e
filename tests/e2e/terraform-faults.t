#!/bin/sh
# Faults of terraform that the real one cannot be brought to, with a scripted one:
# what it does not tell, tells wrongly, or dies of.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

settings <<'TOML'
[run]
lease = "2s"
[retry]
max_retries = 2
delay = "50ms"
max_delay = "100ms"
jitter = 0
TOML
ln -s "$srcdir/tests/fakes/terraform" "$work/bin/terraform"

# scene: without faults.
scene() {
	FAKE_TERRAFORM="$work/faults-$1"
	export FAKE_TERRAFORM
	mkdir "$FAKE_TERRAFORM"
	: > "$FAKE_TERRAFORM/calls"
}
# when VERB[.N] < SH: what such a call does.
when() {
	cat > "$FAKE_TERRAFORM/$1"
}
did() {
	grep -cx -- "$1" "$FAKE_TERRAFORM/calls"
}
# thing NAME [TOML]: by terraform alone.
thing() {
	objective "$1" module_either "region = \"eastus\"
strategy = \"terraform\"
${2:-}" | submit "$1"
}
stands_of() {
	value "$1" '[r["id"] for r in o["resources"] if r["state"] == "live"]'
}
failure() {
	value "$1" 'o["failure"].get("code", "-") + " " + o["failure"]["class"]'
}

scene usual
thing usual
exits 0 "the scripted terraform is applied" "$PURSER" run --wait 20s
is "... and its thing stands" "$(value usual/usual 'o["outputs"]["id"]')" "$(cat "$PURSER_STATE_DIR"/work/*/thing)"
exits 0 "... it is destroyed" "$PURSER" destroy usual/usual
exits 0 "... and gone" "$PURSER" run --wait 20s
is "... by a single destroy" "$(did destroy) $(state usual/usual)" "1 destroyed"

scene registry
echo 'complain "Failed to query available provider packages: could not connect to registry.terraform.io: connection reset by peer"' | when init.1
thing registry
exits 0 "a registry that cannot be reached for a moment" "$PURSER" run --wait 20s
is "... is asked again, and nothing applied before" "$(did init) $(did apply)" "2 1"

scene sku
echo 'hook apply_start create ""; fail "creating it" "unexpected status 409 (409 Conflict) with error: SkuNotAvailable: The size is not available."' | when apply
thing sku
exits 1 "a size that is sold out" "$PURSER" run --wait 20s
is "... is told by the provider's code" "$(failure sku/sku)" "SkuNotAvailable capacity"
is "... and nothing stands" "$(stands_of sku/sku)" '[]'

# Killed in the middle: what it has told to be made is put into the state, and it is planned anew.
scene killed
echo 'effect; die' | when apply.1
thing killed
exits 0 "an apply that is killed after it made the thing" "$PURSER" run --wait 20s
is "... that is imported, and made once" "$(did import) $(stands_of killed/killed)" \
	"1 ['$(value killed/killed 'o["outputs"]["id"]')']"
is "... by a plan of its own" "$(did plan) $(did apply)" "2 2"

scene silent
echo 'die' | when apply.1
thing silent
exits 0 "an apply that is killed before it told anything" "$PURSER" run --wait 20s
is "... is planned anew" "$(did import) $(did plan) $(did apply)" "0 2 2"

scene unsaved
echo 'effect; fail "Failed to save state" "Error saving state"' | when apply.1
thing unsaved
exits 0 "a state that could not be saved" "$PURSER" run --wait 20s
is "... is pushed before anything else" "$(grep -nx push "$FAKE_TERRAFORM/calls" | cut -d : -f 1)" 4
is "... and nothing is made twice" "$(value unsaved/unsaved 'len(o["resources"])')" 1

# Stopped by its timeout, it ends with a signal's grace and cannot save: SIGINT, in the middle of its work.
scene stopped
cat << 'SH' | when apply.1
effect
trap 'echo {} > "$folder/errored.tfstate"; fail "Failed to save state" "Error saving state: see errored.tfstate"' INT
i=0
while [ "$i" -lt 600 ]; do
	sleep 0.1
	i=$((i + 1))
done
SH
thing stopped 'step_timeout = "1s"'
exits 0 "an apply that is stopped, and cannot save its state" "$PURSER" run --wait 30s
is "... which is pushed before it is planned again" \
	"$(grep -nx push "$FAKE_TERRAFORM/calls" | head -n 1 | cut -d : -f 1) $(grep -nx plan "$FAKE_TERRAFORM/calls" | tail -n 1 | cut -d : -f 1)" "4 7"
is "... and is no record of what stands any more" "$(find "$PURSER_STATE_DIR/work" -name 'errored.tfstate*' | sed 's,.*/,,')" \
	errored.tfstate.saved

scene twins
cat << 'SH' | when apply.1
effect
resource='"resource":{"addr":"fake_link.it","resource_type":"fake_link","resource_name":"it"}'
hook apply_complete create "$(cat "$state")"
die
SH
echo 'echo "$*" >> "$FAKE_TERRAFORM/imports"' | when import
thing twins
exits 0 "two resources with one id, made by an apply that was lost" "$PURSER" run --wait 20s
is "... are imported both" "$(grep -o 'fake_[a-z]*\.it' "$FAKE_TERRAFORM/imports" | paste -s -d ' ')" "fake_thing.it fake_link.it"
is "... and one id is on record" "$(value twins/twins 'len(o["resources"])')" 1

scene stale
echo 'fail "Saved plan is stale" "The given plan file can no longer be applied."' | when apply.1
thing stale
exits 0 "a plan that is stale" "$PURSER" run --wait 20s
is "... is made anew" "$(did plan) $(did apply)" "2 2"

scene mute
echo 'effect; exit 0' | when apply
thing mute
exits 1 "an apply that tells no outputs" "$PURSER" run --wait 20s
is "... fails, for they are promised" "$(failure mute/mute)" "OutputMissing invalid"
is "... and its thing is taken away" "$(stands_of mute/mute) $(did destroy)" '[] 1'

scene garbage
printf 'printf "\\377\\376 {not JSON\\n{\\"type\\":7}\\n[]\\n{\\"type\\":\\"new\\"}\\n"\n' | when apply
thing garbage
exits 0 "lines that are no JSON, or new" "$PURSER" run --wait 20s
is "... are passed over" "$(stands_of garbage/garbage)" "['$(value garbage/garbage 'o["outputs"]["id"]')']"

scene odd
echo 'exit 7' | when plan
thing odd
exits 1 "a plan that ends as no plan does" "$PURSER" run --wait 20s
is "... is not applied" "$(did apply)" 0

scene stuck
echo 'fail "deleting it" "unexpected status 409 (409 Conflict) with error: ScopeLocked: The scope is locked."' | when destroy
thing stuck
exits 0 "a thing" "$PURSER" run --wait 20s
exits 0 "... is to be destroyed" "$PURSER" destroy stuck/stuck
exits 1 "... and cannot be" "$PURSER" run --wait 20s
ok "... it is orphaned" has_orphan stuck/stuck /fake/
rm "$FAKE_TERRAFORM/destroy"
exits 0 "... tried again" "$PURSER" destroy stuck/stuck
exits 0 "... it goes" "$PURSER" run --wait 20s

# It says that it destroyed, and has not.
scene liar
echo 'exit 0' | when destroy
thing liar
exits 0 "another" "$PURSER" run --wait 20s
exits 0 "... is to be destroyed" "$PURSER" destroy liar/liar
exits 1 "... a destroy that did not is not believed" "$PURSER" run --wait 20s
ok "... it is orphaned" has_orphan liar/liar /fake/

# Terraform first, because the capability says so; az is what it falls back to.
scene fallback
echo 'fail "creating it" "unexpected status 409 (409 Conflict) with error: OperationNotAllowed: This is not allowed for this resource."' | when apply
objective fallback module_either 'region = "eastus"' | submit fallback
exits 0 "what terraform cannot do" "$PURSER" run --wait 20s
is "... az does" "$(journal fallback/fallback '[a["strategy"] for a in o["attempts"]]')" "['terraform', 'azure_cli']"

in_order
done_testing
