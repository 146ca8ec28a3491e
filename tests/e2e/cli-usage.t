#!/bin/sh
# Commands, options, help and version: what is typed wrong is told and exits 2.
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

run 0 'version' version
out '^purser [0-9.]+$'
run 0 '--version' --version
out '^purser [0-9.]+$'
run 0 'version --json' version --json
ok '... parses' json
ok '... and left no trace' test ! -e "$work/state"

run 2 'no command'
err 'Usage: purser'
run 0 '--help' --help
out 'Usage: purser'
for command in submit plan run list show log cancel retry resolve destroy resources export audit capabilities doctor version help; do
	out "^  $command +[a-z]"
done
for status in 0 1 2 3 4 5 6; do
	out "^  $status  "
done
ok '... fits 80 columns' narrow

for command in submit plan run list show log cancel retry resolve destroy resources export audit capabilities doctor version help; do
	run 0 "help $command" help "$command"
	out "^Usage: purser $command"
	ok '... fits 80 columns' narrow
	cp "$work/out" "$work/help"
	run 0 "$command --help" "$command" --help
	ok '... is the same' cmp "$work/help" "$work/out"
done

run 2 'an unknown command' sumbit
err 'unknown command "sumbit"; did you mean "submit"\?'
run 2 'a very unknown command' xyzzy
err 'unknown command "xyzzy"$'
run 2 'help of an unknown command' help lst
err 'did you mean "list"\?'
run 2 'an unknown option' list --bach x
err 'unknown option "--bach"; did you mean "--batch"\?'
run 2 'an unknown global option' --nope list
err 'unknown option "--nope"'
run 2 'an unknown letter' list -Z
err 'unknown option "-Z"'
run 2 'a value that is missing' list --batch
err '--batch needs a value'
run 2 'a value that looks like an option' list --batch --json
err '--batch needs a value'
run 2 'an empty value' list --batch=
err 'the value is empty'
run 2 'a value for a flag' list --json=yes
err '--json takes no value'
run 2 'an option given twice' list --batch a --batch b
err 'given twice'
run 2 'a number that is none' list --limit many
err 'is not a number from 1 to'
run 2 'a number out of range' run --jobs 0
err 'is not a number from 1 to 256'
run 2 'a duration that is none' run --wait soon
err 'is not a duration'
run 2 'an argument too many' version now
err 'unexpected argument "now"'
run 2 'an argument too few' show
err 'usage: purser show OBJECTIVE'
run 2 'an empty value of a list' resolve x/y --happened --output=
err 'the value is empty'
run 2 'contradicting options' run --once --watch
err 'contradict'
run 2 'a control character in an argument' "$(printf 'a\033[31mb')"
err 'a\\x1bb?'
run 0 'options may follow' version --json --quiet
run 0 '-- ends options' help -- list

done_testing
