#!/bin/sh
# SIGKILL of the runner at every failpoint while a plan of terraform is priced: a
# reservation is adjusted once, what is held stays held with its attempt, and goes
# on when there is money. PASSES (1) of each point, and no kill begins after
# SECONDS_MAX (180).
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
# shellcheck source=tests/scripted/prices.sh
. "$srcdir/tests/scripted/prices.sh"
export TF_CLI_CONFIG_FILE=/dev/null
PASSES=${PASSES:-1}
SECONDS_MAX=${SECONDS_MAX:-180}
ends=$(($(date +%s) + SECONDS_MAX))

# budget LIMIT: a month, of everything.
budget() {
	printf '[retry]\ndelay = "50ms"\nmax_delay = "100ms"\njitter = 0\n[run]\nlease = "2s"\n[budget]\nmonthly_limit = %s\n' "$1" | settings
}
# begin: an objective whose module plans three things, where its parameters say one.
begin() {
	afresh
	export PURSER_STATE_DIR
	budget 20
	objective w module_priced 'region = "eastus"
parameters = { count = 1, extra = 2 }' | submit w
}
run_to_end() {
	"$PURSER" run --wait 20s > "$work/run.log" 2>&1
}
# check TITLE STATE TOTAL THINGS: all is in order.
check() {
	problem=
	[ "$(state w/w)" = "$2" ] || problem="$problem state $(state w/w)"
	[ "$(total global)" = "$3" ] || problem="$problem total $(total global)"
	[ "$(find "$WORLD/things" -type f | wc -l)" -eq "$4" ] || problem="$problem things $(ls "$WORLD/things")"
	[ ! -e "$WORLD/twice" ] || problem="$problem twice $(cat "$WORLD/twice")"
	[ "$(journal w/w 'len(o["attempts"])')" = 1 ] || problem="$problem attempts"
	"$PURSER" audit verify > "$work/verify.log" 2>&1 || problem="$problem audit"
	[ -z "$problem" ]
	report $? "$1"
	[ -z "$problem" ] || echo "#$problem"
}
# killed_run POINT PASS
killed_run() {
	PURSER_FAILPOINT="$1:$2" "$PURSER" run --wait 20s > "$work/killed.log" 2>&1
}

begin
PURSER_FAILPOINT_LOG="$work/held" "$PURSER" run > "$work/run.log" 2>&1
check "without a kill it is held" held 7.30 0
budget 30
PURSER_FAILPOINT_LOG="$work/built" "$PURSER" run > "$work/run.log" 2>&1
check "... and built when there is money" succeeded 21.90 3
[ -s "$work/held" ] || skip_all "built without --enable-failpoints"

skipped=0
for phase in held built; do
	# Those of the helper strike in each call anew, which fails the attempt in the end: that is for terraform.t.
	for point in $(grep -v '^step\.' "$work/$phase" | sort -u); do
		passes=$(grep -cx "$point" "$work/$phase")
		[ "$passes" -le "$PASSES" ] || passes=$PASSES
		for pass in $(seq 1 "$passes"); do
			if [ "$(date +%s)" -ge "$ends" ]; then
				skipped=$((skipped + 1))
				continue
			fi
			begin
			[ "$phase" = built ] || killed_run "$point" "$pass"
			run_to_end
			check "killed at $point, pass $pass: it is held" held 7.30 0
			budget 30
			[ "$phase" = held ] || killed_run "$point" "$pass"
			run_to_end
			check "... and built when there is money (killed while $phase)" succeeded 21.90 3
		done
	done
done
[ "$skipped" -eq 0 ] || skip "$skipped kills" "there was no time left"
done_testing
