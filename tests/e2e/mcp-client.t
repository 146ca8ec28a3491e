#!/bin/sh
# purser mcp servers, tools and call: against the real server-everything from npm,
# over stdio and over HTTP, and against a scripted one that misbehaves on demand.
# What the client makes of each misbehaviour is in tests/unit/driver/check_mcp.c.
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
export COLUMNS=100
FAKE=$srcdir/tests/fakes/mcp-server
EVERYTHING=${builddir:-.}/node/node_modules/@modelcontextprotocol/server-everything/dist/index.js
record=$work/record

# configure LINE...: the servers.
configure() {
	{
		echo '[mcp]'
		echo 'default_timeout = "20s"'
		echo 'servers = ['
		printf '  %s,\n' "$@"
		echo ']'
	} > "$PURSER_CONFIG"
}
fake() {
	printf '{ name = "%s", command = "%s", args = ["--record", "%s"%s] }' "$1" "$FAKE" "$record" "${2:-}"
}
no_secret() {
	! grep -rq s3cret "$work/out" "$work/err"
}

# ---- the scripted server ----

exits 2 "without a server there is nothing to ask" "$PURSER" mcp servers
has "and it is said where they are configured" "$work/err" "$PURSER_CONFIG"
exits 0 "as JSON it is an empty list" "$PURSER" mcp servers --json
is "that is one" "$(cat "$work/out")" "[]"

configure "$(fake one)" "$(fake two ', "--era", "modern"')"
exits 0 "all servers answer" "$PURSER" mcp servers
has "one by a handshake" "$work/out" "2025-11-25"
has "the other without" "$work/out" "2026-07-28"
ok "in 100 columns" sh -c "! grep -q '.\{101\}' '$work/out'"
exits 0 "tools of all of them" "$PURSER" mcp tools
is "are listed" "$(grep -c '  echo  ' "$work/out")" 2
exits 0 "tools of one" "$PURSER" mcp tools two --json
ok "are JSON with their schemas" /usr/bin/python3 -c "
import json, sys
tools = json.load(open('$work/out'))
assert len(tools) == 19 and all(t['server'] == 'two' and 'inputSchema' in t['tool'] for t in tools)"
exits 0 "a call is answered" "$PURSER" mcp call one echo '{"size": 3}'
has "with its structured content" "$work/out" '"size":'
exits 0 "arguments come from standard input too" sh -c "echo '{\"size\": 4}' | '$PURSER' mcp call one echo -"
has "and are those" "$work/out" '4'
exits 0 "none are an empty object" "$PURSER" mcp call two count
exits 0 "--json gives the result as it came" "$PURSER" mcp call one echo '{"a": 1}' --json
ok "which is JSON" /usr/bin/python3 -c "
import json
assert json.load(open('$work/out'))['content'][0]['type'] == 'text'"

exits 1 "a tool that fails is told by the status" "$PURSER" mcp call one fails
has "with what it says" "$work/err" "quota exceeded"
exits 1 "what it says steers no terminal" "$PURSER" mcp call one steers
ok "nor turns a line round" sh -c "! LC_ALL=C grep -qP '\x1b|\xc2[\x80-\x9f]|\xd8\x9c|\xe2\x80[\x8e\x8f\xa8-\xae]|\xe2\x81[\xa6-\xa9]' '$work/err'"
exits 1 "so is one that refuses" "$PURSER" mcp call one refuses
has "and what the server says" "$work/err" "no such size"
exits 3 "a server that dies in a call leaves doubt" "$PURSER" mcp call one die
has "and it is said" "$work/err" "whether it had an effect is not known"
exits 3 "so does one that is silent" "$PURSER" mcp call one silence --timeout 1s
has "for too long" "$work/err" "no answer in time"
exits 3 "10 MB are not taken" "$PURSER" mcp call one huge
exits 0 "garbage is passed over" "$PURSER" mcp call one garbage
has "and the answer found" "$work/out" "after garbage"
exits 3 "progress without end has one" "$PURSER" mcp call one endless --timeout 1s
exits 0 "what it asks is answered" "$PURSER" mcp call one asks
has "by refusing" "$work/out" "decline"

exits 2 "an unknown server is a slip" "$PURSER" mcp tools on
has "with a guess" "$work/err" 'did you mean "one"'
exits 2 "arguments must be JSON" "$PURSER" mcp call one echo '{size: 3}'
has "and the place is told" "$work/err" "column 2"
exits 2 "an object" "$PURSER" mcp call one echo '[3]'
exits 2 "a verb is needed" "$PURSER" mcp call
exits 2 "one of three" "$PURSER" mcp ask

configure '{ name = "gone", command = "/nonexistent/server" }' '{ name = "web", url = "http://127.0.0.1:9/mcp" }' \
	'{ name = "ends", command = "echo no; exit 4" }' "$(fake up)"
exits 1 "those that fail are told" "$PURSER" mcp servers
has "by their reasons" "$work/err" "there is no program /nonexistent/server"
has "each of them" "$work/err" "web: Failed to connect"
has "and the others still answer" "$work/out" "up      stdio  up"
exits 2 "a call to one that is not installed was not sent" "$PURSER" mcp call gone x
has "and that is said" "$work/err" "nothing has happened"
exits 1 "nor to one that is not reached" "$PURSER" mcp call web x
has "and nothing happened there" "$work/err" "nothing has happened"

# ---- secrets ----

configure "{ name = \"one\", command = \"$FAKE\", env = { TOKEN = \"env:NO_SUCH_TOKEN\" } }"
exits 2 "a secret that is not there stops the call" "$PURSER" mcp call one echo
has "and is named" "$work/err" "env:NO_SUCH_TOKEN"
printf 's3cret\n' > "$work/token"
configure "{ name = \"one\", command = \"sh\", args = [\"-c\", 'echo \$TOKEN > \"$work/seen\"; exec \"$FAKE\"'], env = { TOKEN = \"file:$work/token\" } }"
exits 0 "it is handed over" "$PURSER" mcp call one echo --verbose
is "whole" "$(cat "$work/seen")" s3cret
ok "and never printed" no_secret

# ---- a server's process ----

# What is left open, blocked or ignored in it, told by the server itself before it begins.
configure "{ name = \"one\", command = \"sh\", args = [\"-c\", '''(cd /proc/\$\$/fd && echo *) > \"$work/fds\"; grep -E \"Sig(Blk|Ign)\" /proc/self/status > \"$work/signals\"; exec \"$FAKE\" --record \"$record\"'''] }"
exits 0 "a server is started from a runner with open files and ignored signals" sh -c \
	"trap '' HUP USR1; exec '$PURSER' mcp call one echo 7<'$record' 8>>'$record'"
is "it has its three descriptors, whatever was left open" "$(cat "$work/fds")" "0 1 2"
# 32 and 33 are libc's own: nobody can reset them.
signals() {
	echo $((0x$(sed -n "s/^$1:[^0-9a-f]*//p" "$work/signals") & 0x7fffffff))
}
is "no signal is blocked" "$(signals SigBlk)" 0
is "and none is ignored" "$(signals SigIgn)" 0

# alive: a process that has the record's name in its command line, and is no zombie.
alive() {
	grep -lFz -f "$work/pattern" /proc/[0-9]*/cmdline 2> "$work/alive.err" | grep -q .
}
printf '%s\n' "$record" > "$work/pattern"
gone() {
	! alive
}
configure "$(fake one ', "--stubborn"')"
: > "$record"
"$PURSER" mcp call one silence > "$work/out" 2>&1 &
runner=$!
ok "a call is under way" wait_until 20 grep -q tools/call "$record"
kill -9 "$runner"
ok "a server that ends for nobody ends with its runner" wait_until 20 gone

# ---- faults of the configuration ----

# faulty TEXT LINE...: the fault has a place.
faulty() {
	text=$1
	shift
	configure "$@"
	"$PURSER" mcp servers > "$work/out" 2> "$work/err"
	is "... exit status" $? 2
	ok "$text, with its place" grep -qE "config.toml:[0-9]+:[0-9]+: .*$text" "$work/err"
	ok "... and no value" no_secret
}
faulty "has either a command or a url" '{ name = "a" }'
faulty "has either a command or a url" '{ name = "a", command = "x", url = "http://h/" }'
faulty 'needs "name"' '{ command = "x" }'
faulty "no name of a server" '{ name = "a b", command = "x" }'
faulty "another server of the name a" '{ name = "a", command = "x" }' '{ name = "a", command = "y" }'
faulty "unknown key .comand." '{ name = "a", comand = "x" }'
faulty "without a name or a password" '{ name = "a", url = "https://me:s3cret@h/" }'
faulty "\"headers\" belong to a server with a url" '{ name = "a", command = "x", headers = { A = "s3cret" } }'
faulty "set by purser itself" '{ name = "a", url = "http://h/", headers = { Mcp-Session-Id = "s3cret" } }'
faulty "must begin with https" '{ name = "a", url = "http://h/", headers = { Authorization = "Bearer s3cret" } }'
faulty "must begin with https" '{ name = "a", url = "http://h/", headers = { Cookie = "s3cret" } }'
faulty "must begin with https" '{ name = "a", url = "http://h/", headers = { X-Api-Key = "s3cret-8f3b1c9d7e5a2046" } }'
faulty "must begin with https" '{ name = "a", url = "http://h/", headers = { A = "env:s3cret" } }'
faulty "must begin with https" '{ name = "a", url = "http://h/", headers = { A = "file:/s3cret" } }'
faulty "control characters" '{ name = "a", url = "http://h/", headers = { A = "s3cret\nB: c" } }'
faulty "no name of a header" '{ name = "a", url = "http://h/", headers = { "A B" = "s3cret" } }'
faulty "must be a string" '{ name = "a", command = "x", env = { A = 7 } }'
faulty "must be decline or defaults" '{ name = "a", command = "x", elicitation = "accept" }'
faulty "must be a duration" '{ name = "a", command = "x", timeout = "5" }'

# ---- the real server ----

skipped() {
	TESTS=$((TESTS + 1))
	echo "ok $TESTS - the real server # SKIP $1"
	done_testing
}
command -v node > "$work/which" 2>&1 || skipped "nodejs is not installed"
[ -f "$EVERYTHING" ] || skipped "server-everything is not installed; contrib/check.sh does it where npm is"

# real TITLE SERVER: the same over each way.
real() {
	exits 0 "$1: it answers" "$PURSER" mcp servers
	has "$1: as what it is" "$work/out" "mcp-servers/everything"
	exits 0 "$1: its tools are listed" "$PURSER" mcp tools
	has "$1: all of them" "$work/out" "get-structured-content"
	exits 0 "$1: a call is answered" "$PURSER" mcp call "$2" echo '{"message": "hello"}'
	is "$1: with its text" "$(cat "$work/out")" "Echo: hello"
	exits 0 "$1: structured content comes" "$PURSER" mcp call "$2" get-structured-content '{"location": "Chicago"}'
	has "$1: as JSON" "$work/out" '"temperature":'
	exits 0 "$1: an image is told in words" "$PURSER" mcp call "$2" get-tiny-image
	has "$1: by its type" "$work/out" "(image, "
	exits 0 "$1: progress is followed" "$PURSER" mcp call "$2" trigger-long-running-operation \
		'{"duration": 1, "steps": 2}' --verbose
	has "$1: step by step" "$work/err" "2 of 2"
	exits 3 "$1: but not for ever" "$PURSER" mcp call "$2" trigger-long-running-operation \
		'{"duration": 60, "steps": 2}' --timeout 2s
	exits 0 "$1: a question is declined" "$PURSER" mcp call "$2" trigger-elicitation-request
	has "$1: and the server knows" "$work/out" '"action": "decline"'
	exits 1 "$1: wrong arguments fail" "$PURSER" mcp call "$2" get-sum '{"a": "x"}'
	exits 1 "$1: and so does an unknown tool" "$PURSER" mcp call "$2" nothing
}

# mcp.t has objectives over HTTP.
configure "{ name = \"stdio\", command = \"node\", args = [\"$EVERYTHING\", \"stdio\"] }"
real stdio stdio
is_long || done_testing

port=$(/usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
PORT=$port node "$EVERYTHING" streamableHttp > "$work/http.log" 2>&1 &
server=$!
trap 'kill "$server" 2> "$work/kill"; finish' EXIT
wait_until 20 grep -q "listening" "$work/http.log" || sed 's/^/# /' "$work/http.log"
configure "{ name = \"http\", url = \"http://127.0.0.1:$port/mcp\" }"
real http http
ok "the sessions were ended" test "$(grep -c 'Received session termination' "$work/http.log")" -ge 10
done_testing
