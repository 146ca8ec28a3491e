#!/bin/sh
# Decision rules and names: from a capability of one's own to the plan, the
# store and the catalogue. A reference is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

mkdir -p own/cluster
printf '[templates]\nfolders = ["%s/own"]\n' "$work" > config.toml

# member EXPRESSION: of the JSON document on the last stdout, as Python would write it.
member() {
	/usr/bin/python3 -c 'import json, sys; print(eval("d" + sys.argv[2], {"d": json.load(open(sys.argv[1]))}))' \
		"$work/out" "$1"
}

# The rules stand in a file of their own, so that a test can change them.
basis() {
	cat <<-'END'
	name = "cluster"
	summary = "Machines for one workload"
	requires = ["region", "resource_group"]

	[parameters.name]
	type = "string"
	default = "{naming}"
	kind = "storage_account"
	help = "Its name."

	[parameters.workload]
	type = "string"
	default = "general"
	values = ["general", "ml"]
	help = "What it is for."

	[parameters.size]
	type = "string"
	default = "Standard_B1s"
	help = "The size of a machine."

	[parameters.nodes]
	type = "integer"
	required = true
	min = 1
	max = 9
	example = 2
	help = "How many."

	[outputs.id]
	type = "string"
	help = "Its full id."

	[[cost]]
	name = "machines"
	vm = "{size}"
	quantity = "{nodes}"

	[[azure_cli.step]]
	name = "cluster"
	summary = "make {nodes} x {size} as {name}"
	run = ["az", "cluster", "create", "--name={name}", "--resource-group={resource_group}",
		"--size={size}", "--count={nodes}", "--tags", "{tags...}"]
	check = ["az", "cluster", "show", "--name={name}", "--resource-group={resource_group}"]
	undo = ["az", "cluster", "delete", "--name={name}", "--resource-group={resource_group}"]
	id = "id"
	outputs = { id = "id" }
	targets = ["/Microsoft.Example/clusters/{name}"]
	idempotent = true
	END
}

rules() {
	cat <<-'END'

	[[decide]]
	name = "ml in production"
	when = { workload = "ml", "labels.environment" = ["prod", "production"] }
	set = { size = "Standard_D4s_v5", nodes = 8 }

	[[decide]]
	name = "ml"
	when = { workload = "ml" }
	set = { size = "Standard_D2s_v5", nodes = 2 }
	END
}

objective() {
	cat <<-END
	batch = "$1"
	[[objective]]
	name = "train"
	key = "$1-train"
	capability = "cluster"
	region = "eastus"
	labels = { team = "Data Sci", environment = "$2" }
	parameters.workload = "ml"
	END
}

{ basis && rules; } > own/cluster/capability.toml
echo '# Clusters' > own/cluster/README.md
run 0 'the capability is right' capabilities check own/cluster

# The plan tells who decided.
objective prod prod > prod.toml
run 0 'plan' plan prod.toml
out '^# size = Standard_D4s_v5 \(ml in production\)$'
out '^# nodes = 8 \(ml in production\)$'
out '^# resource_group = rg-Data-Sci-prod \(naming\.resource_group\)$'
out '--name=datasciprod[0-9a-f]{10} '
ok '... fits 80 columns' narrow
run 0 'plan --json' plan prod.toml --json
out '"size": "ml in production"'
objective dev dev > dev.toml
run 0 'another environment' plan dev.toml
out '^# size = Standard_D2s_v5 \(ml\)$'
{ cat dev.toml && echo 'parameters.size = "Standard_B2s"'; } > given.toml
run 0 'what is given stays' plan given.toml
no_out '^# size'
out '^# nodes = 2 \(ml\)$'
out '--size=Standard_B2s '

# It is kept with the objective.
run 0 'submit' submit prod.toml
run 0 'show' show prod/train
out '^  decided +resource_group = rg-Data-Sci-prod \(naming\.resource_group\)$'
out ' size = Standard_D4s_v5 \(ml in production\)$'
ok '... fits 80 columns' narrow
run 0 'show --json' show prod/train --json
ok '... has the rule' test "$(member '["decided"]["nodes"]')" = 'ml in production'
ok '... and the value' test "$(member '["parameters"]["nodes"]')" = 8

# Rules and settings change: the same submission is still the same, and what was decided stands.
{ basis && rules | sed 's/Standard_D4s_v5/Standard_E4s_v5/; s/nodes = 8/nodes = 9/'; } > own/cluster/capability.toml
printf '[naming]\npattern = "{objective}"\nresource_group = "{team}"\n' >> config.toml
run 0 'the same key, other rules' submit prod.toml
run 0 'show' show prod/train --json
ok '... decided as it was' test "$(member '["parameters"]["size"]')" = Standard_D4s_v5
run 0 'plan of the stored one' plan prod/train
out '^# size = Standard_D4s_v5 \(ml in production\)$'
run 0 'plan of the file' plan prod.toml
out '^# size = Standard_E4s_v5 \(ml in production\)$'
out '^# resource_group = Data-Sci '
out '--name=train[0-9a-f]{10} '
sed 's/"ml"$/"general"\nparameters.nodes = 8/' prod.toml > other.toml
run 2 'another submission with that key' submit other.toml
err 'belongs to another submission'

# Faults, each with its place.
printf 'parameters.name = "Data-Sci"\n' | cat prod.toml - > name.toml
run 2 'a name that Azure would refuse' plan name.toml
err 'name\.toml:9:12: .*"Data-Sci" is no name of a storage account, expected 3 to 24 of a-z and 0-9'
sed '/^labels/d' prod.toml > group.toml
run 2 'no label for the group' plan group.toml
err 'group\.toml:2:1: "cluster" needs a "resource_group"'
sed 's/"ml"$/"${b.outputs.id}"/' prod.toml > reads.toml
printf '[[objective]]\nname = "b"\ncapability = "cluster"\nregion = "eastus"\nresource_group = "x"\nparameters.nodes = 1\n' >> reads.toml
run 2 'a rule that would have to read an output' plan reads.toml
err 'reads\.toml:8:12: a decision rule reads parameter "workload", which cannot refer to an output'
{ basis && rules | sed 's/nodes = 8/node = 8/'; } > own/cluster/capability.toml
run 2 'a rule with a slip' capabilities check own/cluster
err 'capability\.toml:[0-9]+:[0-9]+: there is no parameter "node"; did you mean "nodes"'
{ basis && rules; } > own/cluster/capability.toml
printf '[naming]\npattern = "{team"\n' > broken.toml
run 2 'a pattern with a slip' --config broken.toml list
err 'broken\.toml:2:1: naming\.pattern: "\{team" has a brace'

# The catalogue.
run 0 'capabilities' capabilities
out '^cluster +azure_cli +[0-9.]+ +Machines for one workload$'
out '^resource_group +azure_cli.* nothing '
run 0 'capabilities show' capabilities show cluster
out '^  ml in production$'
out 'where workload is ml and label environment is prod or production: size ='
out 'Azure allows'
out '^      1\. make \{nodes\} x \{size\} as \{name\}$'
out '^  [0-9.]+ USD a month'
out 'own/cluster/README\.md$'
ok '... fits 80 columns' narrow
run 0 'capabilities show --json' capabilities show cluster --json
ok '... with the rules' test "$(member '["decide"][0]["when"]["labels.environment"][1]')" = production
ok '... and the cost' test "$(member '["estimate"]["components"][0]["name"]')" = machines
exits 0 'without a price book' env PURSER_PRICES="$work/none.db" "$PURSER" capabilities show cluster
out '^  not known: '
exits 0 '... nor a price in the list' env PURSER_PRICES="$work/none.db" "$PURSER" capabilities
out '^cluster +azure_cli +unknown'
for name in "$PURSER_TEMPLATES"/*/capability.toml; do
	name=${name%/capability.toml}
	run 0 "the catalogue has ${name##*/}" capabilities show "${name##*/}"
	ok '... fits 80 columns' narrow
done

done_testing
