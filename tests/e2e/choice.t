#!/bin/sh
# Which strategy does an objective: what the capability says, what the objective
# demands or excludes, which tools there are; and that plan and show tell why.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

export TF_CLI_CONFIG_FILE=/dev/null COLUMNS=200
with_terraform=$PATH
real=$(command -v terraform) || real=''

# What there is on PATH, without the tools of any strategy; "az" is the scripted one.
mkdir "$work/tools" "$work/az"
ln -s /usr/bin/* "$work/tools/" 2> "$work/ln.err"
ln -s /bin/* "$work/tools/" 2>> "$work/ln.err"
rm -f "$work/tools/az" "$work/tools/terraform"
ln -s "$srcdir/tests/scripted/cloud" "$work/az/az"
rm "$work/bin/az"
no_tool="$work/bin:$work/tools"
only_az="$work/az:$no_tool"
all="$work/az:$with_terraform"
PATH=$all

# both NAME [TOML]: a capability that az and terraform can do, in a folder of the test's own.
both() {
	mkdir -p "$work/own/$1/terraform"
	{
		printf 'name = "%s"\nsummary = "A thing that can be made in two ways."\nprovider = "Test.Both"\n' "$1"
		printf 'existing = "refuse"\ncost = "none"\nrequires = ["region"]\n\n[outputs.id]\ntype = "string"\nhelp = "Its id."\n'
		cat <<-'TOML'

		[[azure_cli.step]]
		name = "thing"
		summary = "make az-{objective}"
		run = ["az", "group", "create", "--name={objective}", "--location={region}", "--tags", "{tags...}"]
		check = ["az", "group", "show", "--name={objective}"]
		undo = ["az", "group", "delete", "--name={objective}", "--yes"]
		prove = ["az", "group", "show", "--name={objective}"]
		id = "id"
		outputs = { id = "id" }
		idempotent = true
		settle = "1s"

		[terraform]
		outputs = { id = "id" }
		TOML
		printf '%s\n' "${2:-}"
	} > "$work/own/$1/capability.toml"
	cat > "$work/own/$1/terraform/main.tf" <<-'TF'
	resource "terraform_data" "thing" {
	}

	output "id" {
	  value = terraform_data.thing.id
	}
	TF
}
both simple
both large 'complex = true'
printf '[templates]\nfolders = ["%s/own"]\n' "$work" | settings

# plan NAME CAPABILITY [TOML]: its reasons are in $work/out, as plan prints them.
plan() {
	objective "$1" "$2" "region = \"eastus\"
${3:-}" > "$work/plan.toml"
	"$PURSER" plan "$work/plan.toml" > "$work/out" 2> "$work/err"
}

# strategy NAME CAPABILITY [TOML]: that was chosen.
strategy() {
	plan "$@"
	sed -n 's/^# \([a-z_]*\): chosen, .*/\1/p' "$work/out"
}

# refused TITLE CAPABILITY WISH TEXT...: the submission is refused, and these texts stand in the message.
refused() {
	title=$1
	objective o "$2" "region = \"eastus\"
strategy = $3" > "$work/refused.toml"
	exits 2 "$title" "$PURSER" submit --batch refused "$work/refused.toml"
	shift 3
	for text in "$@"; do
		has "... $text" "$work/err" "$text"
	done
}

# --- what the capability says

is "what is simple is done by az" "$(strategy o simple)" azure_cli
has "because it comes first" "$work/out" "# azure_cli: chosen, the first of those that can do it"
has "terraform is the fallback" "$work/out" "# terraform: passed over, left to fall back to"
has "another cannot do it" "$work/out" '# script: passed over, not described by "simple"'
is "what is complex is done by terraform" "$(strategy o large)" terraform
has "because the capability says so" "$work/out" "# terraform: chosen, the capability says that it suits best"
has "az is the fallback" "$work/out" "# azure_cli: passed over, left to fall back to"
ok "a plan is still a script" sh -n "$work/out"
"$PURSER" plan "$work/plan.toml" --json > "$work/evaluate.json"
is "--json has the reasons" "$(evaluate 'o[0]["plan"]["reasons"][0]')" \
	"azure_cli: passed over, left to fall back to"
is "and does not look for tools" "$(PATH=$no_tool strategy o large)" terraform

# --- what the objective says

is "a strategy that is demanded" "$(strategy o simple 'strategy = "terraform"')" terraform
has "is told so" "$work/out" "# terraform: chosen, the objective demands it"
has "of the others too" "$work/out" "# azure_cli: passed over, the objective demands terraform"
is "one that is excluded" "$(strategy o large 'strategy = "not terraform"')" azure_cli
has "is told so" "$work/out" "# terraform: passed over, the objective excludes it"
is "several" "$(strategy o either 'strategy = ["not azure_cli", "not terraform"]')" script
has "are told so" "$work/out" "# azure_cli: passed over, the objective excludes it"
is "\"auto\" leaves the choice" "$(strategy o simple 'strategy = "auto"')" azure_cli

refused "an unknown strategy" simple '"teraform"' 'unknown strategy "teraform"; did you mean "terraform"?'
refused "an unknown one that is excluded" simple '["not teraform"]' 'did you mean "terraform"?'
refused "an exclusion that leaves none" module '"not terraform"' 'no strategy can do "module"' \
	'terraform: the objective excludes it' 'azure_cli: not described by "module"'
refused "all of them" simple '["not terraform", "not azure_cli"]' 'no strategy can do "simple"'
refused "one that cannot do it" module '"azure_cli"' \
	'the strategy that is demanded cannot do "module": azure_cli: not described by "module"'
refused "a list that demands" simple '["terraform"]' 'refused.toml:5:1: "strategy" is ["terraform"], expected' \
	'"not terraform"'
refused "an empty list" simple '[]' '"strategy" is [], expected'
refused "a number" simple 3 '"strategy" is 3, expected'
refused "another spelling" simple '"!terraform"' '"strategy" is "!terraform", expected'
refused "nothing but not" simple '"not auto"' '"strategy" is "not auto", expected'

wished() {
	objective o simple "region = \"eastus\"
key = \"wish\"
strategy = $1"
}
wished '["not terraform", "not script", "not terraform"]' | submit wish
is "it is kept with the objective" "$(value wish/o 'o["strategy"]')" "not script, not terraform"
wished '"not script, not terraform"' > "$work/again.toml"
exits 0 "the same wish in other words is the same submission" "$PURSER" submit "$work/again.toml"
has "... it is known" "$work/out" "1 known"
wished '"not terraform"' > "$work/other.toml"
exits 2 "another wish is another one" "$PURSER" submit "$work/other.toml"
"$PURSER" cancel wish/o > "$work/cancel.log" 2>&1

# The schema for editors takes the same wishes.
"$PURSER" capabilities schema > "$work/evaluate.json"
matches() {
	evaluate "[bool(__import__('re').search(p, '$1')) for s in [o['\$defs']['objective']['properties']['strategy']['anyOf']] for p in [s[0]['pattern'], s[1]['items']['pattern']]]"
}
is "the schema knows a name" "$(matches terraform)" "[True, False]"
is "an exclusion" "$(matches 'not terraform')" "[True, True]"
is "two of them" "$(matches 'not terraform, not script')" "[True, True]"
is "and what is none" "$(matches 'not')$(matches '!terraform')" "[True, False][False, False]"

# --- which tools there are

PATH=$only_az
{ objective plain simple 'region = "eastus"' && objective big large 'region = "eastus"'; } | submit tools
exits 0 "without terraform az does it all" "$PURSER" run --wait 20s
ok "it did" stands az-plain az-big
is "also what terraform would do better" "$(value tools/big 'o["attempts"][0]["strategy"]')" azure_cli
exits 0 "show" "$PURSER" show tools/big
has "... tells why" "$work/out" "azure_cli: chosen, the only one that can do it"
has "... and what there was not" "$work/out" "terraform: passed over, there is no terraform on PATH"
is "show --json too" "$(value tools/big 'o["plan"]["reasons"][2][:54]')" \
	"terraform: passed over, there is no terraform on PATH "
exits 0 "plan of what was done" "$PURSER" plan tools/big
has "... tells the same" "$work/out" "# terraform: passed over, there is no terraform on PATH"

{ objective only module 'region = "eastus"
parameters = { count = 1 }' && objective named simple 'region = "eastus"
strategy = "terraform"' && objective fine simple 'region = "eastus"'; } | submit lack
exits 1 "what only terraform can do fails without it" "$PURSER" run --wait 20s
for name in only named; do
	is "$name has failed" "$(state lack/$name)" failed
	is "... before anything was begun" "$(value lack/$name 'len(o["executions"])')" 0
	"$PURSER" show "lack/$name" > "$work/show" 2>&1
	has "... with what is missing" "$work/show" "there is no terraform on PATH"
	has "... and where to get it" "$work/show" "https://developer.hashicorp.com/terraform/install"
done
is "what az can do is done" "$(state lack/fine)" succeeded

# A strategy whose tool is not there is none to fall back to.
echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault az.run.az-fall
objective fall simple 'region = "eastus"' | submit fall
exits 1 "no fallback to a tool that is not there" "$PURSER" run --wait 20s
is "one attempt, and az's own failure" "$(value fall/fall '[len(o["attempts"]), o["failure"]["code"]]')" \
	"[1, 'OperationNotAllowed']"
echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault az.run.az-third
objective third either 'region = "eastus"' | submit third
mend az.run.az-fall

PATH=$all
exits 0 "a fallback" "$PURSER" run --wait 20s
exits 0 "show" "$PURSER" show third/third
has "... tells of it" "$work/out" "azure_cli: passed over, an earlier attempt fell back from it"
has "... and what was left" "$work/out" "script: chosen, the only one that can do it"

# Where the subscription is known, nothing asks az who it is: it is looked for all the same.
PATH=$no_tool
objective one simple 'region = "eastus"
strategy = "azure_cli"' | submit none
exits 1 "what only az can do fails without it" "$PURSER" run --wait 20s
"$PURSER" show none/one > "$work/show" 2>&1
has "... with what is missing" "$work/show" "there is no az on PATH"
has "... and where to get it" "$work/show" "install-azure-cli"
objective two simple 'region = "eastus"' | submit nothing
exits 1 "what either can do fails without both" "$PURSER" run --wait 20s
"$PURSER" show nothing/two --json > "$work/show" 2>&1
has "... without az" "$work/show" "there is no az on PATH"
has "... without terraform" "$work/show" "there is no terraform on PATH"

# Where it is not, the run stops before anything of it fails.
printf '[templates]\nfolders = ["%s/own"]\n' "$work" > "$PURSER_CONFIG"
objective waits simple 'region = "eastus"
strategy = "azure_cli"' | submit waits
exits 5 "without az, and no subscription known" "$PURSER" run --wait 20s
is "it waits" "$(state waits/waits)" queued
PATH=$all
exits 0 "it is done when az is back" "$PURSER" retry none/one
printf '[templates]\nfolders = ["%s/own"]\n' "$work" | settings
exits 0 "with all that waited" "$PURSER" run --wait 20s
is "what failed is done" "$(state none/one)" succeeded

if [ -n "$real" ]; then
	ln -s "$real" "$work/tools/terraform"
	PATH=$no_tool
	objective other simple 'region = "eastus"' | submit swap
	exits 0 "without az terraform does it" "$PURSER" run --wait 60s
	is "it did" "$(value swap/other 'o["attempts"][0]["strategy"]')" terraform
	is "and says why" "$(value swap/other 'o["plan"]["reasons"][0][:44]')" \
		"azure_cli: passed over, there is no az on PA"
	PATH=$all
	exits 0 "what failed without terraform" "$PURSER" retry lack/only lack/named
	objective best large 'region = "eastus"' | submit best
	exits 0 "... is done with it" "$PURSER" run --wait 60s
	is "all of it" "$(state lack/only) $(state lack/named)" "succeeded succeeded"
	is "what is complex by terraform" "$(value best/best 'o["attempts"][0]["strategy"]')" terraform
else
	skip "what the real terraform does" "terraform is not installed"
fi
in_order

# --- the capability author's side

exits 0 "check DIR" "$PURSER" capabilities check "$work/own/simple"
exits 0 "check DIR/" "$PURSER" capabilities check "$work/own/simple/"
cp -r "$work/own/simple" "$work/own/else"
exits 2 "check of a name that is not the folder's" "$PURSER" capabilities check "$work/own/else//"
has "... says so" "$work/err" 'the name "simple" is not that of its folder, "else"'
done_testing
