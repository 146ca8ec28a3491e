#!/bin/sh
# A runner that is told to stop, once and twice, and one that is killed: what
# runs goes on, and the next run finds it.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

# An az whose "group create" waits until the test lets it go.
mkdir "$work/bin" "$work/groups"
export FAKE_AZ="$work/groups"
cat > "$work/bin/az" <<TEXT
#!/bin/sh
if [ "\$1 \$2" = "group create" ]; then
	: > "$work/creating"
	while [ ! -e "$work/go" ]; do sleep 0.05; done
fi
exec "$srcdir/tests/fakes/az" "\$@"
TEXT
chmod +x "$work/bin/az"
PATH="$work/bin:$PATH"

begin() {
	rm -f "$work/creating" "$work/go"
	printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\n' > "$work/$1.toml"
	printf 'resource_group = "%s"\n' "$1" >> "$work/$1.toml"
	"$PURSER" submit --batch "$1" "$work/$1.toml" > "$work/submit.log" 2>&1
	"$PURSER" run > "$work/$1.log" 2>&1 &
	runner=$!
	wait_until 20 test -e "$work/creating"
	report $? "$1: its step runs"
}
state() {
	"$PURSER" list --batch "$1" --json | sed -n 's/.*"state":"\([a-z]*\)".*/\1/p'
}

begin once
kill -TERM "$runner"
wait_until 10 grep -qi "no more\|stopping\|taking up\|finish" "$work/once.log"
report $? "once: it says that it stops"
kill -0 "$runner"
report $? "once: it waits for the step"
: > "$work/go"
wait "$runner"
is "once: the step ended, and so did the objective" "$(state once)" succeeded

begin twice
kill -TERM "$runner"
wait_until 10 grep -qi "no more\|stopping\|taking up\|finish" "$work/twice.log"
kill -TERM "$runner"
wait "$runner"
is "twice: it leaves at once, and says that work is left" $? 6
is "twice: the objective is still running" "$(state twice)" running
"$PURSER" run > "$work/next.log" 2>&1 &
next=$!
wait_until 20 grep -q "adopted\|taken over\|took over" "$work/next.log"
report $? "twice: the next run adopts it"
: > "$work/go"
wait "$next"
is "twice: and ends with it" $? 0
is "twice: it was created once" "$(grep -cx twice "$FAKE_AZ.created")" 1

begin killed
kill -9 "$runner"
: > "$work/go"
exits 0 "killed: the next run ends with it" "$PURSER" run
is "killed: it was created once" "$(grep -cx killed "$FAKE_AZ.created")" 1

begin cancelled
exits 0 "cancelled: while its step runs" "$PURSER" cancel cancelled/group
: > "$work/go"
wait "$runner"
is "cancelled: it was undone" "$(state cancelled)" cancelled
ok "cancelled: and the group is gone" test ! -e "$FAKE_AZ/cancelled"
exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
