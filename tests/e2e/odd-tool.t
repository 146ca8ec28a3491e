#!/bin/sh
# Tools that misbehave, by the scripted az: what they write is bounded and
# harmless, and what they leave in doubt is looked for.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

PATH="$srcdir/tests/fakes:$PATH"
export FAKE_AZ="$work/groups"
mkdir "$FAKE_AZ"

# submit_one NAME [MORE TOML]
submit_one() {
	printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\n' > "$work/$1.toml"
	printf 'resource_group = "%s"\n%s\n' "$1" "${2:-}" >> "$work/$1.toml"
	"$PURSER" submit --batch "$1" "$work/$1.toml" > "$work/submit.log" 2>&1
}

# field NAME PATH: a string of show --json.
field() {
	"$PURSER" show "$1/group" --json > "$work/show.json" 2> "$work/show.err"
	/usr/bin/python3 - "$work/show.json" "$2" <<'PY'
import json, sys
value = json.load(open(sys.argv[1]))
for key in sys.argv[2].split("."):
    value = value[key]
print(value)
PY
}

submit_one flood
exits 0 "50 MB of output and then the answer: the check supplies what the run could not" \
	env FAKE_AZ_MODE=flood "$PURSER" run
is "it succeeded" "$(field flood state)" succeeded
is "and was created once" "$(grep -cx flood "$FAKE_AZ.created")" 1
kept=$(du -sk "$PURSER_STATE_DIR/runs" | cut -f 1)
ok "at most 4 MB of the output are kept on disk ($kept kB)" test "$kept" -lt 4096
is "the id of what was made is known" "$(field flood outputs.id)" "/subscriptions/fake/resourceGroups/flood"

submit_one garbage
exits 0 "bytes that are not UTF-8" env FAKE_AZ_MODE=garbage "$PURSER" run
is "it succeeded all the same" "$(field garbage state)" succeeded
exits 0 "its output can be shown" "$PURSER" log garbage/group --output
ok "as valid UTF-8" iconv -f UTF-8 -t UTF-8 "$work/out"

submit_one die
exits 0 "a tool that is killed after its work was done" env FAKE_AZ_MODE=die "$PURSER" run
is "is found to have done it" "$(field die state)" succeeded
is "and is not run again" "$(grep -cx die "$FAKE_AZ.created")" 1

submit_one injection 'labels = { note = "x --custom-data /etc/shadow" }'
exits 0 "a value with options in it is one value" "$PURSER" run
"$PURSER" log injection/group --json > "$work/log.json"
has "and reaches the tool as one" "$work/log.json" '"note=x --custom-data /etc/shadow"'

PATH="/usr/bin:/bin"
mkdir "$work/empty"
submit_one missing
exits 5 "no az at all: nothing is begun" env PATH="$work/empty" "$PURSER" run
has "with the reason" "$work/err" "az was not started: No such file"
is "and the objective waits" "$(field missing state)" queued

exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
