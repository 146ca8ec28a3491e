#!/bin/sh
# A waiting runner is woken by whoever changes the queue, and leaves no socket behind.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

mkdir "$work/bin" "$work/groups"
export FAKE_AZ="$work/groups"
ln -s "$srcdir/tests/fakes/az" "$work/bin/az"
PATH="$work/bin:$PATH"

submit() {
	printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\n' > "$work/$1.toml"
	printf 'resource_group = "%s"\n' "$1" >> "$work/$1.toml"
	"$PURSER" submit --batch "$1" "$work/$1.toml"
}
sockets() {
	find "$PURSER_STATE_DIR/runners" -name '*.wake*' | wc -l
}
has_sockets() {
	[ "$(sockets)" -eq "$1" ]
}

ok "submitting where nobody ever waited" submit first
"$PURSER" run --watch > "$work/watch.log" 2>&1 &
runner=$!
wait_until 20 test -e "$FAKE_AZ/first"
report $? "a runner that stays does what there is"
ok "it has a socket" has_sockets 1
ok "submitting wakes it" submit second
wait_until 20 test -e "$FAKE_AZ/second"
report $? "and it does what was submitted"
ok "the socket is still there" has_sockets 1

# Stopped, it does not read: nobody waits for it.
kill -STOP "$runner"
i=0
while [ $i -lt 30 ]; do
	submit "stopped-$i"
	i=$((i + 1))
done > "$work/submits.log" 2>&1
kill -CONT "$runner"
wait_until 30 test -e "$FAKE_AZ/stopped-29"
report $? "one that was stopped is not waited for, and catches up"

kill -9 "$runner"
wait "$runner" 2> "$work/killed.err"
ok "a killed runner leaves its socket" has_sockets 1
ok "the next command removes it" submit third
ok "... and only it" has_sockets 0
exits 0 "the next runner goes on" "$PURSER" run
ok "and leaves no socket" has_sockets 0

# Far longer than the address of a socket may be.
deep="$work/$(printf '%0100d' 0)/$(printf '%0100d' 0)"
export PURSER_STATE_DIR="$deep"
"$PURSER" run --watch > "$work/deep.log" 2>&1 &
runner=$!
wait_until 20 has_sockets 1
report $? "a state folder with a long path has a socket too"
ok "submitting wakes it" submit deep
wait_until 20 test -e "$FAKE_AZ/deep"
report $? "and it does what was submitted"
kill -TERM "$runner"
wait "$runner"
ok "one that ends takes its socket along" has_sockets 0
done_testing
