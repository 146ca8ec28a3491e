#!/bin/sh
# Limits: never more at a time of one strategy or in one resource group than the
# settings allow, whichever runner has them; and all get their turn.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

# at_once PREFIX: the largest number of runs of such names that went on at a time.
at_once() {
	awk -v name="$1" '$3 == "run" && index($4, name) == 1 {
		now += $5 == "begin" ? 1 : -1
		if (now > most)
			most = now
	} END { print most + 0 }' "$WORLD/journal"
}
# two_runners BATCH TITLE
two_runners() {
	"$PURSER" run --jobs 6 --wait 30s > "$work/runner1.log" 2>&1 &
	"$PURSER" run --jobs 6 --wait 30s > "$work/runner2.log" 2>&1 &
	wait
	is "$2" "$(count "$1" succeeded)" "$(grep -c '^name' "$work/$1.toml")"
}

settings <<'TOML'
[limits.resource_group]
default = 2
"rg-One" = 1
TOML
for i in 1 2 3 4 5; do
	for group in one two three; do
		echo 'sleep 0.1' | fault "cloud.run.$group$i"
		objective "$group$i" thing "resource_group = \"rg-$group\""
	done
done | submit groups
two_runners groups "fifteen objectives in three groups all end"
is "one at a time where one is allowed, whatever the case of its name" "$(at_once one)" 1
is "two at a time in others" "$(at_once two)" 2
is "and in the third" "$(at_once three)" 2

settings <<'TOML'
[limits.strategy]
script = 3
azure_cli = 1
TOML
for i in $(seq 1 12); do
	echo 'sleep 0.2' | fault "cloud.run.free$i"
	objective "free$i" thing
done | submit free
two_runners free "twelve objectives without a group all end"
is "three at a time of the strategy" "$(at_once free)" 3

settings < /dev/null
for i in $(seq 1 8); do
	echo 'sleep 0.3' | fault "cloud.run.many$i"
	objective "many$i" thing 'resource_group = "rg-many"'
done | submit many
two_runners many "without limits all end"
within "and more go on at a time" "$(at_once many)" 4 8

in_order
done_testing
