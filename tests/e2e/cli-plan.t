#!/bin/sh
# plan: exact command lines, without a store and without any tool on PATH.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

batch > batch.toml
run 0 'plan of a file' plan batch.toml
out '^# web-dev/group: resource_group by azure_cli, [0-9]+ steps?$'
out '^az group create .*--name=rg-web-dev'
out 'purser-objective='
ok '... fits 80 columns' narrow
ok '... and is a shell script' sh -n "$work/out"
ok '... and made no state folder' test ! -e "$work/state"
cp "$work/out" plan.sh

# What a shell makes of the wrapped lines is what --json says.
run 0 'plan --json' plan batch.toml --json
ok '... parses' json
ok '... and says the same' /usr/bin/python3 - "$work/out" plan.sh <<'END'
import json, shlex, sys
wanted = [s["run"] for p in json.load(open(sys.argv[1])) for s in p["plan"]["steps"]]
text = open(sys.argv[2]).read().replace("\\\n", " ")
lines = [shlex.split(l) for l in text.splitlines() if l and not l.startswith("#")]
sys.exit(wanted != lines)
END

run 0 'plan --verbose' --verbose plan batch.toml
out '^# check:'
out '^# undo:'
ok '... fits 80 columns' narrow
PATH="$work/bin" "$PURSER" plan - < batch.toml > "$work/out" 2> "$work/err"
report $? 'plan of standard input'
run 0 'plan by --file' plan --file batch.toml
ok '... is the same' cmp plan.sh "$work/out"
run 2 'plan of what is neither' plan no-such
err 'no-such'
run 2 'plan of an objective, where nothing was submitted' plan web-dev/group
err 'nothing was submitted'

cat > vm.toml <<'END'
[[objective]]
name = "it"
capability = "linux_vm"
region = "eastus"
resource_group = "rg"
parameters = { ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJcY5m5Qv3s2yq0c1M8k4l6n7p8r9t0u1v2w3x4y5z6A me@here", subnet_id = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/n/subnets/d" }
END
run 0 'plan of a template' --verbose plan vm.toml --batch b
out 'deployment group create'
out 'parameters\.json'
ok '... is a shell script' sh -n "$work/out"

printf '[[objective]]\nname = "a"\ncapability = "resource_group"\nregion = "eastus"\nresource_group = "rg"\nlabels = { note = "it'"'"'s $(reboot) `x`" }\n' > quote.toml
run 0 'a value with quotes' plan quote.toml
ok '... stays one harmless word' sh -c "sed 's/^az/: az/' '$work/out' | sh -n"

done_testing
