#!/bin/sh
# What failed is remembered with what resolved it, and told. Scripted tools.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

settings <<'TOML'
[retry]
max_retries = 1
delay = "50ms"
max_delay = "100ms"
jitter = 0
TOML

# failures EXPRESSION: of failures --json as o, in Python
failures() {
	"$PURSER" failures --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$1"
}

# known CODE EXPRESSION: of failures show --json of the only signature with this code, as o
known() {
	signature=$(failures "[k['signature'] for k in o if k.get('code') == '$1'][0]")
	"$PURSER" failures show "$signature" --json > "$work/evaluate.json" 2> "$work/evaluate.err"
	evaluate "$2"
}

objective calm thing | submit calm
exits 0 "nothing has failed" "$PURSER" run
exits 0 "failures of none" "$PURSER" failures
has "says so" "$work/out" "nothing has failed yet"
exits 2 "a signature that is none" "$PURSER" failures show abcdef

# A retry resolves, and two machines have one signature.
for name in web-1 web-2; do
	echo "refuse ServiceUnavailable \"The service of '$name' is unavailable.\"" | fault "cloud.run.$name.1"
	objective "$name" thing
done | submit web
exits 0 "what fails once is done at the second try" "$PURSER" run --wait 20s
is "two objectives, one signature" "$(failures '[(k["code"], k["seen"]) for k in o]')" "[('ServiceUnavailable', 2)]"
is "a retry resolved both" "$(known ServiceUnavailable '[(r["by"], r["times"], r["of"]) for r in o["resolved"]]')" \
	"[('retry', 2, 2)]"
is "how long it took is known" \
	"$(known ServiceUnavailable 'all(50 <= c["after_ms"] < 20000 for c in o["occurrences"])')" True

# One that failed, and is retried by a person.
echo 'refuse QuotaExceeded "No more of it."' | fault cloud.run.much
objective much thing | submit much
exits 1 "what may not pass fails" "$PURSER" run
is "its failure has the signature" "$(value much/much 'o["failure"]["signature"]')" \
	"$(known QuotaExceeded 'o["signature"]')"
is "it became failed" "$(known QuotaExceeded '[c["became"] for c in o["occurrences"]]')" "['failed']"
"$PURSER" audit --json > "$work/audit.log" 2> "$work/audit.err"
# audit EVENT EXPRESSION: of the failure in the last such record, as o, in Python
audit() {
	grep "\"event\":\"$1\".*\"signature\":" "$work/audit.log" | tail -n 1 > "$work/evaluate.json"
	evaluate "[($2) for o in [o['details'].get('failure', o['details'])]][0]"
}
signature=$(known QuotaExceeded 'o["signature"]')
for event in execution.ended attempt.turned objective.failed; do
	is "the record $event has class, code, signature and advice id" \
		"$(audit $event 'o["class"], o["code"], o["signature"], o["advice_id"]')" \
		"('quota', 'QuotaExceeded', '$signature', 'QuotaExceeded')"
done
is "the advice id is in failures show as well" "$(known QuotaExceeded 'o["advice_id"]')" QuotaExceeded
is "... and in show" "$(value much/much 'o["diagnosis"]["advice_id"]')" QuotaExceeded
exits 0 "log" "$PURSER" log much/much
for word in submitted "turned to undo" "class quota, code QuotaExceeded, signature"; do
	has "... is a story: $word" "$work/out" "$word"
done
mend cloud.run.much
exits 0 "it is retried" "$PURSER" retry much/much
exits 0 "and done" "$PURSER" run
is "that resolved it" "$(known QuotaExceeded '[(r["by"], r["times"]) for r in o["resolved"]]')" "[('retry', 1)]"

# The next one that fails so is told what helped.
echo 'refuse QuotaExceeded "No more of it."' | fault cloud.run.further
objective further thing | submit further
exits 1 "another one fails in the same way" "$PURSER" run
has "what resolved it before comes first" "$work/err" \
	"further/further: quota, QuotaExceeded (before: resolved 1 of 1 times by a retry after about"
exits 0 "show" "$PURSER" show further/further
has "... has it as well" "$work/out" "before          resolved 1 of 1 times by a retry"
is "... and as JSON" "$(value further/further '[(r["by"], r["times"], r["of"]) for r in o["diagnosis"]["resolved"]]')" \
	"[('retry', 1, 1)]"

# Another strategy.
echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault az.run.az-either
objective either either 'region = "eastus"' | submit either
exits 0 "another strategy does it" "$PURSER" run --wait 20s
is "that resolved it" "$(known OperationNotAllowed '[(r["by"], r["detail"]) for r in o["resolved"]]')" \
	"[('strategy', 'script')]"

# Another value, in the next submission of the same name.
echo 'refuse SkuNotAvailable "Not here."' | fault cloud.run.same
objective same thing 'parameters = { word = "one" }' | submit same
exits 1 "it fails" "$PURSER" run
mend cloud.run.same
exits 0 "it is given up" "$PURSER" destroy same/same
"$PURSER" run > "$work/run.log" 2>&1
objective same thing 'parameters = { word = "two" }' | submit same
exits 0 "and submitted with another value" "$PURSER" run
is "that resolved it" "$(known SkuNotAvailable '[(r["by"], r["detail"]) for r in o["resolved"]]')" \
	"[('parameter', 'word = two')]"

# A person who tells.
echo 'doubt' | fault cloud.run.dark.1
echo '[ "$calls" -eq 1 ] || { echo "ERROR: (InternalError) Nothing can be told." >&2; quit 7; }' |
	fault cloud.check.dark
objective dark once | submit dark
exits 3 "in doubt, and nothing tells" "$PURSER" run --wait 20s
rm -f "$WORLD"/faults/*
exits 0 "a person tells" "$PURSER" resolve dark/dark --not-happened
exits 0 "it goes on" "$PURSER" run --wait 20s
is "a person resolved all of it" \
	"$(failures 'sum(k["became"]["open"] for k in o)') $(known InternalError '[r["by"] for r in o["resolved"]]')" \
	"0 ['person']"

exits 0 "failures, for people" "$PURSER" failures
has "has a column of signatures" "$work/out" "SIGNATURE"
has "and tells what was resolved" "$work/out" "2 of 2"
signature=$(failures '[k["signature"] for k in o if k.get("code") == "ServiceUnavailable"][0]')
exits 0 "failures show, of a beginning" "$PURSER" failures show "$(echo "$signature" | cut -c 1-8)"
has "tells what resolved it" "$work/out" "resolved 2 of 2 times by a retry"
has "and where it occurred" "$work/out" "web/web-2"
exits 2 "list takes no signature" "$PURSER" failures list "$signature"
exits 2 "show needs one" "$PURSER" failures show
exits 2 "there is no third verb" "$PURSER" failures forget
exits 0 "the store is sound" "$PURSER" audit verify
done_testing
