#!/bin/sh
# estimate, and the estimates below plans: amounts, what is unknown, what is
# refused, and that sums are exact.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"
export PURSER_PRICES="${PURSER_PRICES:-$builddir/prices.db}"

KEY='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJcY5m5Qv3s2yq0c1M8k4l6n7p8r9t0u1v2w3x4y5z6A me@here'
SUBNET=/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/n/subnets/d

# vm NAME REGION PARAMETERS
vm() {
	cat <<-END

	[[objective]]
	name = "$1"
	capability = "linux_vm"
	region = "$2"
	resource_group = "rg"
	parameters = { ssh_public_key = "$KEY", subnet_id = "$SUBNET", $3 }
	END
}

# unwrapped REGEX: one test; the last stdout has it, wherever its lines are broken.
unwrapped() {
	tr -s '\n ' '  ' < "$work/out" | grep -Eq -- "$1"
	report $? "... stdout has /$1/"
}

# exact EXPRESSION: a Python expression of the last JSON, j, with D for exact decimals, is true.
exact() {
	/usr/bin/python3 -c '
import json, sys
from decimal import Decimal as D
j = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$work/out" "$1"
}

batch > batch.toml
vm web eastus2 'size = "Standard_B2s", count = 2, public_ip = true, os_disk_type = "Premium_LRS", egress_gb = 0' >> batch.toml
run 0 'estimate of a file' estimate batch.toml
out '^web-dev/web: linux_vm in eastus2$'
out '^web-dev/group: resource_group in eastus$'
out '^  costs nothing by itself$'
out '^machines +Standard_B2s, linux +2 +60\.74 +60\.74 +60\.74$'
out '^addresses +.* 7\.30 +7\.30 +7\.30$'
out '^month +USD +'
out '^  prices of 20[0-9-]+ or later, '
out '^total of 3 objectives: '
ok '... fits 80 columns' narrow
ok '... and made no state folder' test ! -e "$work/state"
run 0 'estimate --json' estimate batch.toml --json
ok '... components sum up to the objective' exact 'all(
	sum(D(c["monthly"][k]) for c in o["estimate"]["components"]) == D(o["estimate"]["monthly"][k])
	and sum(D(c["hourly"][k]) for c in o["estimate"]["components"]) == D(o["estimate"]["hourly"][k])
	for o in j["objectives"] for k in ("low", "expected", "high"))'
ok '... and objectives to the total' exact 'all(
	sum(D(o["estimate"]["monthly"][k]) for o in j["objectives"]) == D(j["total"]["monthly"][k])
	for k in ("low", "expected", "high"))'
ok '... with date, source, region and reason' exact 'all(
	c["as_of"] and c["source"] and c["region"] and c["reason"]
	for o in j["objectives"] for c in o["estimate"]["components"])'
ok '... exactly 730 hours' exact '[D(c["monthly"]["expected"]) for o in j["objectives"]
	for c in o["estimate"]["components"] if c["name"] == "machines"] == [D("0.0416") * 2 * 730]'

vm odd eastus2 'size = "Standard_ND999_v9"' > odd.toml
run 0 'a size that nobody knows' estimate odd.toml --batch b
out '^machines +Standard_ND999_v9, linux +unknown$'
out 'machines: .*Standard_ND999_v9'
ok '... fits 80 columns' narrow
unwrapped '; 1 unpriced, not in it'
run 0 '... and as JSON' estimate odd.toml --batch b --json
ok '... is unpriced and says which component' exact \
	'j["total"]["unpriced"] == 1 and j["objectives"][0]["estimate"]["why"].startswith("machines: ")'
ok '... without an amount' exact '"monthly" not in j["objectives"][0]["estimate"]["components"][0]'

vm far brazilsouth 'size = "Standard_B2s", egress_gb = 204800' > far.toml
run 0 'a region that lacks a meter' estimate far.toml --batch b
out '^egress +.* ~[0-9,]+\.[0-9]+'
ok '... fits 80 columns' narrow
unwrapped "eastus's price times [0-9.]+ \([0-9.]+ to [0-9.]+\), the ratio of [0-9]+ common VM sizes"

vm big eastus 'size = "Standard_B2s", egress_gb = 204800' > egress.toml
run 0 'egress of 200 TB' estimate egress.toml --batch b --json
ok '... follows its tiers' exact '[D(c["monthly"]["expected"]) for o in j["objectives"]
	for c in o["estimate"]["components"] if c["name"] == "egress"] == [D("14013.375")]'

# What the cost depends on is needed before anything has run.
{
	batch
	vm web eastus2 'size = "${store.outputs.name}"'
} > later.toml
run 2 'a size that is an output' estimate later.toml
err '^purser: later\.toml:[0-9]+:[0-9]+: what it costs depends on parameter "size"'
run 2 '... is refused by submit' submit later.toml
err 'later\.toml:[0-9]+:[0-9]+: what it costs depends on parameter "size"'
{
	batch
	vm web eastus2 'size = "Standard_B2s"' |
		sed "s|subnet_id = \"[^\"]*\"|subnet_id = \"\${store.outputs.id}\"|"
} > other.toml
run 0 'another parameter may be' estimate other.toml

# A capability that says nothing of its cost.
mkdir -p own/silent
sed 's/^name = .*/name = "silent"/; s/^synonyms.*//; /^cost = /d' \
	"$PURSER_TEMPLATES/resource_group/capability.toml" > own/silent/capability.toml
cp -r "$PURSER_TEMPLATES/resource_group/terraform" own/silent/
printf '[templates]\nfolders = ["%s/own"]\n' "$work" > config.toml
printf '[[objective]]\nname = "a"\ncapability = "silent"\nregion = "eastus"\nresource_group = "rg"\n' > silent.toml
run 0 'a capability without a cost' estimate silent.toml --batch b
out 'does not say what it costs'
sed -i 's/^existing = .*/&\ncost = "nothing"/' own/silent/capability.toml
run 2 'one with a wrong cost' estimate silent.toml
err 'capability\.toml:[0-9]+:[0-9]+: "cost" is '
: > config.toml

run 0 'plan shows it' plan batch.toml
out '^# cost: nothing by itself$'
out '^# cost: [0-9.]+ USD a month \('
out '^#   machines +60\.74  Standard_B2s, linux$'
ok '... fits 80 columns' narrow
ok '... and is a shell script' sh -n "$work/out"
run 0 'plan --json' plan batch.toml --json
ok '... has it too' exact 'j[2]["estimate"]["components"][0]["monthly"]["expected"] == "60.736"'

run 0 'submitted' submit batch.toml
run 0 'estimate of an objective' estimate web-dev/web
out '^machines +Standard_B2s, linux +2 +60\.74'
run 2 'estimate of none' estimate web-dev/nothing
run 2 'estimate of what is neither' estimate no-such
run 2 'estimate of nothing' estimate

# Without prices nothing is free.
export PURSER_PRICES="$work/none.db"
env PATH="$work/bin" "$PURSER" estimate batch.toml > "$work/out" 2> "$work/err"
report $((! $?)) 'estimate without a price book fails'
run 0 'plan without a price book' plan batch.toml
out '^# cost: not known: '
ok '... fits 80 columns' narrow
echo damaged > "$work/none.db"
run 5 'estimate with a damaged price book' estimate batch.toml

done_testing
