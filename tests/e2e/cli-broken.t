#!/bin/sh
# A damaged or vanished store stops everything with exit 5, and doctor tells and mends.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/e2e/cli.sh
. "$srcdir/tests/e2e/cli.sh"

doctor_says() {
	grep -Eq -- "^$1 +$2" "$work/out"
	report $? "... $2: $1"
}

run 5 'doctor where there is no az' doctor
doctor_says ok configuration
doctor_says ok 'state folder'
doctor_says ok store
doctor_says ok purser-step
doctor_says ok capabilities
doctor_says fail 'az '
ok '... fits 80 columns' narrow
ok '... and made nothing' test ! -e "$work/state"
run 5 'doctor --json' doctor --json
ok '... parses' json
run 2 'nothing to set aside' doctor --set-aside
err 'nothing to set aside'

batch > batch.toml
run 0 'submit' submit batch.toml
run 2 'a sound store is not set aside' doctor --set-aside
err 'is sound'

chmod 755 state
run 5 'a state folder that others may enter' doctor
doctor_says warn 'state folder'
chmod 700 state

cp -r state kept
printf '#!/bin/sh\nexit 0\n' > bin/step
chmod 755 bin/step
PURSER_STEP="$work/bin/step" PATH="$work/bin" "$PURSER" doctor > out 2> err
doctor_says fail purser-step
printf '[run]\njobs = "x"\n' > config.toml
run 5 'a bad configuration' doctor
doctor_says fail configuration
: > config.toml

# An audit log that cannot be read: what the store knows is told all the same.
mv state/audit.log kept.log
mkdir state/audit.log
run 5 'log without the audit log' log web-dev/group
err 'the audit log could not be read'
err '^next: purser audit verify'
out '^web-dev/group .*queued'
rmdir state/audit.log
mv kept.log state/audit.log
run 0 'log with it' log web-dev/group

# A vanished store.
rm -f state/purser.db*
for command in list 'submit batch.toml' 'show web-dev/group' run 'audit verify'; do
	# shellcheck disable=SC2086
	run 5 "a vanished store: $command" $command
	err 'purser doctor'
done
ok '... and no new one was made' test ! -e state/purser.db

# A damaged store.
cp kept/purser.db state/
/usr/bin/python3 - <<'END'
with open("state/purser.db", "r+b") as f:
    f.seek(0)
    f.write(b"x" * 200)
END
for command in list 'submit batch.toml' 'cancel web-dev/group' run; do
	# shellcheck disable=SC2086
	run 5 "a damaged store: $command" $command
done
run 5 'doctor of a damaged store' doctor
doctor_says fail store
out 'set-aside'

# Not while somebody lives.
mkdir -p state/runs/o/x state/runners
if command -v flock >/dev/null; then
	for lock in state/runs/o/x/lock state/runners/r.lock; do
		flock "$lock" sh -c '
			PATH="$1/bin" "$2" doctor --set-aside >"$1/out" 2>"$1/err"
			[ $? -eq 5 ] && grep -q "lives" "$1/err"' sh "$work" "$PURSER"
		report $? "not set aside while $lock is locked"
	done
fi
ok '... and nothing was moved' test -e state/purser.db

run 0 'doctor --set-aside' doctor --set-aside
out '^set aside in '
ok '... keeps the store' sh -c 'test -e state/set-aside-*/purser.db'
ok '... and the log' sh -c 'test -e state/set-aside-*/audit.log'
run 0 'and purser can begin anew' submit batch.toml
run 0 '... soundly' audit verify

printf '\n' > /dev/full 2>/dev/null
if [ -c /dev/full ]; then
	PATH="$work/bin" "$PURSER" list > /dev/full 2> err
	[ $? -eq 5 ]
	report $? 'a report that cannot be written'
fi

done_testing
