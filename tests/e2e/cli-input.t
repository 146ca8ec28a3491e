#!/bin/sh
# Bad input: a clear message with the place, exit 2, and nothing is stored.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

# refused TITLE REGEX: what $file holds is refused for that reason, by submit and by plan.
refused() {
	for command in submit plan; do
		run 2 "$command: $1" "$command" "$file"
		err "$2"
	done
	ok '... and nothing was stored' test ! -e "$work/state/purser.db"
}

head='[[objective]]
name = "a"
capability = "resource_group"
region = "eastus"
resource_group = "rg"
'
file=in.toml
printf 'x = \n' > "$file"
refused 'TOML that is none' 'in\.toml:.*(1:5|line 1, column 5)'
printf '' > "$file"
refused 'an empty file' 'in\.toml'
printf '%sfoo = 1\n' "$head" > "$file"
refused 'an unknown key' 'in\.toml:6:1: .*foo'
printf '%sparameter = {}\n' "$head" > "$file"
refused 'a misspelt key' 'did you mean "parameters"'
printf '%sparameters = { nam = "x" }\n' "$head" > "$file"
refused 'an unknown parameter' 'in\.toml:6:.*nam'
printf '%s\n%s' "$head" "$head" > "$file"
refused 'a name twice' 'in\.toml:[0-9]+.*"?a"?'
printf '%s' "$head" | sed 's/resource_group"$/resource_grup"/' > "$file"
refused 'an unknown capability' 'resource_grup.*did you mean "resource_group"'
printf '%s' "$head" | sed 's/^name.*/name = "..\/..\/etc"/' > "$file"
refused 'a path as a name' 'in\.toml:2:'
printf '%s' "$head" | sed 's/"rg"/"rg; rm -rf \/"/' > "$file"
refused 'a group that is none' 'in\.toml:5:1: .*resource group'
printf '%sdepends_on = ["a"]\n' "$head" > "$file"
refused 'a cycle of one' 'in\.toml'
printf '%sdepends_on = ["b"]\n' "$head" > "$file"
refused 'a dependency on nothing' '"b"'
{
	printf '%sdepends_on = ["b"]\n' "$head"
	printf '%sdepends_on = ["a"]\n' "$head" | sed 's/^name.*/name = "b"/'
} > "$file"
refused 'a cycle of two' '(cycle|circle|one another)'
printf '%sstrategy = "magic"\n' "$head" > "$file"
refused 'an unknown strategy' 'magic'
printf '%spriority = 1000\n' "$head" > "$file"
refused 'a priority out of range' 'priority'
printf '%son_failure = "panic"\n' "$head" > "$file"
refused 'an unknown word' 'on_failure'
printf '%s' "$head" | sed 's/"resource_group"/"linux_vm"/' |
	awk '{ print } END { print "parameters = { size = \"x --custom-data /etc/shadow\" }" }' > "$file"
refused 'a value that would be an option' 'size'
printf '%sfoo = 1\nbar = 2\n' "$head" > "$file"
refused 'several faults: the first' 'foo'
{
	printf 'title = "x"\n'
	printf '%sfoo = 1\ndepends_on = ["nothing"]\n' "$head"
	printf '%s' "$head" | sed 's/^region.*/region = 7/; s/^name.*/name = "b"/'
} > "$file"
run 2 'faults of all kinds' submit in.toml
ok '... are told at once, in the order of the file' sh -c '
	[ "$(sed -n "s/^purser: in.toml:\([0-9]*\):.*/\1/p" err | tr "\n" " ")" = "1 7 8 12 " ]'
err '^next: purser submit in.toml'
printf '%stimeout = "90"\n' "$head" > "$file"
refused 'a duration without a unit' 'in\.toml:6:1: .*expected a duration'
printf '%sdeadline = "tomorrow"\n' "$head" > "$file"
refused 'a time that is none' 'in\.toml:6:1: "deadline": "tomorrow" is no time like 2026-11-21T02:00:00Z or [^ ]*$'
printf '%sfoo = 1\nbar = 2\n' "$head" > "$file"
run 2 'several faults' plan in.toml
err 'bar'
printf '%slabels = { a = "b\000c" }\n' "$head" > "$file"
refused 'a NUL byte' 'in\.toml'
printf '%slabels = { a = "\377" }\n' "$head" > "$file"
refused 'invalid UTF-8' 'in\.toml'

file=in.json
printf '{"objective": [' > "$file"
refused 'JSON that is none' 'in\.json'
printf '[{"name":"a","name":"b"}]' > "$file"
refused 'a key twice' 'in\.json'
printf '[{"name":"a","capability":"resource_group","region":"eastus","resource_group":"rg","x":1}]' > "$file"
refused 'an unknown key in JSON' 'in\.json.*x'
printf '7' > "$file"
refused 'a number' 'in\.json'

file=in.jsonl
printf '%s\n%s\n' '{"name":"a","capability":"resource_group","region":"eastus","resource_group":"rg"}' '{"name":' > "$file"
refused 'a broken line' 'in\.jsonl:.*(line )?2'

run 2 'a file that is not there' submit nowhere.toml
err 'nowhere\.toml'
run 2 'a folder' submit "$work"
err "$work"
run 2 'no file' submit
err 'which file'
run 2 'two files' submit in.toml --file in.toml
err 'both'
run 2 'a batch name that is none' submit in.toml --batch '../x'
err 'is not a name'
run 2 'standard input that is empty' submit -
err 'standard input'
if [ "$(id -u)" -ne 0 ]; then
	: > locked.toml
	chmod 000 locked.toml
	run 2 'a file that may not be read' submit locked.toml
	err 'locked\.toml'
fi
ok 'nothing was stored by any of these' test ! -e "$work/state/purser.db"

printf '[run]\njobz = 1\n' > config.toml
run 2 'an unknown setting' list
err 'config\.toml:2:1: unknown setting "jobz" in \[run\]; did you mean "jobs"'
run 2 'a setting out of range' --config /nonexistent/config.toml list
err '/nonexistent/config\.toml'
run 0 'version needs no configuration' version
: > config.toml
(unset HOME PURSER_STATE_DIR PURSER_CONFIG
	if [ "$(id -u)" -eq 0 ]; then exit 0; fi
	"$PURSER" list 2>"$work/err"; [ $? -eq 2 ] && grep -q HOME "$work/err")
report $? 'no HOME'

done_testing
