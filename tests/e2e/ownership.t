#!/bin/sh
# Whose it is: what stood before is never taken for our own and never undone, what
# is ours is never lost from sight, whatever is retried, cancelled or spelled anew.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
cp -r "$PURSER_TEMPLATES" "$work/templates"
PURSER_TEMPLATES=$work/templates
sed -i 's/existing = "refuse"/existing = "update"/' "$PURSER_TEMPLATES/either/capability.toml"

settings <<'TOML'
[retry]
max_retries = 0
TOML

# An update leaves our tag on what another made: a later attempt must not be misled by it.
echo other > "$WORLD/things/az-x-ground"
echo 'refuse AuthorizationFailed "no"' | fault az.run.az-x
objective x either 'region = "westeurope"
strategy = "azure_cli"' | submit updated
exits 1 "the second step fails" "$PURSER" run --wait 20s
exits 0 "and is to be tried again" "$PURSER" retry updated/x
exits 1 "it fails again" "$PURSER" run --wait 20s
is "what stood before was never counted as made" "$(value updated/x 'len(o["resources"])')" 0
ok "and stands" test -e "$WORLD/things/az-x-ground"

# What stood is gone since, and made by us: then it is ours.
rm "$WORLD/things/az-x-ground"
mend az.run.az-x
exits 0 "it is to be tried once more" "$PURSER" retry updated/x
exits 0 "and succeeds" "$PURSER" run --wait 20s
exits 0 "a destroy" "$PURSER" destroy updated/x
exits 0 "takes it away" "$PURSER" run --wait 20s
ok "with what it made in the place of what stood" test ! -e "$WORLD/things/az-x-ground"

# A step took effect and left nothing to undo it by: no other strategy begins over that.
echo other > "$WORLD/things/az-y-ground"
echo 'refuse OperationNotAllowed "This is not allowed for this resource."' | fault az.run.az-y
objective y either 'region = "westeurope"' | submit untraced
exits 1 "a later step is refused" "$PURSER" run --wait 20s
is "and nothing falls back" "$(value untraced/y '[a["strategy"] for a in o["attempts"]]')" "['azure_cli']"

# Found again under another spelling, and in another step's answer.
echo 'refuse AuthorizationFailed "no"' | fault cloud.run.s-c
echo 'effect; printf "{\"resources\":[\"/World/s-b\",\"/WORLD/s-a\"]}\n"; quit 0' | fault cloud.run.s-b
objective s stack | submit spelled
exits 1 "the third step is refused" "$PURSER" run --wait 20s
is "each thing is undone once, the last made first" "$(order cloud undo)" "undo:s-b undo:s-a"
is "and known to be gone" "$(value spelled/s '[r["state"] for r in o["resources"]]')" "['gone', 'gone']"

# Cancelled while something of an earlier attempt was kept: it stays in sight.
echo 'refuse AuthorizationFailed "no"' | fault cloud.run.kept-c
objective kept stack 'on_failure = "keep"' | submit kept
exits 1 "a failure keeps what was made" "$PURSER" run --wait 20s
mend cloud.run.kept-c
# shellcheck disable=SC2016
echo '[ "$calls" -lt 2 ] || { touch "$WORLD/looking"; pause go; }' | fault cloud.check.kept-a
exits 0 "it is to be tried again" "$PURSER" retry kept/kept
"$PURSER" run --wait 20s > "$work/kept.log" 2>&1 &
runner=$!
wait_until 10 test -e "$WORLD/looking"
report $? "it looks at what was kept"
exits 0 "and is cancelled then" "$PURSER" cancel kept/kept
touch "$WORLD/go"
wait "$runner"
is "what was not undone makes it failed, not cancelled" "$(state kept/kept)" failed
exits 0 "so that it can be destroyed" "$PURSER" destroy kept/kept
exits 0 "by the next run" "$PURSER" run --wait 20s
is "nothing of it is left" "$(find "$WORLD/things" -name 'kept-*')" ""

# An undo that fails in a cancel leaves an orphan, which a destroy takes up.
echo 'pause on' | fault cloud.run.w-b.1
echo 'refuse ScopeLocked "locked"' | fault cloud.undo.w-a
objective w stack | submit orphan
"$PURSER" run --wait 20s > "$work/orphan.log" 2>&1 &
runner=$!
wait_until 10 was_called cloud run w-b
report $? "the second step runs"
exits 0 "it is cancelled" "$PURSER" cancel orphan/w
touch "$WORLD/on"
wait "$runner"
is "it ends failed, because something stands" "$(state orphan/w)" failed
ok "the orphan is listed with what the undo said" \
	sh -c '"$PURSER" resources --orphaned | grep -q "w-a.*locked"'
mend cloud.undo.w-a
exits 0 "a destroy takes it up" "$PURSER" destroy orphan/w
exits 0 "and ends it" "$PURSER" run --wait 20s
is "destroyed" "$(state orphan/w)" destroyed

exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
