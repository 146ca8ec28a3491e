#!/bin/sh
# submit, list, show, log, cancel, export, audit: the queue, without running anything.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

run 0 'list before anything' list
out '^no objectives$'
run 0 'list --json before anything' list --json
out '^\[\]$'
run 2 'show before anything' show web-dev/group
err 'nothing was submitted yet'
run 2 'cancel before anything' cancel web-dev/group
run 2 'audit before anything' audit
run 2 'retry before anything' retry web-dev/group
run 2 'resolve before anything' resolve web-dev/group --not-happened
run 2 'destroy before anything' destroy web-dev/group
run 0 'resources before anything' resources
out '^no resources$'
run 0 'resources --json before anything' resources --json
out '^\[\]$'
run 2 'resources of nothing' resources web-dev/group
ok 'none of which made a store' test ! -e "$work/state"

batch > batch.toml
run 0 'submit' submit batch.toml
out '^batch web-dev: 2 objectives stored$'
err '^next: purser run$'
ok 'the state folder is private' sh -c '[ "$(stat -c %a state)" = 700 ]'
ok 'the store is private' sh -c '[ "$(stat -c %a state/purser.db)" = 600 ]'
run 2 'the same batch again' submit batch.toml
err 'web-dev'
run 0 'submit --json' submit batch.toml --batch other --json
ok '... parses' json
out '"added": *2'
run 0 'submit quietly' submit batch.toml --batch third -q
ok '... says nothing' sh -c 'test ! -s out && test ! -s err'

{ batch | sed 's/^name = "group"/&\nkey = "k1"/; s/^name = "store"/&\nkey = "k2"/'; } > keyed.toml
run 0 'submit with keys' submit keyed.toml --batch keyed
run 0 'submit with the same keys' submit keyed.toml --batch keyed
out '2 known already'
sed 's/eastus/westus/' keyed.toml > keyed2.toml
run 2 'the same key with another body' submit keyed2.toml --batch keyed2
err 'k1'

run 0 'list' list
out '^ID +OBJECTIVE +STATE'
out 'web-dev/group +queued +resource_group'
out 'waits for 1 other'
out '^8 objectives: 8 queued$'
no_out "$(printf '\033')"
ok '... fits 80 columns' narrow
run 0 'list --batch' list --batch web-dev
out '^2 objectives in batch web-dev: 2 queued$'
run 0 'list --state' list --state running,failed
out '^no such objectives$'
run 2 'list --state nonsense' list --state ready
err '^purser: list: --state: "ready" is none of queued, running'
run 2 'list --state with a slip' list --state sucess
err 'did you mean "succeeded"'
run 2 'list --capability with a slip' list --capability linux_v
err 'there is no capability "linux_v"; did you mean "linux_vm"'
run 2 'list of a batch that is not there' list --batch nope
err '^next: purser list --batches$'
run 0 'list --capability' list --capability storage_account
no_out 'web-dev/group'
run 0 'list --label' list --label team=web
out 'web-dev/group'
no_out 'web-dev/store'
run 2 'list --label nonsense' list --label team
run 0 'list --limit' list --limit 1
out 'purser list --all'
run 2 'list --all --limit' list --all --limit 1
run 0 'list --json' list --json
ok '... parses' json
run 0 'list --json --all' list --json --all
ok '... parses' json
ok '... and holds all' /usr/bin/python3 -c 'import json; assert len(json.load(open("out"))) == 8'
run 0 'list --batches' list --batches
out '^web-dev +2 +2'
ok '... fits 80 columns' narrow
run 0 'list --batches --json' list --batches --json
ok '... parses' json

run 0 'show by name' show web-dev/group
out 'web-dev/group  queued'
out '^  region +eastus'
err '^next: purser cancel'
ok '... fits 80 columns' narrow
id=$(awk '$1 == "id" { print $2 }' out)
tail=$(printf '%s' "$id" | tail -c 8)
run 0 'show by id' show "$id"
run 0 'show by the end of the id' show "$tail"
run 0 'show --json' show "$tail" --json
ok '... parses' json
run 2 'show of nothing' show web-dev/nothing
err 'nothing'
run 2 'show of a path' show ../../etc/passwd
run 2 'show of an id that is none' show 0123456789abcdef
run 0 'plan of an objective' plan "$tail"
out '^az group create'
run 0 'plan of an objective as JSON' plan "$tail" --json
ok '... parses' json
run 0 'log' log "$tail"
out 'nothing was attempted yet'
run 0 'log --json' log "$tail" --json --output
ok '... parses' json

run 2 'submit with a timeout that is too short' submit batch.toml --batch timed --timeout 5ms
err '--timeout must be from 1 s to 30 d'
run 2 'submit with a step timeout that is too long' submit batch.toml --batch timed --step-timeout 2d
sed 's/^name = "store"/&\ntimeout = "90s"/' batch.toml > timed.toml
run 0 'submit with timeouts' submit timed.toml --batch timed --timeout 2h --step-timeout 20m
run 0 '... which hold where the file does not say' show timed/group
out '^  timeout +2 h$'
out '^  step timeout +20 min$'
run 0 '... and do not where it does' show timed/store --json
ok '... parses' json
out '"timeout_ms": *90000'
out '"step_timeout_ms": *1200000'
run 0 'destroy of a batch that was not begun' destroy --batch timed
out '^2 objectives cancelled: they were not begun$'
run 2 'destroy of it once more' destroy --batch timed
err 'batch timed has nothing that could be destroyed'
run 0 'destroy of one of it' destroy timed/group
out '^1 objective left as it was'

run 2 'retry of nothing' retry
run 2 'retry of objectives and a batch' retry web-dev/group --batch web-dev
run 2 'retry of what has not failed' retry web-dev/group
err '^next: purser show web-dev/group$'
run 2 'retry of what is not there' retry web-dev/nothing
err '^next: purser list$'
run 2 'retry of a batch in which nothing failed' retry --batch web-dev
err 'batch web-dev has no objective that failed'
run 2 'retry of a batch that is not there' retry --batch nowhere
err '^next: purser list --batches$'
run 2 'resolve without an answer' resolve web-dev/group
err '--happened, --not-happened or --gone'
run 2 'resolve with both' resolve web-dev/group --happened --not-happened
run 2 'resolve: what did not happen made nothing' resolve web-dev/group --not-happened --output a=1
run 2 'resolve: a resource that is no id' resolve web-dev/group --happened --resource rg
err 'no full id'
run 2 'resolve: an output that is no pair' resolve web-dev/group --happened --output id
err 'is not NAME=VALUE'
run 2 'resolve: an output whose name is none' resolve web-dev/group --happened --output 'a b=1'
run 2 'resolve: an output given twice' resolve web-dev/group --happened --output a=1 --output a=2
err 'given twice'
run 2 'resolve of what is not in doubt' resolve web-dev/group --happened
err '^next: purser show web-dev/group$'
run 2 'resolve of what is not there' resolve web-dev/nothing --happened
run 2 'destroy of nothing' destroy
run 2 'destroy while another needs it' destroy other/group
err 'other/store'
run 0 '... which changes nothing' list --batch other
out '^2 objectives in batch other: 2 queued$'
run 2 'destroy of one that is, and one that is not' destroy other/store other/nothing
run 0 '... which changes nothing' list --batch other
out '^2 objectives in batch other: 2 queued$'
run 0 'resources of an objective that made none' resources web-dev/group
out '^no resources$'
run 0 'resources --batch --json' resources --batch web-dev --json
out '^\[\]$'
run 2 'resources of a batch that is not there' resources --batch nowhere
run 2 'resources with both' resources web-dev/group --batch web-dev
run 2 'resources with contradicting options' resources --orphaned --all

run 2 'cancel of nothing' cancel
run 2 'cancel of one that is, and one that is not' cancel web-dev/group web-dev/nothing
run 0 '... cancels none' list --batch web-dev
out '^2 objectives in batch web-dev: 2 queued$'
run 0 'cancel' cancel other/store
out '^1 objective cancelled$'
run 2 'cancel again' cancel other/store
run 0 'cancel --batch' cancel --batch web-dev
out '^2 objectives cancelled$'
run 2 'cancel --batch again' cancel --batch web-dev
run 0 'cancel --json' cancel --batch third --json
ok '... parses' json
run 0 'submit again, under the name that is free now' submit batch.toml

run 0 'export' export report
ok '... wrote an index' /usr/bin/python3 -c '
import json
index = json.load(open("report/index.json"))
assert len(index["objectives"]) == 12, len(index["objectives"])
for o in index["objectives"]:
    assert json.load(open("report/" + o["file"]))["id"] == o["id"]'
ok '... for the owner only' sh -c '[ "$(stat -c %a report/index.json)" = 600 ]'
run 0 'export again' export report --batch keyed
run 2 'export of a batch that is not there' export report --batch nowhere

run 0 'audit' audit
out '^ *N +WHEN \(UTC\) +EVENT'
ok '... fits 80 columns' narrow
run 0 'audit show --json' audit show --json --limit 1000
ok '... is one object a line' /usr/bin/python3 -c '
import json
for n, line in enumerate(open("out"), 1):
    assert json.loads(line)["n"] == n'
run 0 'audit of one objective' audit show --objective "keyed/group" --json
ok '... shows only it' /usr/bin/python3 -c '
import json
names = {(r["batch"], r["name"]) for r in map(json.loads, open("out"))}
assert names == {("keyed", "group")}, names'
run 0 'audit --since' audit show --since 1h
run 2 'audit --since nonsense' audit show --since yesterday
run 2 'audit nonsense' audit frobnicate
run 0 'audit flush' audit flush
run 0 'audit verify' audit verify
out 'proven'
run 0 'audit verify --json' audit verify --json
ok '... parses' json
sed -i '2s/"n":2/"n":7/' state/audit.log
run 5 'audit verify of a log that was changed' audit verify
err 'audit\.log'

done_testing
