#!/bin/sh
# The runner is killed at each moment of the calls of tools, over and over, while one
# batch goes through an MCP server: in the end each thing stands once, by the tool or, where
# it was proven that the tool had made nothing, by az, and never by both.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
grep -aq PURSER_FAILPOINT_LOG "$PURSER" || skip_all "needs --enable-failpoints"

settings <<TOML
[run]
jobs = 4
lease = "2s"
[retry]
max_retries = 2
delay = "50ms"
max_delay = "100ms"
jitter = 0
[mcp]
servers = [{ name = "cloud", command = "$srcdir/tests/scripted/mcp-cloud", env = { WORLD = "$WORLD" } }]
TOML

OBJECTIVES=24
names=$(i=0; while [ "$i" -lt "$OBJECTIVES" ]; do i=$((i + 1)); echo "t$i"; done)
for name in $names; do
	objective "$name" tool 'region = "eastus"'
done | submit storm

kills=0
for round in 1 2 3; do
	for point in run.prepared run.written run.committed run.started call.before_send call.sent \
		call.recorded run.result; do
		PURSER_FAILPOINT="$point:$round" timeout 60 "$PURSER" run --wait 10s > "$work/round.log" 2>&1
		[ $? -ne 137 ] || kills=$((kills + 1))
	done
done
ok "the runner was killed often ($kills times)" test "$kills" -ge 12
exits 0 "the last one ends it all" timeout 120 "$PURSER" run --wait 60s
is "all have succeeded" "$(count storm succeeded)" "$OBJECTIVES"
both='' none=''
for name in $names; do
	if [ -e "$WORLD/things/mcp-$name" ]; then
		[ ! -e "$WORLD/things/az-$name" ] || both="$both $name"
	elif [ ! -e "$WORLD/things/az-$name" ]; then
		none="$none $name"
	fi
done
is "nothing stands twice" "$both" ""
is "nothing is missing" "$none" ""
for pid in $(cat "$WORLD/pids"); do
	wait_until 10 is_gone "$pid" || echo "# server $pid is left"
done
is "no server is left" "$(for pid in $(cat "$WORLD/pids"); do is_gone "$pid" || echo "$pid"; done)" ""
in_order
done_testing
