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
	"resource list")
		/bin/cat "$work/others.json";;
	*" show")
		echo "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found." >&2
		exit 3;;
	*" create")
		$1;;
	esac
	END
	chmod 755 bin/az
}
echo '[]' > others.json
printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\nresource_group = "rg"\n' > one.toml

run 0 'run of an empty queue' run
out '^purser: nothing was to be done, in'
run 0 'run --json of an empty queue' run --json
ok '... parses' json
out '"event":"summary".*"status":0'
run 2 'run of a batch that is not there' run --batch nowhere
err 'there is no batch'
err '^next: purser list --batches$'
run 2 'run --once --watch' run --once --watch
err '^purser: run: --once and --watch contradict one another$'
run 2 'run --wait without a unit' run --wait 10
err '^purser: run: --wait: "10" is not a duration'

fake_az 'echo "{\"id\": \"/subscriptions/s/resourceGroups/rg\", \"name\": \"rg\"}"'
run 0 'submit' submit one.toml --batch good
run 0 'run' run
out 'good/group \([0-9a-f]{8}\): step 1 of 1, group, run$'
out 'good/group \([0-9a-f]{8}\): succeeded'
out '^purser: 1 succeeded, in'
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
run 0 'resources' resources
out '^RESOURCE +STATE +ID +OBJECTIVE +AGE$'
out '^resourceGroups/rg +live +[0-9a-f]{8} +good/group'
ok '... fits 80 columns' narrow
run 0 'resources --verbose' resources good/group -v
out '^/subscriptions/s/resourceGroups/rg +live'
run 0 'resources --json' resources --batch good --json
ok '... parses' json
ok '... with the full id' /usr/bin/python3 -c '
import json
(r,) = json.load(open("out"))
assert r["id"] == "/subscriptions/s/resourceGroups/rg" and r["state"] == "live", r
assert r["batch"] == "good" and r["name"] == "group", r'
run 0 'resources --orphaned' resources --orphaned
out '^no orphaned resources$'
run 0 'destroy' destroy good/group
out '^good/group \([0-9a-f]{8}\)$'
out '^  /subscriptions/s/resourceGroups/rg$'
out '^1 objective will be undone by the runner'
err '^next: purser run$'
run 0 'list tells of it' list --batch good
out 'queued .*to be destroyed'
run 0 'destroy again' destroy good/group --json
ok '... parses' json
out '"left": *1'
# Somebody else put a disk into the group meanwhile: it is not taken along.
echo '[{"id": "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Compute/disks/d", "name": "d"}]' > others.json
run 1 'run cannot destroy what holds others'"'"' things' run
out 'good/group .*: could not be undone: '
out '1 resource orphaned, in'
err '^next: purser resources --orphaned$'
run 0 'show tells so' show good/group
out '  failed, could not be destroyed$'
out '^  orphaned +/subscriptions/s/resourceGroups/rg'
err '^next: purser destroy [0-9a-f]{8}$'
run 0 'list tells so' list --batch good
out 'failed .*could not be'
run 0 'resources --orphaned' resources --orphaned
out '^resourceGroups/rg +orphaned +[0-9a-f]{8} +good/group'
err '^next: purser destroy OBJECTIVE'
ok '... fits 80 columns' narrow
run 0 'resources --orphaned --json' resources --orphaned --json
ok '... tells why' /usr/bin/python3 -c 'import json; assert json.load(open("out"))[0]["why"]'
echo '[]' > others.json
run 2 'it is not retried forward' retry good/group
run 0 'destroy once more' destroy good/group
out '/subscriptions/s/resourceGroups/rg'
run 0 'destroy of what is being destroyed' destroy --batch good
out '^1 objective left as it was'
no_out '/subscriptions/'
run 0 'run destroys it' run
out 'good/group .*: destroyed'
out '^purser: 1 destroyed, in'
run 0 'show' show good/group
out '  destroyed$'
out '^  gone +/subscriptions/s/resourceGroups/rg'
out 'undoes 1'
run 0 'resources are gone' resources good/group --all
out '^resourceGroups/rg +gone'
run 0 'log' log good/group
out 'to be destroyed'
out 'to be undone again'
out 'undoes attempt 1, begun .*, ended: destroyed'
out 'undo .*resourceGroups/rg'
no_out 'still open'
run 0 'log --json' log good/group --json
ok '... parses' json
out '"event": *"objective.destroy_wanted"'

fake_az 'printf "ERROR: (AuthorizationFailed) The client may not do \033[31mthis.\n" >&2; exit 1'
run 0 'submit' submit one.toml --batch bad
run 1 'run of what fails' run
out 'bad/group .*: failed'
no_out "$(printf '\033')"
err '^next: purser show [0-9a-f]{8}'
err '^next: purser retry OBJECTIVE'
ok '... and the last line sums up' sh -c 'tail -n 1 out | grep -Eq "^purser: 1 failed, in [0-9]"'
run 0 'list of what failed' list --state failed
out 'bad/group +failed'
no_out "$(printf '\033')"
run 0 'show of what failed' show bad/group
out 'AuthorizationFailed'
err '^next: purser retry [0-9a-f]{8}'
no_out "$(printf '\033')"
run 0 'log of what failed' log bad/group --output
no_out "$(printf '\033')"
batch > two.toml
run 0 'submit' submit two.toml --batch two
run 1 'run of what others depend on' run --batch two
out 'two/store \([0-9a-f]{8}\): held: dependency: two/group .* failed$'
run 0 'log of the failed one' log two/group
ok '... tells the reason once' sh -c '[ "$(grep -c AuthorizationFailed out)" -eq 1 ]'
run 0 'cancel' cancel --batch two
run 0 'audit shows short forms' audit -n 100
no_out '[0-9a-f]{64}'
no_out '[0-9a-f]{8}-[0-9a-f]{4}-'
no_out '/subscriptions/'
run 0 'audit --verbose shows whole ones' audit -n 100 --verbose
out '/subscriptions/s/resourceGroups/rg'
run 0 'run again has nothing to do' run -q
ok '... and says nothing' test ! -s out
run 0 'retry' retry bad/group bad/group
out '^1 objective queued again$'
err '^next: purser run$'
run 2 'retry of what is queued and due' retry bad/group good/group
run 1 'run -q of what fails' run -q
ok '... is one line' sh -c '[ "$(wc -l < out)" -eq 1 ] && grep -Eq "^purser: 1 failed, in" out'
run 0 'retry of a batch, as JSON' retry --batch bad --from-start --json
ok '... parses' json
out '"from_start": *true'
run 1 'run' run
run 0 'log tells of it' log bad/group
out 'to be retried'
ok '... fits 80 columns' narrow
run 0 'submit' submit one.toml --batch ugly
run 1 'run --json of what fails' run --json
ok '... is one object a line' /usr/bin/python3 -c '
import json
events = [json.loads(line)["event"] for line in open("out")]
assert "failed" in events and events[-1] == "summary", events'

# What comes back later, and what is in doubt.
printf '[retry]\ndelay = "1h"\nmax_delay = "1h"\n' > "$PURSER_CONFIG"
fake_az 'printf "ERROR: (InternalServerError) Not now.\n" >&2; exit 1'
run 0 'submit' submit one.toml --batch slow
run 6 'run of what is to be retried' run
out 'slow/group .*: (waits until|tries again at) [0-9:]{8} \((in )?[0-9]+ (h|min)'
out '^purser: nothing ended yet, in'
no_out 'postponed'
out '; left: 1 queued$'
run 0 'list tells when' list --batch slow
out 'slow/group +queued .*looks again in '
run 0 'show tells when' show slow/group
out '^  looks again +in '
ok '... fits 80 columns' narrow
run 0 'show --json' show slow/group --json
ok '... parses' json
run 0 'log tells it' log slow/group
out 'waits'
run 0 'retry at once' retry slow/group
out '^1 objective no longer waits for the next try$'
run 0 'cancel' cancel slow/group

{ cat one.toml && printf 'not_before = "%s"\n' "$(date -u -d '+9 hours' +%FT%TZ)"; } > far.toml
run 0 'submit of what is not due' submit far.toml --batch far
run 6 'run of what is due in nine hours' run --batch far
out '^the next scheduled work is due in 8 h 59 min.*; the next scheduled run does it$'
ok '... advises nobody to wait so long' sh -c '! grep -e --wait err'
sed "s/^not_before.*/not_before = \"$(date -u -d '+20 minutes' +%FT%TZ)\"/" far.toml > near.toml
run 0 'submit of what is due soon' submit near.toml --batch near
run 6 'run of what is due soon' run --batch near
err '^next: purser run --wait (19|20)m$'
run 0 'cancel' cancel --batch far
run 0 'cancel' cancel --batch near

# Throttled: all of that subscription and provider wait, and every view says so.
: > "$PURSER_CONFIG"
long='which goes on and on, so that a line of it is wider than anybody would want to read it in a mail'
fake_az "printf 'ERROR: (TooManyRequests) Too many requests, $long, $long.\\n' >&2; exit 1"
run 0 'submit' submit one.toml --batch busy
run 0 'submit another' submit one.toml --batch other
run 6 'run --once of what is throttled' run --once --batch busy
ok '... tells the reason once' sh -c '[ "$(grep -c TooManyRequests out)" -eq 1 ]'
run 0 'list' list
out 'other/group +queued .*throttled until [0-9:]{5}'
out 'slow/group +queued .*to be cancelled, '
run 0 'show' show other/group
out '^  throttled +until [0-9:]{8} \(in '
run 0 'log' log other/group
out '^throttled until [0-9:]{8}'
exits 0 'log without a terminal' env -u COLUMNS PATH="$work/bin" "$PURSER" log busy/group
ok '... cuts its reasons' sh -c '[ "$(wc -L < out)" -lt 160 ]'
exits 0 'show without a terminal' env -u COLUMNS PATH="$work/bin" "$PURSER" show busy/group
ok '... cuts its table' sh -c '[ "$(wc -L < out)" -lt 190 ]'
out 'in a mail'

printf '[limits.strategy]\nazurecli = 2\n' > "$PURSER_CONFIG"
run 2 'run with a limit for a strategy that is not there' run
err 'there is no strategy azurecli'
run 5 'doctor tells it too' doctor
out 'no strategy azurecli'
printf '[templates]\nfolders = ["/nonexistent"]\n' > "$PURSER_CONFIG"
run 5 'doctor with a folder that is not there' doctor
out 'to mend: .*\[templates\] folders'
printf '[retry]\nmax_delay = "1s"\n' > "$PURSER_CONFIG"
run 2 'a first delay that is longer than the longest' run
err 'config.toml:2:1: retry.delay \(2 s\) is longer than retry.max_delay \(1 s\)'
: > "$PURSER_CONFIG"

run 0 'audit verify' audit verify
is_long || done_testing

# A look that takes long is told, and who finds all in another's hands says so.
export PURSER_STATE_DIR="$work/patient"
cat > bin/az <<'END'
#!/bin/sh
case "$1 $2" in
"account show") echo '{"id": "s"}';;
"resource list") echo '[]';;
*" show")
	: > looking
	/bin/sleep 11
	echo "ERROR: (ResourceGroupNotFound) Resource group 'rg' could not be found." >&2
	exit 3;;
*" create") echo '{"id": "/subscriptions/s/resourceGroups/rg", "name": "rg"}';;
esac
END
sed -i "s|: > looking|: > $work/looking|" bin/az
run 0 'submit' submit one.toml --batch patient
PATH="$work/bin" "$PURSER" run --batch patient > first.log 2>&1 &
wait_until 10 test -e "$work/looking"
run 6 'run where another runner has it all' run --batch patient
out '^purser: another runner has 1 in hand, in .*; left: 1 running$'
wait $!
is 'the first has done it' "$?" 0
ok '... and has told of the long look' grep -Eq 'patient/group .*: group, still looking \(1[0-9] s\)$' first.log
run 2 'cancel of what has succeeded' cancel patient/group
err 'has succeeded already'
run 0 'audit verify' audit verify

done_testing
