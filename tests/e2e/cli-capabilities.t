#!/bin/sh
# capabilities: list, show, check and schema.
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

run 0 'capabilities' capabilities
for name in resource_group storage_account virtual_network linux_vm; do
	out "^$name +azure_cli"
done
ok '... fits 80 columns' narrow
run 0 'capabilities --json' capabilities list --json
ok '... parses' json
run 0 'capabilities show' capabilities show linux_vm
out '^  size$'
ok '... fits 80 columns' narrow
run 0 'capabilities show by synonym' capabilities show vm
out '^linux_vm$'
run 0 'capabilities show --json' capabilities show linux_vm --json
ok '... parses' json
run 2 'capabilities show of none' capabilities show linux_wm
err 'did you mean "linux_vm"'
run 0 'capabilities schema' capabilities schema
ok '... parses' json
out 'json-schema.org'
run 2 'capabilities show without a name' capabilities show
run 2 'capabilities nonsense' capabilities frobnicate

for name in resource_group storage_account virtual_network linux_vm; do
	run 0 "check $name" capabilities check "$PURSER_TEMPLATES/$name"
	out 'no fault found'
done
run 2 'check of a folder that is none' capabilities check nowhere
err 'nowhere/capability\.toml'
mkdir mine
cp -r "$PURSER_TEMPLATES/resource_group/capability.toml" "$PURSER_TEMPLATES/resource_group/terraform" mine/
run 2 'check of a folder with another name' capabilities check mine
err 'mine'
sed -i 's/^name = .*/name = "mine"/; s/^synonyms.*/synonims = ["my"]/' mine/capability.toml
run 2 'check of a misspelt key' capabilities check mine
err 'capability\.toml:[0-9]+:[0-9]+: .*synonims'
sed -i 's/^synonims/synonyms/' mine/capability.toml
run 0 'check of one of your own' capabilities check mine

printf '[templates]\nfolders = ["%s/own"]\n' "$work" > config.toml
run 2 'a folder of your own that is not there' capabilities
err 'own: cannot read this folder'
mkdir own
mv mine own/
run 0 'a folder of your own' capabilities
out '^mine '
sed -i 's/"my"/"vm"/' own/mine/capability.toml
run 2 'a synonym that is taken' capabilities
err 'synonym "vm" is already a synonym of'
run 0 '... which check of the folder alone does not mind' capabilities check own/mine

done_testing
