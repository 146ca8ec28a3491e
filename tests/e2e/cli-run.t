#!/bin/sh
# run: what it tells and how it exits. The fake az knows nothing, and then refuses.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

# What az is told to do is written down; "show" finds nothing; "create" answers or fails.
fake_az() {
	cat > bin/az <<-END
	#!/bin/sh
	echo "\$*" >> "$work/az.log"
	case "\$1 \$2" in
	"account show")
		echo '{"id": "s"}';;
	*" show")
		echo "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found." >&2
		exit 3;;
	*" create")
		$1;;
	esac
	END
	chmod 755 bin/az
}
printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\nresource_group = "rg"\n' > one.toml

run 0 'run of an empty queue' run
out '^nothing was to be done, in'
run 0 'run --json of an empty queue' run --json
ok '... parses' json
out '"event":"summary".*"status":0'
run 2 'run of a batch that is not there' run --batch nowhere
err 'there is no batch'

fake_az 'echo "{\"id\": \"/subscriptions/s/resourceGroups/rg\", \"name\": \"rg\"}"'
run 0 'submit' submit one.toml --batch good
run 0 'run' run
out 'good/group \([0-9a-f]{8}\): step 1 of 1, group, run$'
out 'good/group \([0-9a-f]{8}\): succeeded'
out '^1 succeeded, in'
no_out "$(printf '\033')"
ok '... fits 80 columns' narrow
ok '... and asked for the group once' sh -c '[ "$(grep -c "group create" az.log)" -eq 1 ]'
run 0 'show' show good/group
out '/subscriptions/s/resourceGroups/rg'
out '^1\.1 +group +run +happened'
ok '... fits 80 columns' narrow
run 0 'log' log good/group
out 'group +run +happened'
ok '... fits 80 columns' narrow
run 0 'log --output' log good/group --output
out 'stdout \|.*resourceGroups/rg'
run 0 'log --output --json' log good/group --output --json
ok '... parses' json
rm -rf state/runs
run 0 'log of output that was pruned' log good/group --output
out 'its output was not kept'
run 2 'cancel of what has ended' cancel good/group

fake_az 'printf "ERROR: (AuthorizationFailed) The client may not do \033[31mthis.\n" >&2; exit 1'
run 0 'submit' submit one.toml --batch bad
run 1 'run of what fails' run
out 'bad/group .*: failed'
no_out "$(printf '\033')"
err '^next: purser show [0-9a-f]{8}'
run 0 'list of what failed' list --state failed
out 'bad/group +failed'
no_out "$(printf '\033')"
run 0 'show of what failed' show bad/group
out 'AuthorizationFailed'
no_out "$(printf '\033')"
run 0 'log of what failed' log bad/group --output
no_out "$(printf '\033')"
run 0 'run again has nothing to do' run -q
ok '... and says nothing' test ! -s out
run 0 'submit' submit one.toml --batch ugly
run 1 'run --json of what fails' run --json
ok '... is one object a line' python3 -c '
import json
events = [json.loads(line)["event"] for line in open("out")]
assert "failed" in events and events[-1] == "summary", events'
run 0 'audit verify' audit verify

done_testing
