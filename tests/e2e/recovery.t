#!/bin/sh
# What a runner must get right when the world has moved on since it was killed,
# or moves beside it. By the scripted az; parts need failpoints.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

PATH="$srcdir/tests/fakes:$PATH"
export FAKE_AZ="$work/groups" AZURE_CONFIG_DIR="$work/azure"
mkdir "$FAKE_AZ" "$AZURE_CONFIG_DIR"
echo '{"token":"secret"}' > "$AZURE_CONFIG_DIR/msal_token_cache.json"

# objective NAME GROUP [TOML]
objective() {
	printf '[[objective]]\nname = "%s"\ncapability = "resource_group"\nregion = "eastus"\n' "$1"
	printf 'resource_group = "%s"\n%s\n' "$2" "${3:-}"
}
# count NAME STATE: how many objectives of the batch are in the state.
count() {
	"$PURSER" list --batch "$1" --all --json | grep -o "\"state\":\"$2\"" | wc -l
}

soon=$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)
objective later rg-later "not_before = \"$soon\"" > "$work/later.toml"
"$PURSER" submit --batch later "$work/later.toml" > "$work/log" 2>&1
exits 6 "scheduled for later: a run that does not wait says so" "$PURSER" run
exits 0 "one that waits does it when it is due" "$PURSER" run --wait 20s
is "and it succeeded" "$(count later succeeded)" 1

{ objective a rg-same && objective b rg-same; } > "$work/same.toml"
"$PURSER" submit --batch same "$work/same.toml" > "$work/log" 2>&1
exits 1 "two objectives that name one group: only one can have it" "$PURSER" run --jobs 4
is "one succeeded" "$(count same succeeded)" 1
is "the other failed" "$(count same failed)" 1
objective c rg-other > "$work/other.toml"
"$PURSER" submit --batch other "$work/other.toml" > "$work/log" 2>&1
exits 0 "and the queue goes on" "$PURSER" run

objective d rg-audit > "$work/audit.toml"
"$PURSER" submit --batch audit "$work/audit.toml" > "$work/log" 2>&1
mv "$PURSER_STATE_DIR/audit.log" "$work/audit.log"
mkdir "$PURSER_STATE_DIR/audit.log"
exits 5 "an audit log that cannot be written stops the run" "$PURSER" run
ok "before anything is done" test ! -e "$FAKE_AZ/rg-audit"
rmdir "$PURSER_STATE_DIR/audit.log"
mv "$work/audit.log" "$PURSER_STATE_DIR/audit.log"
exits 0 "with the log back, it is done" "$PURSER" run

objective e rg-look > "$work/look.toml"
"$PURSER" submit --batch look "$work/look.toml" > "$work/log" 2>&1
PURSER_FAILPOINT=run.committed:2 "$PURSER" run > "$work/log" 2>&1
if [ "$(count look running)" -eq 1 ]; then
	printf '"owner":"somebody"' > "$FAKE_AZ/rg-look"
	exits 1 "what somebody made since the look was committed is not touched" "$PURSER" run
	is "its tags are as they were" "$(cat "$FAKE_AZ/rg-look")" '"owner":"somebody"'
	is "and it was never created by us" "$(grep -cx rg-look "$FAKE_AZ.created")" 0
else
	TESTS=$((TESTS + 1))
	echo "ok $TESTS - # SKIP built without --enable-failpoints"
fi

for point in run.committed:1 run.started:2 process.prepared:2 run.result:2 run.written:2; do
	name=$(echo "kill-$point" | tr '.:' '--')
	objective f "rg-$name" > "$work/kill.toml"
	"$PURSER" submit --batch "$name" "$work/kill.toml" > "$work/log" 2>&1
	PURSER_FAILPOINT="$point" "$PURSER" run > "$work/log" 2>&1
	exits 0 "killed at $point, the next run ends with it" "$PURSER" run --wait 30s
done
is "no copy of the login is left" "$(find "$PURSER_STATE_DIR/runs" -name 'msal*' | wc -l)" 0
is "no lock of a dead runner is left" "$(find "$PURSER_STATE_DIR/runners" -type f | wc -l)" 0
exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
