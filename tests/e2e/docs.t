#!/bin/sh
# What the documentation says about a failure: searched on a local server that answers as
# Microsoft Learn does, and slow, wrong or not at all. Scripted tools.
# Inner shells and Python expand what is quoted here.
# shellcheck disable=SC2016,SC2317
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy
export COLUMNS=80
site="$work/site"
server=

end_server() {
	[ -z "$server" ] || kill "$server" 2> "$work/kill.err"
	[ -z "$server" ] || wait "$server" 2> "$work/kill.err"
	server=
}
trap 'end_server; finish' EXIT

# serve: a new one, of which nothing was asked yet; URL is its root.
serve() {
	end_server
	rm -rf "$site"
	mkdir "$site"
	/usr/bin/python3 "$srcdir/tests/fakes/docs" "$site" 2> "$work/site.err" &
	server=$!
	wait_until 20 test -f "$site/port" || {
		echo "Bail out! the server does not start"
		exit 1
	}
	URL="http://127.0.0.1:$(cat "$site/port")"
}

# configure DOCS PATH [TIMEOUT]
configure() {
	settings <<TOML
[retry]
max_retries = 0
[analysis]
docs = $1
docs_url = "$URL$2"
docs_timeout = "${3:-20s}"
TOML
}

# asked [TEXT]: how many requests there were, with this text
asked() {
	if [ -f "$site/requests" ]; then grep -c -- "${1:-}" "$site/requests"; else echo 0; fi
}

# sql STATEMENT: on the store, by somebody else
sql() {
	/usr/bin/python3 -c 'import sqlite3, sys
db = sqlite3.connect(sys.argv[1], timeout=20)
for row in db.execute(sys.argv[2]):
    print(*row)
db.commit()' "$PURSER_STATE_DIR/purser.db" "$1"
}

forget() {
	sql "DELETE FROM searches"
}

# signature CODE
signature() {
	"$PURSER" failures --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "[k['signature'] for k in o if k.get('code') == '$1'][0]"
}

# No line is wider, unless it is one address; and nothing steers the terminal.
narrow() {
	/usr/bin/python3 -c 'import sys
for line in open(sys.argv[1], encoding="utf-8", newline="\n"):
    line = line.rstrip("\n")
    assert line.isprintable(), line
    assert len(line) <= 80 or len(line.split()) <= 2, line' "$work/out"
}

# The requests began a second after one another, give or take the way to the server.
apart() {
	/usr/bin/python3 -c 'import sys
times = [int(line.split()[0]) for line in open(sys.argv[1])]
sys.exit(any(b - a < 900 for a, b in zip(times, times[1:])))' "$site/requests"
}

# has_failed NAME: by a command that looks nothing up
has_failed() {
	[ "$(count "$1" failed)" -eq 1 ]
}

# fails NAME CODE: an objective that will
fails() {
	echo "refuse $2 \"The thing '$1' of rg-private cannot be had.\"" | fault "cloud.run.$1"
	objective "$1" thing | submit "$1"
}

# ---- nothing is asked unless somebody wants it ----

serve
configure false /api/search
fails place NoPlaceLeft
exits 1 "what fails" "$PURSER" run
exits 0 "is shown" "$PURSER" show place/place
place=$(signature NoPlaceLeft)
exits 0 "in both ways" "$PURSER" failures show "$place"
is "and nobody is asked" "$(asked)" 0

# ---- a search ----

exits 0 "a person may ask" "$PURSER" failures docs "$(echo "$place" | cut -c 1-6)"
cp "$work/out" "$work/first"
is "which is one request" "$(asked)" 1
is "of the code and nothing else" "$(cut -d ' ' -f 2-3 "$site/requests")" \
	"GET /api/search?search=NoPlaceLeft%20error&locale=en-us&%24top=10"
has "with the tool's name" "$site/requests" " purser/"
ok "the page of the code comes first, then its mention, then what is about errors" \
	test "$(grep -o '^  [123]\. .*' "$work/out")" = "  1. Resolve errors for no place left
  2. Azure regions
  3. Troubleshoot common Azure deployment errors"
has "with its address" "$work/out" \
	"     https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/error-no-place-left"
has "and a line about it" "$work/out" "     Describes how to resolve the error when a resource is"
has "and where it is from" "$work/out" "source: 127.0.0.1:$(cat "$site/port"), retrieved 20"
ok "in 80 columns" narrow

exits 0 "the second time" "$PURSER" failures docs "$place" --json
is "nobody is asked" "$(asked)" 1
cp "$work/out" "$work/evaluate.json"
is "as JSON it is the same" "$(evaluate '[len(o["documentation"]["articles"]), o["documentation"]["query"], "why" in o["documentation"]]')" \
	"[3, 'NoPlaceLeft error', False]"
end_server
exits 0 "nor when the server is gone" "$PURSER" failures docs "$place"
is "and it is the same again" "$(grep '^ *[123h]' "$work/out")" "$(grep '^ *[123h]' "$work/first")"

sql "UPDATE searches SET retrieved_ms = retrieved_ms - 6 * 86400000"
exits 0 "after six days" "$PURSER" failures docs "$place"
has "it is still good" "$work/out" "(6 d"
ok "without a word of trouble" test "$(grep -c 'can be had' "$work/out")" -eq 0
sql "UPDATE searches SET retrieved_ms = retrieved_ms - 2 * 86400000"
exits 0 "after eight days, and nobody there" "$PURSER" failures docs "$place"
has "the old one is shown" "$work/out" "1. Resolve errors for no place left"
has "with its age" "$work/out" "(8 d"
has "and why there is no other" "$work/out" "Nothing newer can be had from 127.0.0.1:"
ok "in 80 columns too" narrow
serve
configure false /api/search
sql "UPDATE searches SET source = '$URL/api/search', failed_ms = 0, why = NULL"
exits 0 "when it is there again" "$PURSER" failures docs "$place"
is "it is asked" "$(asked)" 1
ok "and the answer is new" test "$(grep -c 'ago)\|just now)' "$work/out")" -ge 1 -a "$(grep -c '(8 d' "$work/out")" -eq 0

# Nobody waits for a cache.
forget
cat > "$work/writer.py" <<'PY'
import os, sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
open(sys.argv[2], "w").close()
while not os.path.exists(sys.argv[3]):
    time.sleep(0.02)
PY
/usr/bin/python3 "$work/writer.py" "$PURSER_STATE_DIR/purser.db" "$work/writing" "$work/enough" &
writer=$!
wait_until 20 test -e "$work/writing"
exits 0 "while somebody writes" "$PURSER" failures docs "$place"
has "it is told all the same" "$work/out" "1. Resolve errors"
touch "$work/enough"
wait "$writer"
is "and just not kept" "$(sql 'SELECT count(*) FROM searches')" 0

# ---- a server that is slow, wrong or down ----

# without HOW TEXT: it is of no use, which is told with this text, and is no failure of ours.
without() {
	forget
	exits 0 "$1: the command goes on" "$PURSER" failures docs "$place"
	has "... and says why" "$work/out" "$2"
	ok "... on a clean screen" narrow
}

# An answer that is none leads to the other way in, which is closed here.
echo 404 > "$site/mcp"
for how in html half; do
	echo $how > "$site/search"
	without $how "Nothing can be had from 127.0.0.1:"
done
has "... in short" "$work/out" "now: the answer is no JSON"
echo huge > "$site/search"
without "5 MB" "larger than"
echo 404 > "$site/search"
without "404" "HTTP status 404"
echo 302 > "$site/search"
without "302" "HTTP status 302"
echo strange > "$site/search"
without "addresses elsewhere" "Nothing was found for \"NoPlaceLeft error\"."
ok "... and none of them is told" test "$(grep -ci 'evil\|javascript\|reboot' "$work/out")" -eq 0
echo marked > "$site/search"
without "markup" "  1. No place left again"
has "... and what is long is cut" "$work/out" "     Use az & alert(1) €"
before=$(asked POST)
for status in 429 500 503; do
	echo $status > "$site/search"
	without $status "HTTP status $status"
done
configure false /api/search 250ms
echo slow > "$site/search"
without slow "Nothing can be had from 127.0.0.1:"
touch "$site/go"
is "what may go better later is not asked elsewhere" "$(asked POST)" "$before"
configure false /api/search
end_server
without down "onnect to 127.0.0.1"

# What the table knows is told in any case.
fails size SkuNotAvailable
"$PURSER" run > "$work/run.log" 2>&1
exits 0 "of a code that the table has" "$PURSER" failures docs "$(signature SkuNotAvailable)"
has "its page is told" "$work/out" "  docs            https://learn.microsoft.com/"
has "beside why there is no other" "$work/out" "Nothing can be had"
exits 0 "as JSON too" "$PURSER" failures docs "$(signature SkuNotAvailable)" --json
cp "$work/out" "$work/evaluate.json"
is "with both" "$(evaluate '[o["docs"][:28], bool(o["documentation"]["why"])]')" "['https://learn.microsoft.com/', True]"

# ---- what is not asked for ----

serve
configure false /api/search
fails wide OperationNotAllowed
fails odd 4711
fails own contosoDB
"$PURSER" run > "$work/run.log" 2>&1
exits 0 "a code that says little" "$PURSER" failures docs "$(signature OperationNotAllowed)"
is "is asked for with the class" "$(asked 'search=OperationNotAllowed%20error%20[a-z]*&')" 1
for name in odd own; do
	exits 0 "one that may be somebody's own ($name)" \
		"$PURSER" failures docs "$(value $name/$name 'o["failure"]["signature"]')"
	has "is not asked for" "$work/out" "no error code that could be searched for"
done
is "not at all" "$(asked)" 1
is "and nothing private ever was" "$(asked 'private\|contoso\|4711\|Test.Alpha\|place')" 0

# ---- MCP ----

# by_mcp HOW CALLS: a new server answers so, after so many calls of the tool.
by_mcp() {
	serve
	echo "$1" > "$site/mcp"
	configure false /api/mcp
	forget
	exits 0 "by MCP ($1)" "$PURSER" failures docs "$place"
	has "... it is found" "$work/out" "  1. Resolve errors for no place left"
	has "... with a line about it" "$work/out" "     Describes how to resolve the error"
	is "... by so many calls" "$(asked tools/call)" "$2"
	is "... all of them with the query alone" "$(asked '"arguments": {"query": "NoPlaceLeft error"}}$')" "$2"
}
by_mcp json 1
exits 0 "and it is kept" "$PURSER" failures docs "$place"
is "... as well" "$(asked 'initialize ')" 1
by_mcp sse 1
by_mcp stale 2
is "... in two sessions" "$(asked 'initialize ')" 2
by_mcp renamed 2
has "... the second one by its new name" "$site/requests" '"name": "docs_lookup"'
is "GET is not asked for an answer" "$(asked 'GET /api/search')" 0
for how in 405 429 500 fails; do
	echo $how > "$site/mcp"
	without "MCP, $how" "Nothing can be had"
done
configure false /api/mcp 250ms
echo slow > "$site/mcp"
without "MCP, slow" "Nothing can be had"
touch "$site/go"

# Where the search has nothing, or is there no more.
for how in none 404 html; do
	serve
	configure false /api/search
	echo $how > "$site/search"
	forget
	exits 0 "a search with nothing ($how)" "$PURSER" failures docs "$place"
	has "... leads to the MCP server beside it" "$work/out" "  1. Resolve errors for no place left"
	is "... once" "$(asked tools/call)" 1
done

# ---- docs = true ----

afresh
serve
configure true /api/search
fails place NoPlaceLeft
fails other NoRoomEither
fails again NoPlaceLeft
exits 1 "a run looks up what failed in it" "$PURSER" run
is "each query once" "$(asked)" 2
ok "and not both within a second" apart
forget
rm "$site/requests"
exits 0 "nor do two commands" "$PURSER" failures docs "$(signature NoRoomEither)"
exits 0 "in a row" "$PURSER" failures docs "$(signature NoPlaceLeft)"
is "which both ask" "$(asked)" 2
ok "ask within a second" apart
end_server
exits 0 "in the morning" "$PURSER" show place/place
has "it is there" "$work/out" "  1. Resolve errors for no place left"
ok "in 80 columns" narrow
is "as JSON" "$(value place/place '[a["address"][-19:] for a in o["diagnosis"]["documentation"]["articles"]][:1]')" \
	"['error-no-place-left']"
exits 0 "and by its signature" "$PURSER" failures show "$(signature NoRoomEither)"
has "as well" "$work/out" "Documentation"
exits 0 "what did not fail" "$PURSER" failures
ok "has none" test "$(grep -c Documentation "$work/out")" -eq 0

# A row of commands does not wait for the same time-out each time.
serve
configure true /api/search 250ms
echo slow > "$site/search"
exits 0 "a slow server is waited for" "$PURSER" show place/place
has "in vain" "$work/out" "Nothing can be had"
exits 0 "and then not again" "$PURSER" show place/place
has "which is said too" "$work/out" "Nothing can be had"
exits 0 "nor for the same code elsewhere" "$PURSER" failures show "$(signature NoPlaceLeft)"
is "there was one request" "$(asked)" 1
touch "$site/go"
rm "$site/search"
configure true /api/search
exits 0 "a person who insists" "$PURSER" failures docs "$(signature NoPlaceLeft)"
has "is answered" "$work/out" "  1. Resolve errors for no place left"
is "by another one" "$(asked)" 2

# A bad night is not followed by a bad morning.
serve
configure true /api/search 250ms
echo slow > "$site/search"
for code in NoPlaceOne NoPlaceTwo NoPlaceThree NoPlaceFour NoPlaceFive NoPlaceSix NoPlaceSeven; do
	fails "$(echo $code | tr "[:upper:]" "[:lower:]")" $code
done
exits 1 "many failures and a slow server" "$PURSER" run
is "are asked for five times" "$(asked)" 5
touch "$site/go"

# Who interrupts a run wants to get away.
serve
configure true /api/search
fails late NoThirdPlace
"$PURSER" run --watch > "$work/watch.log" 2>&1 &
watch=$!
wait_until 20 has_failed late
kill -INT "$watch"
wait "$watch"
is "an interrupted run asks nobody" "$(asked)" 0
exits 0 "the store is sound" "$PURSER" audit verify
done_testing
