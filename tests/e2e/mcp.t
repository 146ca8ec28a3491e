#!/bin/sh
# Objectives through tools of an MCP server: what they make and undo, how their
# failures are taken, when another strategy may try, what is in doubt and who decides,
# and the contracts that tools have to keep. The server is tests/scripted/mcp-cloud.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

cloud="$srcdir/tests/scripted/mcp-cloud"

# mcp_settings COMMAND [LINE]
mcp_settings() {
	settings <<TOML
[run]
lease = "2s"
[retry]
max_retries = 2
delay = "100ms"
max_delay = "200ms"
jitter = 0
[mcp]
servers = [{ name = "cloud", command = "$1", env = { WORLD = "$WORLD" } }]
${2:-}
TOML
}

tool() {
	objective "$1" tool "region = \"eastus\"
${2:-}"
}
strategies_of() {
	journal "$1" '[a["strategy"] for a in o["attempts"]]'
}
# acts OBJECTIVE: what was done for it, and what came of it
acts() {
	journal "$1" '" ".join(x["act"] + ":" + x["answer" if x["act"] in ("check", "prove") else "outcome"].replace(", ", "_").replace(" ", "_") for x in o["executions"])'
}
failures() {
	journal "$1" '[x["failure"]["code"] for x in o["executions"] if x.get("failure")]'
}
servers_started() {
	wc -l < "$WORLD/pids" | tr -d ' '
}

mcp_settings "$cloud"

# ---- all is well ----

{ tool one && tool two 'parameters.size = 7' && tool three; } | submit well
exits 0 "plan" "$PURSER" plan "$work/well.toml"
has "tells why" "$work/out" "# mcp: chosen, the capability says that it suits best"
has "and what else could do it" "$work/out" "# azure_cli: passed over, left to fall back to"
has "and the call, as one could make it" "$work/out" "purser mcp call cloud thing_create"
exits 0 "three objectives through a server" "$PURSER" run --wait 20s
is "by one process" "$(servers_started)" 1
is "which is gone" "$(for pid in $(cat "$WORLD/pids"); do is_gone "$pid" || echo "$pid"; done)" ""
ok "they stand" stands mcp-one mcp-two mcp-three
is "the output is the tool's" "$(value well/one 'o["outputs"]["id"]')" /world/mcp-one
is "so is the resource" "$(value well/one '[r["id"] for r in o["resources"]]')" "['/world/mcp-one']"
is "it was looked for first" "$(acts well/one)" "check:absent run:happened"
ok "the contract is pinned" audit_has contract.pinned thing_create
exits 0 "the output of its steps" "$PURSER" log well/one --output
has "is the answer" "$work/out" structuredContent
exits 0 "destroy" "$PURSER" destroy well/two
exits 0 "... by its tool" "$PURSER" run --wait 20s
ok "it is gone" stands mcp-one mcp-three
is "and proven so" "$(acts well/two)" "check:absent run:happened undo:happened prove:absent"
rm -f "$WORLD"/things/*

echo 'progress(1, 2, "a foundation"); progress(2, 2, "a roof")' | fault mcp.run.mcp-slow
tool slow | submit slow
exits 0 "a tool that tells of its progress" "$PURSER" run --verbose --wait 20s
has "is heard" "$work/out" "1 of 2: a foundation"
rm -f "$WORLD"/things/*

# The pin is there before the effect is.
{ objective first tool_ensure; } | submit first
PURSER_FAILPOINT=call.sent "$PURSER" run > "$work/killed.log" 2>&1
is "a runner that dies in the first call of a tool" $? 137
exits 0 "has pinned it" "$PURSER" mcp trust cloud --dry-run
has "... before" "$work/out" "cloud thing_ensure: as it was pinned"
exits 0 "the next one ends it" "$PURSER" run --wait 30s
rm -f "$WORLD"/things/*

# ---- failures of the tool ----

echo 'refuse("TooManyRequests", "Wait. Retry after 1 seconds.")' | fault mcp.run.mcp-busy.1
objective busy tool_ensure | submit busy
exits 0 "an error that passes" "$PURSER" run --wait 20s
is "is waited for, and the call made again" "$(calls mcp run mcp-busy)" 2
is "because the tool says that it may be" "$(acts busy/busy)" "run:in_doubt run:happened"
is "it is classified" "$(journal busy/busy '[x["failure"]["class"] for x in o["executions"] if x.get("failure")]')" "['throttled']"
rm -f "$WORLD"/things/*

echo 'broken(-32602, "the arguments are not to my liking")' | fault mcp.run.mcp-refused
tool refused | submit refused
exits 0 "what is refused may come from a tool that had begun" "$PURSER" run --wait 20s
ok "which is looked for" test "$(calls mcp check mcp-refused)" -ge 2
is "so that another strategy does it" "$(strategies_of refused/refused)" "['mcp', 'azure_cli']"
ok "az made it" stands az-refused
rm -f "$WORLD"/things/*

objective wrong tool_wrong | submit wrong
exits 1 "arguments that the tool does not take" "$PURSER" run --wait 20s
has "are told" "$work/out" 'argument "size": expected integer, not string'
is "and never sent" "$(calls mcp run mcp-wrong)" 0

# ---- no server ----

mcp_settings "$work/no-such-server"
tool lonely | submit lonely
exits 0 "a server that cannot be started" "$PURSER" run --wait 20s
is "is no reason to fail: az does it" "$(strategies_of lonely/lonely)" "['mcp', 'azure_cli']"
rm -f "$WORLD"/things/*
if is_long; then
	mcp_settings false
	tool broken_off | submit broken_off
	exits 0 "nor is one that ends at once" "$PURSER" run --wait 20s
	is "az does it, after some tries" "$(strategies_of broken_off/broken_off)" "['mcp', 'azure_cli']"
	rm -f "$WORLD"/things/*
fi
printf '[azure]\nsubscription = "fake"\n' > "$PURSER_CONFIG"
tool wanted 'strategy = "mcp"' > "$work/wanted.toml"
exits 2 "a server that is demanded, and not configured" "$PURSER" submit "$work/wanted.toml"
has "is missed at once" "$work/err" 'its server "cloud" is not configured'
tool bare | submit bare
exits 0 "a server that is not configured" "$PURSER" run --wait 20s
is "is not even tried" "$(strategies_of bare/bare)" "['azure_cli']"
is "and the plan says why" "$(value bare/bare '[r for r in o["plan"]["reasons"] if "mcp" in r]')" \
	"['mcp: passed over, its server \"cloud\" is not configured']"
rm -f "$WORLD"/things/*
mcp_settings "$cloud"

: > "$WORLD/mute"
tool dumb 'step_timeout = "1s"' | submit dumb
exits 0 "a server that does not tell its tools within the step's time" timeout 40 "$PURSER" run --wait 20s
is "has done nothing: az does it" "$(strategies_of dumb/dumb)" "['mcp', 'azure_cli']"
has "and that is said" "$work/out" "has not told its tools in time"
rm -f "$WORLD"/things/* "$WORLD/mute"

# ---- doubt ----

echo 'effect(); silent()' | fault mcp.run.mcp-quiet
tool quiet | submit quiet
exits 0 "silence after the work was done" "$PURSER" run --wait 30s
is "is doubt, which the check ends" "$(acts quiet/quiet)" "check:absent run:in_doubt check:ours_complete"
is "nobody else tries" "$(strategies_of quiet/quiet)" "['mcp']"
ok "it was done once" test "$(calls mcp run mcp-quiet)" -eq 1
rm -f "$WORLD"/things/*

echo 'effect(); die()' | fault mcp.run.mcp-dead
started=$(servers_started)
tool dead | submit dead
exits 0 "a server that dies after the work was done" "$PURSER" run --wait 30s
is "leaves doubt too" "$(acts dead/dead)" "check:absent run:in_doubt check:ours_complete"
ok "it was started again for the check" test "$(servers_started)" -ge "$((started + 2))"
is "nobody else tries" "$(strategies_of dead/dead)" "['mcp']"
rm -f "$WORLD"/things/*

# What may be made once only is not made again though the check finds nothing.
echo 'die()' | fault mcp.run.mcp-lost
tool lost | submit lost
exits 0 "a server that dies before it has done anything" "$PURSER" run --wait 30s
is "is asked once" "$(calls mcp run mcp-lost)" 1
is "then nothing is proven to stand, and another may" "$(strategies_of lost/lost)" "['mcp', 'azure_cli']"
pause=$(between "$(at mcp run mcp-lost 1 begin)" "$(at az run az-lost 1 begin)")
within "but not before it could settle" "$pause" 1000 20000
rm -f "$WORLD"/things/*

echo 'silent()' | fault mcp.run.mcp-blind
objective blind tool_blind | submit blind
exits 3 "doubt that nothing can end" "$PURSER" run --wait 20s
is "is held for a person" "$(holds blind/blind)" in_doubt
is "after one call" "$(calls mcp run mcp-blind)" 1
mend mcp.run.mcp-blind
exits 0 "who says that it did not happen" "$PURSER" resolve blind/blind --not-happened
exits 0 "so that it is done" "$PURSER" run --wait 20s
is "now" "$(calls mcp run mcp-blind)" 2
rm -f "$WORLD"/things/*

# The runner dies while a call is open.
echo 'effect(); silent()' | fault mcp.run.mcp-killed
tool killed | submit killed
"$PURSER" run --wait 20s > "$work/killed.log" 2>&1 &
runner=$!
wait_until 10 test -e "$WORLD/things/mcp-killed"
report $? "the call is open"
kill_all "$runner"
exits 0 "after the death of the runner the next one looks" "$PURSER" run --wait 30s
is "and finds it done" "$(acts killed/killed)" "check:absent run:in_doubt check:ours_complete"
ok "it was done once" test "$(calls mcp run mcp-killed)" -eq 1
wait_until 10 is_gone "$(sed -n '$p' "$WORLD/pids")"
report $? "the server is gone"
is "and no lock is left of it" "$(find "$PURSER_STATE_DIR" -name '*.cloud.lock')" ""
rm -f "$WORLD"/things/*

# A server behind a wrapper does not work on, either.
printf '#!/bin/sh\n"%s"\ntrue\n' "$cloud" > "$work/wrapped"
chmod +x "$work/wrapped"
mcp_settings "$work/wrapped"
echo 'import time; time.sleep(5); effect()' | fault mcp.run.mcp-orphan
tool orphan | submit orphan
"$PURSER" run --wait 20s > "$work/killed.log" 2>&1 &
runner=$!
wait_until 10 was_called mcp run mcp-orphan
report $? "the call is open"
kill -9 "$runner"
wait_until 4 is_gone "$(sed -n '$p' "$WORLD/pids")"
report $? "a server behind a wrapper is gone with the runner"
mend mcp.run.mcp-orphan
exits 0 "so that the next one may do it" "$PURSER" run --wait 30s
ok "which makes it once" stands az-orphan
rm -f "$WORLD"/things/*

# Where somebody ends its guard as well it does, and nobody looks or acts before it is gone.
guards() {
	for process in /proc/[0-9]*; do
		[ "$(cat "$process/comm" 2>&1)" != mcp-guard ] ||
			! tr '\0' '\n' < "$process/environ" | grep -qxF "WORLD=$WORLD" || echo "${process#/proc/}"
	done
}
cat > "$WORLD/faults/mcp.run.mcp-guarded.1" <<'PYTHON'
import os, time
end = time.time() + 60
while not os.path.exists(os.environ["WORLD"] + "/go") and time.time() < end:
    time.sleep(0.05)
effect()
PYTHON
tool guarded 'step_timeout = "60s"' | submit guarded
"$PURSER" run --wait 20s > "$work/killed.log" 2>&1 &
runner=$!
wait_until 10 was_called mcp run mcp-guarded
report $? "the call is open"
server=$(sed -n '$p' "$WORLD/pids")
for guard in $(guards); do kill -9 "$guard"; done
kill -9 "$runner"
tool beside | submit beside
"$PURSER" run --wait 30s > "$work/guarded.log" 2>&1 &
runner=$!
wait_until 20 test -e "$WORLD/things/mcp-beside"
report $? "the next run does what else there is"
ok "and tells what it waits for" wait_until 20 grep -q "process $server may still act on a call" "$work/guarded.log"
is "the server works on without its guard" "$(is_gone "$server" || echo works)" works
is "and what it works on is let alone" "$(journal guarded/guarded '[x["act"] for x in o["executions"]]')" \
	"['check', 'run']"
: > "$WORLD/go"
wait "$runner"
is "until it is done" $? 0
is "which is looked for then" "$(acts guarded/guarded)" "check:absent run:in_doubt check:ours_complete"
ok "it was done once" test "$(calls mcp run mcp-guarded)" -eq 1
rm -f "$WORLD"/things/* "$WORLD/go"
mcp_settings "$cloud"

# A runner that was overtaken begins anew without its servers: else it would wait for its own.
takeovers() {
	"$PURSER" audit show --json | grep -c objective.taken_over
}
overtaken() {
	[ "$(takeovers)" -gt "$before" ]
}
mv "$WORLD/faults/mcp.run.mcp-guarded.1" "$WORLD/faults/mcp.run.mcp-slept.1"
tool slept 'step_timeout = "60s"' | submit slept
"$PURSER" run --wait 30s > "$work/slept.log" 2>&1 &
runner=$!
wait_until 10 was_called mcp run mcp-slept
report $? "the call is open"
server=$(sed -n '$p' "$WORLD/pids")
before=$(takeovers)
kill -STOP "$runner"
"$PURSER" run --wait 30s > "$work/second.log" 2>&1 &
second=$!
wait_until 20 overtaken
report $? "a runner that sleeps is overtaken"
is "while it may still act nobody else does" "$(calls mcp check mcp-slept)" 1
kill -9 "$second"
kill -CONT "$runner"
wait "$runner"
is "it begins anew, and ends what it began" $? 0
has "which it says" "$work/slept.log" "it begins anew"
ok "its server is gone" is_gone "$server"
is "so that the call cannot be acted on" "$(acts slept/slept | cut -d ' ' -f 1-3)" "check:absent run:in_doubt check:absent"
ok "another does it, once" stands az-slept
rm -f "$WORLD"/things/*

# A second signal leaves the call as it is: the server is ended, and the next run looks.
echo 'effect(); silent()' | fault mcp.run.mcp-left
tool left | submit left
"$PURSER" run --wait 20s > "$work/left.log" 2>&1 &
runner=$!
wait_until 10 test -e "$WORLD/things/mcp-left"
report $? "the call is open"
kill -TERM "$runner"
wait_until 10 grep -q 'no more' "$work/left.log"
kill -TERM "$runner"
wait_until 20 is_gone "$runner"
report $? "two signals end the runner"
wait_until 10 is_gone "$(sed -n '$p' "$WORLD/pids")"
report $? "and its server"
exits 0 "the next run looks" "$PURSER" run --wait 30s
is "and finds it done" "$(acts left/left)" "check:absent run:in_doubt check:ours_complete"
rm -f "$WORLD"/things/*

# At whichever moment it dies, nothing is done twice, and what was answered is known.
points='call.sent call.recorded'
! is_long || points="call.before_send run.result $points"
for point in $points; do
	name=$(echo "$point" | tr -d ._)
	tool "$name" | submit "$name"
	# The second call is the run; of results, the first is that of the check.
	PURSER_FAILPOINT="$point:2" "$PURSER" run > "$work/killed.log" 2>&1
	is "$point: the runner was killed" $? 137
	exits 0 "$point: the next one ends it" "$PURSER" run --wait 30s
	# One that was sent may have been read, or not any more: then nothing stands, and az does it.
	if [ "$point" = call.sent ] && [ "$(calls mcp run "mcp-$name")" = 0 ]; then
		ok "$point: by az, for the server did not come to read it" test -e "$WORLD/things/az-$name"
		ok "$point: once" test ! -e "$WORLD/things/mcp-$name"
	else
		is "$point: by one call" "$(calls mcp run "mcp-$name")" 1
		ok "$point: it stands" test -e "$WORLD/things/mcp-$name"
	fi
done
is "an answer that was written down leaves no doubt" "$(acts callrecorded/callrecorded)" "check:absent run:happened"
is "one that was not written down does" "$(acts callsent/callsent | cut -d ' ' -f 2)" run:in_doubt
rm -f "$WORLD"/things/*

# ---- contracts ----

echo thing_create > "$WORLD/changed"
tool broken | submit broken
exits 3 "a tool that takes other arguments than it did" "$PURSER" run --wait 20s
is "holds the objective" "$(holds broken/broken)" contract
is "before it is called" "$(calls mcp run mcp-broken)" 0
is "the journal says so" "$(failures broken/broken)" "['ContractChanged']"
exits 3 "the next run changes nothing" "$PURSER" run
exits 0 "show tells what to do" "$PURSER" show broken/broken
has "... by name" "$work/out" "purser mcp trust cloud thing_create"
exits 0 "so does why" "$PURSER" why broken/broken
has "... with what has changed" "$work/out" "inputSchema changed"
exits 0 "trust --dry-run" "$PURSER" mcp trust cloud --dry-run
has "shows what changed" "$work/out" "cloud thing_create: inputSchema changed"
has "and what did not" "$work/out" "cloud thing_get: as it was pinned"
has "what would steer a terminal is shown" "$work/out" '\x9b\u{202e}'
exits 0 "so it is by" "$PURSER" mcp tools --json
has "tools --json" "$work/out" '\u009b\u202e'
is "it is held still" "$(holds broken/broken)" contract
exits 2 "a tool that there is not" "$PURSER" mcp trust cloud thing_crate
exits 0 "trust" "$PURSER" mcp trust cloud thing_create
ok "is written down with its user" audit_has contract.trusted '"user":"'
is "it is held no more" "$(holds broken/broken)" ""
exits 0 "and goes on" "$PURSER" run --wait 20s
ok "to its end" stands mcp-broken

# The tool that undoes has a contract as well; what is held in the middle of it goes on there.
echo thing_create thing_delete > "$WORLD/changed"
exits 0 "destroy" "$PURSER" destroy broken/broken
exits 3 "... by a tool that has changed" "$PURSER" run --wait 20s
is "is held" "$(holds broken/broken)" contract
is "before anything is undone" "$(calls mcp undo mcp-broken)" 0
exits 0 "until it is trusted" "$PURSER" mcp trust cloud --json
is "which is told" "$(cp "$work/out" "$work/evaluate.json" && evaluate '[(t["tool"], t["lifted"]) for t in o if t.get("changed")]')" \
	"[('thing_delete', 1)]"
exits 0 "then it goes on" "$PURSER" run --wait 20s
ok "and nothing is left" stands

# What is held may also be cancelled.
rm -f "$WORLD/changed"
tool undone | submit undone
exits 3 "a tool that is again as it was at first has changed, too" "$PURSER" run --wait 20s
exits 0 "cancel" "$PURSER" cancel undone/undone
is "needs no trust" "$(state undone/undone)" cancelled
exits 0 "trust" "$PURSER" mcp trust cloud

# A server that dies between two calls comes back with another tool: it is noticed before the call.
echo 'swap("thing_create")' | fault mcp.check.mcp-swapped
tool swapped | submit swapped
exits 3 "a server that comes back with another tool" "$PURSER" run --wait 20s
is "is not called" "$(calls mcp run mcp-swapped)" 0
is "the objective is held" "$(holds swapped/swapped)" contract
exits 0 "cancel" "$PURSER" cancel swapped/swapped
rm -f "$WORLD/changed"

# Nor need it die: where nobody would tell, the tools are listed before each call.
echo 'import os; open(os.environ["WORLD"] + "/changed", "w").write("thing_create")' | fault mcp.check.mcp-stale
tool stale | submit stale
exits 3 "a tool that changes unsaid" "$PURSER" run --wait 20s
is "is not called" "$(calls mcp run mcp-stale)" 0
is "the objective is held" "$(holds stale/stale)" contract
exits 0 "cancel" "$PURSER" cancel stale/stale
rm -f "$WORLD/changed"

: > "$WORLD/restless"
tool restless | submit restless
exits 0 "a list that does not come to rest" "$PURSER" run --wait 20s
is "is not read for ever: az does it" "$(strategies_of restless/restless)" "['mcp', 'azure_cli']"
rm -f "$WORLD/restless" "$WORLD"/things/*

# ---- found by name and schema ----

# Here the strategy "script" stands before mcp.
objective found part 'strategy = "not script"' > "$work/part.toml"
objective found part > "$work/without.toml"
exits 0 "without consent" "$PURSER" plan "$work/without.toml"
has "no tool is looked for" "$work/out" '# mcp: passed over, not described by "part"'
mcp_settings "$cloud" 'match = true'
exits 0 "with consent" "$PURSER" plan "$work/part.toml"
has "the plan shows the match" "$work/out" \
	'# mcp: the tool part_create of the server cloud fits "part" by name and schema'
submit found < "$work/part.toml"
exits 0 "and it is done so" "$PURSER" run --wait 20s
ok "by the tool" stands mcp-found
is "with its check" "$(acts found/found)" "check:absent run:happened"
exits 0 "destroy" "$PURSER" destroy found/found
exits 0 "... too" "$PURSER" run --wait 20s
ok "is the tool's" stands

in_order

# ---- the real server, over each way (in make check mcp-client.t has stdio) ----

EVERYTHING=${builddir:-.}/node/node_modules/@modelcontextprotocol/server-everything/dist/index.js
skipped() {
	TESTS=$((TESTS + 1))
	echo "ok $TESTS - the real server # SKIP $1"
	done_testing
}
command -v node > "$work/which" 2>&1 || skipped "nodejs is not installed"
[ -f "$EVERYTHING" ] || skipped "server-everything is not installed; contrib/check.sh does it where npm is"

# real TITLE SERVER
real() {
	afresh
	printf '[azure]\nsubscription = "fake"\n[mcp]\nservers = [{ name = "everything", %s }]\n' "$2" > "$PURSER_CONFIG"
	objective sky weather 'parameters.city = "Chicago"' | submit weather
	exits 0 "$1: an objective through the real server" "$PURSER" run --wait 30s
	ok "$1: its outputs are the tool's" test "$(value weather/sky 'type(o["outputs"]["temperature"]).__name__ in ("int", "float")')" = True
	is "$1: what it made as well" "$(value weather/sky '[r["id"] for r in o["resources"]] == [o["outputs"]["sky"]]')" True
	ok "$1: its contract is pinned" audit_has contract.pinned get-structured-content
	objective moon weather 'parameters.city = "the Moon"' | submit elsewhere
	exits 1 "$1: arguments that it does not take" "$PURSER" run --wait 30s
	has "$1: are found by its own schema" "$work/out" 'argument "location": expected one of "New York"'
	exits 0 "$1: the audit log is whole" "$PURSER" audit verify
}

! is_long || real stdio "command = \"node\", args = [\"$EVERYTHING\", \"stdio\"]"

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PORT=$port node "$EVERYTHING" streamableHttp > "$work/http.log" 2>&1 &
server=$!
trap 'kill "$server" 2> "$work/kill"; finish' EXIT
wait_until 20 grep -q "listening" "$work/http.log" || sed 's/^/# /' "$work/http.log"
real http "url = \"http://127.0.0.1:$port/mcp\""
done_testing
