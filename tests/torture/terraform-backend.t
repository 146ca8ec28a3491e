#!/bin/sh
# Where terraform keeps its states: on a server with locks (tests/fakes/http-state),
# or in the work folder, with backups; and a cache of providers that all share.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export TF_CLI_CONFIG_FILE=/dev/null
THINGS=3

# The table's rules, with waits that a test can stand.
sed 's/^wait = ".*"/wait = "1s"/' "$PURSER_FAILURES" > "$work/failures.toml"
export PURSER_FAILURES="$work/failures.toml"

SERVER="$work/server"
mkfifo "$work/hold"
"$srcdir/tests/fakes/http-state" "$SERVER" < "$work/hold" > "$work/server.log" 2>&1 &
exec 9> "$work/hold"
wait_until 10 test -s "$SERVER/port" || {
	echo "Bail out! the server of states does not start"
	exit 1
}
URL="http://127.0.0.1:$(cat "$SERVER/port")/state"

# world [TOML]: an empty one, whose settings end with this.
world() {
	afresh
	settings <<TOML
[run]
lease = "2s"
[retry]
delay = "50ms"
max_delay = "100ms"
jitter = 0
[terraform]
${1:-}
TOML
}
remote() {
	world "backend = { type = \"http\", address = \"$URL/{id}\", lock_address = \"$URL/{id}\", unlock_address = \"$URL/{id}\" }
${1:-}"
}
module() {
	objective "$1" module "region = \"eastus\"
parameters = { count = $THINGS }
${2:-}"
}
hook() {
	cat > "$WORLD/hook"
}
did() {
	grep -cx "$1 $2" "$WORLD/terraform"
}
id_of() {
	value "$1" 'o["id"]'
}
folder_of() {
	echo "$PURSER_STATE_DIR/work/$(id_of "$1")"
}
# asked METHOD OBJECTIVE STATUS: how often the server was asked so.
asked() {
	grep -c "^$1 $(id_of "$2") $3\$" "$SERVER/journal"
}
asked_often() {
	[ "$(asked "$1" "$2" "$3")" -ge "$4" ]
}
# has_done OBJECTIVE ACT COUNT: so often, or more.
has_done() {
	[ "$(journal "$1" "sum(x['act'] == '$2' for x in o['executions'])")" -ge "$3" ]
}
# in_state FILE: the ids that a state holds, sorted.
in_state() {
	/usr/bin/python3 -c 'import json, sys
print(*sorted(i["attributes"]["id"] for r in json.load(open(sys.argv[1]))["resources"] for i in r["instances"]))' "$1"
}
# told OBJECTIVE: the ids that were told to be made, sorted.
told() {
	grep -h '"type":"apply_complete"' "$PURSER_STATE_DIR/runs/$(id_of "$1")"/*/stdout | grep '"action":"create"' |
		grep -o '"id_value":"[^"]*"' | cut -d '"' -f 4 | LC_ALL=C sort -u | paste -s -d ' '
}
live() {
	value "$1" '" ".join(sorted(r["id"] for r in o["resources"] if r["state"] == "live"))'
}
# lock OBJECTIVE, unlock OBJECTIVE: as somebody else.
lock() {
	request LOCK "$(id_of "$1")"
}
unlock() {
	request UNLOCK "$(id_of "$1")"
}
request() {
	/usr/bin/python3 -c 'import sys, urllib.request as u
u.urlopen(u.Request(sys.argv[1] + "/" + sys.argv[3], method=sys.argv[2], data=b"{\"ID\": \"0000feed-by-hand\"}"))' \
		"$URL" "$1" "$2" > "$work/request.log" 2>&1
}
# in_hand OBJECTIVE: the lock is still that of somebody else.
in_hand() {
	grep -q by-hand "$SERVER/$(id_of "$1").lock"
}
# whole OBJECTIVE: each thing stands once, all know it, and nothing is left to be done.
whole() {
	state=$SERVER/$(id_of "$1").tfstate
	name=${1#*/}
	terraform -chdir="$(folder_of "$1")" plan -input=false -no-color -detailed-exitcode > "$work/plan.log" 2>&1
	left=$?
	[ "$left" -eq 0 ] || cat "$work/plan.log"
	stands "$name-0" "$name-1" "$name-2" || left=1
	[ "$(live "$1")" = "$(in_state "$state")" ] || {
		echo "registry: $(live "$1")"
		echo "state: $(in_state "$state")"
		left=1
	}
	[ "$(told "$1")" = "$(in_state "$state")" ] || {
		echo "made: $(told "$1")"
		left=1
	}
	[ ! -e "$SERVER/$(id_of "$1").lock" ] || {
		echo "a lock is left"
		left=1
	}
	return $left
}

# ---- settings ----

world 'backend = { type = "http", address = "http://h/{id}", password = "x" }'
exits 2 "a password in the settings is refused" "$PURSER" run
has "... with its place" "$work/err" "config.toml:"
has "... and what to do instead" "$work/err" "set it in the runner's environment, such as TF_HTTP_PASSWORD"

# ---- states on a server ----

remote "plugin_cache = \"$work/cache/terraform\""
for name in one two three; do module "$name"; done | submit b
exits 0 "objectives with their states on a server" "$PURSER" run
is "... all succeed" "$(count b succeeded)" 3
for name in one two three; do
	is "... $name has a state of its own" "$(in_state "$SERVER/$(id_of "b/$name").tfstate")" "$(live "b/$name")"
done
is "... and none in the work folder" "$(find "$PURSER_STATE_DIR/work" -name 'terraform.tfstate*' -size +1k)" ''
ok "the cache of providers was made" test -d "$work/cache/terraform"
is "... and each init is alone there" \
	"$(journal b/one '[x["argv"][:2] for x in o["executions"] if "init" in x["argv"]]')" "[['flock', '--no-fork']]"
is "no lock is left" "$(find "$SERVER" -name '*.lock')" ''
"$PURSER" destroy --batch b > "$work/destroy.log" 2>&1
exits 0 "destroyed" "$PURSER" run
ok "... nothing stands" stands
is "... nor in a state" "$(in_state "$SERVER/$(id_of b/one).tfstate")" ''
is "... and no work folder is kept" "$(ls "$PURSER_STATE_DIR/work")" ''

# ---- a lock that a dead call has left ----

remote
hook <<'SH'
if [ "$VERB $NAME" = "make stale-1" ] && mkdir "$WORLD/once"; then
	until [ -e "$WORLD/things/stale-0" ] && [ -e "$WORLD/things/stale-2" ]; do sleep 0.02; done
	sleep 0.3
	kill -9 $PPID
	exit 1
fi
SH
module stale | submit stale
exits 0 "terraform is killed while it has the lock" "$PURSER" run --wait 60s
ok "... and the next one breaks it" asked_often UNLOCK stale/stale '200 forced' 1
ok "... and all is in order" whole stale/stale
is "... nothing was made twice that had been made" "$(did make stale-0) $(did make stale-2)" "1 1"
hook <<'SH'
if [ "$VERB $NAME" = "remove stale-1" ] && mkdir "$WORLD/again"; then
	kill -9 $PPID
	exit 1
fi
SH
forced=$(asked UNLOCK stale/stale '200 forced')
"$PURSER" destroy stale/stale > "$work/destroy.log" 2>&1
exits 0 "killed while it destroys" "$PURSER" run --wait 60s
is "... its lock is broken, too" "$(asked UNLOCK stale/stale '200 forced')" $((forced + 1))
ok "... and nothing stands" stands

# ---- a lock that somebody else holds ----

remote
module held | submit held
lock held/held
"$PURSER" run --wait 90s > "$work/run.log" 2>&1 &
runner=$!
ok "a lock of somebody else is waited for" wait_until 60 asked_often LOCK held/held 423 10
ok "... and then asked for again" wait_until 60 has_done held/held run 2
ok "... it is not broken" in_hand held/held
is "... the failure is that lock" \
	"$(journal held/held '[x["failure"]["code"] for x in o["executions"] if x["act"] == "run" and x.get("failure")][0]')" StateLocked
unlock held/held
wait "$runner"
is "... once it is free the objective succeeds" "$?" 0
ok "... and all is in order" whole held/held
is "... nothing was forced" "$(asked UNLOCK held/held '200 forced')" 0

lock held/held
"$PURSER" destroy held/held > "$work/destroy.log" 2>&1
"$PURSER" run --wait 120s > "$work/run.log" 2>&1 &
runner=$!
wait_until 90 has_done held/held undo 3
ok "nor is it broken by what is to be undone, however often that is tried" in_hand held/held
unlock held/held
wait "$runner"
is "... once it is free it is destroyed" "$(state held/held)" destroyed
is "... and nothing was forced" "$(asked UNLOCK held/held '200 forced')" 0

# ---- a state that cannot be saved ----

remote
echo POST > "$SERVER/refuse"
module unsaved | submit unsaved
"$PURSER" run --wait 60s > "$work/run.log" 2>&1 &
runner=$!
ok "a state that cannot be saved is pushed" wait_until 30 asked_often POST unsaved/unsaved 403 3
is "... before anything else" "$(journal unsaved/unsaved 'sum(x["act"] == "run" for x in o["executions"])')" 1
rm "$SERVER/refuse"
wait "$runner"
is "... until it is saved" "$?" 0
ok "... and all is in order" whole unsaved/unsaved
is "... nothing was made twice" "$(did make unsaved-0)$(did make unsaved-1)$(did make unsaved-2)" 111

remote
echo POST > "$SERVER/refuse"
hook <<'SH'
if [ "$VERB $NAME" = "make both-1" ] && mkdir "$WORLD/once"; then
	exit 1
fi
SH
module both | submit both
"$PURSER" run --wait 60s > "$work/run.log" 2>&1 &
runner=$!
ok "the same where a resource failed, too" wait_until 30 asked_often POST both/both 403 3
rm "$SERVER/refuse"
wait "$runner"
is "... until it is saved" "$?" 0
ok "... and all is in order" whole both/both
is "... nothing was made twice that had been made" "$(did make both-0) $(did make both-2)" "1 1"

remote
echo POST > "$SERVER/refuse"
module never | submit never
exits 3 "one that cannot be saved at all" "$PURSER" run --wait 30s
is "... is held for a person" "$(holds never/never)" in_doubt
is "... and was not run again" "$(journal never/never 'sum(x["act"] == "run" for x in o["executions"])')" 1
ok "... and its state is there" test -s "$(folder_of never/never)/errored.tfstate"
rm "$SERVER/refuse"
exits 0 "once it can be, and a person says that it happened" "$PURSER" resolve never/never --happened
exits 0 "... it goes on" "$PURSER" run --wait 30s
ok "... and all is in order" whole never/never
is "... nothing was made twice" "$(did make never-0)$(did make never-1)$(did make never-2)" 111

# ---- backups ----

world
# shellcheck disable=SC2016
printf '[ "$VERB $NAME" != "make kept-1" ] || [ -e "$WORLD/well" ] || exit 1\n' | hook
module kept 'on_failure = "keep"' | submit kept
exits 1 "what failed is kept" "$PURSER" run
folder=$(folder_of kept/kept)
cp "$folder/terraform.tfstate" "$work/before"
ok "there is nothing to back up before the first apply" test ! -e "$folder/terraform.tfstate.1"
touch "$WORLD/well"
"$PURSER" retry kept/kept > "$work/retry.log" 2>&1
exits 0 "the next attempt" "$PURSER" run
ok "... keeps the state as it was before it" cmp "$work/before" "$folder/terraform.tfstate.2"
is "... for nobody else to read" "$(stat -c %a "$folder/terraform.tfstate.2")" 600
cp "$folder/terraform.tfstate" "$work/before"
# shellcheck disable=SC2016
printf 'if [ "$VERB $NAME" = "remove kept-0" ] && mkdir "$WORLD/once"; then cp "%s/terraform.tfstate.3" "%s/third"; fi\n' \
	"$folder" "$work" | hook
"$PURSER" destroy kept/kept > "$work/destroy.log" 2>&1
exits 0 "destroyed" "$PURSER" run
ok "... after another copy" cmp "$work/before" "$work/third"
ok "... and with nothing left the folder goes" test ! -e "$folder"

# shellcheck disable=SC2016
printf '[ "$VERB $NAME" != "make lost-1" ] || exit 1\n' | hook
module lost | submit lost
exits 1 "one that failed and was undone" "$PURSER" run
ok "... keeps its folder" test -d "$(folder_of lost/lost)"
in_order

# ---- killed at some lines of what an apply tells ----

for victim in terraform step runner all; do
	for line in 3 8 12; do
		remote
		module tf | submit tf
		"$PURSER" run --wait 90s > "$work/run.log" 2>&1 &
		runner=$!
		at=$("$srcdir/tests/scripted/kill-at-line" "$PURSER_STATE_DIR" "$victim" "$line" 20)
		wait "$runner" 2> "$work/wait.err"
		"$PURSER" run --wait 90s >> "$work/run.log" 2>&1
		ok "$victim killed at line $line ($at)" whole tf/tf
	done
done
done_testing
