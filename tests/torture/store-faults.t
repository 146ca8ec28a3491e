#!/bin/sh
# The failing-store loop: in every command that writes, the first, second, third ...
# call of the store fails once, in every way, until none is left to fail. Then the
# command is given again, without the fault: nothing is lost, nothing is done twice,
# and all ends as if nothing had been. Scripted tools.
#
#	STRIDE		of a runner's calls every how many-th fails: 60; 1: each. Of other
#			commands, and of commits, there are fewer: it is an eighth for them
#	SEED		where in the first stride it begins; it is printed
#	WALKERS		how many work at a time: 2
#	SCENARIOS, KINDS	only these
#
# Each scenario is a state folder and a world, made once and copied for each call, the
# command that meets the fault, and what it takes to bring all to its end after it.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

STRIDE=${STRIDE:-60}
SEED=${SEED:-$(date +%s)}
WALKERS=${WALKERS:-2}
SCENARIOS=${SCENARIOS:-first submit run retry resolve_yes resolve_no cancel destroy finish}
KINDS=${KINDS:-busy full error uncertain uncertain-written}
LIMIT=60 # seconds that a command may take before it is taken for hung
SHOWN=12 # faults of one row that are told
echo "# seed $SEED, stride $STRIDE"

cp -R "$PURSER_TEMPLATES" "$work/templates"
chmod -R u+w "$work/templates"
PURSER_TEMPLATES="$work/templates"
sed -i 's/^settle = .*/settle = "50ms"/' "$work"/templates/*/capability.toml
# So that doctor finds nothing amiss: the scripted az tells no version.
mkdir "$work/cloud"
mv "$work/bin/az" "$work/cloud/az"
cat > "$work/bin/az" <<END
#!/bin/sh
[ "\$1" = version ] || exec "$work/cloud/az" "\$@"
echo '{"azure-cli":"2.60.0","azure-cli-core":"2.60.0","extensions":{}}'
END
chmod +x "$work/bin/az"
settings <<'TOML'
[run]
lease = "2s"
[retry]
max_retries = 2
delay = "20ms"
max_delay = "50ms"
jitter = 0
TOML

# ---- what there is before the command ----

# begin NAME: a state folder and a world of its own from here on.
begin() {
	mkdir -p "$work/$1/world/things" "$work/$1/world/faults"
	: > "$work/$1/world/journal"
	: > "$work/$1/world/began"
	use "$1"
}
use() {
	PURSER_STATE_DIR="$work/$1/state"
	WORLD="$work/$1/world"
}
again() {
	cp -R "$work/$1" "$work/$2"
	use "$2"
}

# Five in every sort of trouble: in doubt once, tried again, rolled back, fallen back, and one that waits for another.
night() {
	objective doubt once
	objective again thing
	objective bad stack
	objective either either 'region = "eastus"'
	objective after thing 'depends_on = ["doubt"]
parameters = { word = "${doubt.outputs.name}" }'
}
night_faults() {
	echo 'effect; doubt' | fault cloud.run.doubt.1
	echo 'refuse ServiceUnavailable "The service is unavailable."' | fault cloud.run.again.1
	echo 'refuse AuthorizationFailed "No."' | fault cloud.run.bad-b
	echo 'refuse OperationNotAllowed "This is not allowed."' | fault az.run.az-either
}
three() {
	objective low thing
	objective high thing 'depends_on = ["low"]
parameters = { word = "${low.outputs.name}" }'
	objective other other
}
tower() {
	objective base thing
	objective tower stack 'depends_on = ["base"]'
	objective beside thing
}

# A state folder that is not there yet, and one that is.
begin first
three > "$work/three.toml"
begin submit
objective before thing | PURSER_FAILPOINT_LOG="$work/points" submit before
[ -s "$work/points" ] || skip_all "built without --enable-failpoints"

begin run
night_faults
night | submit night

# What a person can act upon: one failed, two in doubt, one to be taken up in an hour, one not begun, three that stand.
begin morning
echo 'refuse AuthorizationFailed "No."' | fault cloud.run.bad-b.1
for name in yes no; do
	# shellcheck disable=SC2016
	echo '[ "$calls" -eq 1 ] || { echo "ERROR: (InternalError) Nothing can be told." >&2; quit 7; }' |
		fault "cloud.check.$name"
done
echo 'effect; doubt' | fault cloud.run.yes.1
echo 'doubt' | fault cloud.run.no.1
echo 'refuse ServiceUnavailable "Come again. Retry-After: 3600"' | fault cloud.run.half-b
objective bad stack | submit failed
{ objective yes once && objective no once && objective needs thing 'depends_on = ["yes"]'; } | submit doubt
{ objective half stack && objective idle other 'not_before = "2999-01-01T00:00:00Z"'; } | submit waiting
tower | submit standing
exits 1 "before it all, a night with troubles" "$PURSER" run --wait 20s
is "one failed" "$(count failed failed)" 1
is "two are in doubt" "$(count doubt held)" 2
is "two wait" "$(count waiting queued)" 2
is "three stand" "$(count standing succeeded)" 3
mend cloud.check.yes
mend cloud.check.no
for name in retry resolve_yes resolve_no cancel destroy finish; do
	cp -R "$work/morning" "$work/$name"
done

# ---- the commands ----

command_first() { command_submit; }
command_submit() { "$PURSER" submit --batch three "$work/three.toml"; }
command_run() { "$PURSER" run --wait 20s; }
command_retry() { "$PURSER" retry failed/bad; }
command_resolve_yes() {
	"$PURSER" resolve doubt/yes --happened --resource /world/yes --output id=/world/yes --output name=yes
}
command_resolve_no() { "$PURSER" resolve doubt/no --not-happened; }
command_cancel() { "$PURSER" cancel --batch waiting; }
command_destroy() { "$PURSER" destroy --batch standing; }
command_finish() { command_run; }

# For the last scenario, all has been said and is to be done.
use finish
for name in retry resolve_yes resolve_no cancel destroy; do
	exits 0 "without a fault: $name" "command_$name"
done

# Statuses of it without a fault. A runner also may be the one that sees only the rest: it has not failed then.
usual() {
	case $1 in
	run) echo 0 1 ;;
	*) echo 0 ;;
	esac
}

# Whether the command has done its work already: then it may be refused as wrong the second time.
done_already() {
	case $1 in
	first | submit) [ "$(stored)" -eq 3 ] ;;
	retry) [ "$(count failed queued)" -eq 1 ] ;;
	resolve_yes) ! is_held yes ;;
	resolve_no) ! is_held no ;;
	cancel) [ "$(count waiting cancelled)" -ge 1 ] ;;
	destroy) "$PURSER" list --batch standing --all --json | grep -q '"destroying":true' ;;
	*) false ;;
	esac
}
stored() {
	"$PURSER" list --all --json 2> "$here/list.err" | grep -c '"batch":"three"'
}
is_held() {
	"$PURSER" list --batch doubt --all --json | grep '"name":"'"$1"'"' | grep -q '"state":"held"'
}

# ---- what must hold ----

# Each objective with its state, each resource with its state, each thing in the world.
picture() {
	"$PURSER" list --all --json |
		sed -n 's/.*"batch":"\([^"]*\)","name":"\([^"]*\)","state":"\([^"]*\)".*/\1\/\2 \3/p'
	"$PURSER" resources --all --json |
		sed -n 's/.*"id":"\([^"]*\)".*"state":"\([^"]*\)".*/resource \1 \2/p' | LC_ALL=C sort
	for thing in "$WORLD"/things/*; do
		[ ! -e "$thing" ] || echo "stands ${thing##*/}"
	done
}

# wrong TEXT [FILE]: one more fault of this call.
wrong() {
	echo "$scenario, call $n, $kind: $1"
	[ -z "${2:-}" ] || tail -n "${3:-4}" "$2" | sed 's/^/    /'
}

among() {
	wanted=$1
	shift
	case " $* " in
	*" $wanted "*) return 0 ;;
	esac
	return 1
}

check_whole() {
	"$PURSER" doctor > "$here/doctor" 2>&1 || wrong "$1, doctor complains" "$here/doctor" 12
	"$PURSER" audit verify > "$here/verify" 2>&1 || wrong "$1, audit verify complains" "$here/verify"
}

# The command that met the fault: it ends, with a status that says what is so.
check_status() {
	# shellcheck disable=SC2046
	among "$1" 5 $(usual "$scenario") || wrong "exit status $1" "$here/log"
	[ "$1" -ne 5 ] || [ -s "$here/log" ] || wrong "exit status 5, and no word why"
	case $scenario in
	first | submit)
		stored=$(stored)
		[ "$stored" -eq 3 ] || [ "$stored" -eq 0 ] || wrong "$stored of 3 objectives are stored"
		[ "$1" -ne 0 ] || [ "$stored" -eq 3 ] || wrong "exit status 0, but nothing is stored"
		;;
	esac
}

# Given once more, without the fault.
repeat() {
	case $scenario in
	run | finish) return ;;
	esac
	done_already "$scenario"
	was_done=$?
	"command_$scenario" > "$here/repeat.log" 2>&1 < /dev/null
	status=$?
	[ $status -eq 0 ] || { [ $status -eq 2 ] && [ $was_done -eq 0 ]; } ||
		wrong "repeated: exit status $status" "$here/repeat.log"
}

# Runners, until there is nothing to do.
finish_all() {
	rest=0
	for try in 1 2 3; do
		timeout "$LIMIT" "$PURSER" run --wait 20s > "$here/run.log" 2>&1 < /dev/null
		rest=$?
		[ $rest -eq 5 ] || [ $rest -eq 124 ] || break
		wrong "runner $try after it: exit status $rest" "$here/run.log"
	done
}

# One call: everything that is wrong is printed.
fail_once() {
	rm -rf "$here"
	cp -R "$work/$scenario" "$here"
	use "${here#"$work"/}"
	(
		export PURSER_STORE_FAULT="$n:$kind" PURSER_FAILPOINT_LOG="$here/points"
		export PURSER_STATE_DIR WORLD
		case $scenario in
		run | finish) exec timeout "$LIMIT" "$PURSER" run --wait 20s ;;
		esac
		"command_$scenario"
	) > "$here/log" 2>&1 < /dev/null
	status=$?
	grep -qx store-fault "$here/points" 2> "$here/grep.err" || return 1
	met=$status
	check_status $met
	# Before anything was submitted there may be no whole store yet.
	if [ "$scenario" != first ] || [ "$(stored)" -gt 0 ]; then
		check_whole "after it"
	fi
	[ $met -eq 0 ] || repeat
	finish_all
	check_whole "at the end"
	picture > "$here/picture"
	cmp -s "$work/$scenario.picture" "$here/picture" || {
		diff "$work/$scenario.picture" "$here/picture" > "$here/diff"
		wrong "it does not end as without a fault" "$here/diff" 20
	}
	[ ! -e "$WORLD/twice" ] || wrong "made twice: $(tr '\n' ' ' < "$WORLD/twice")"
	return 0
}

# walk FIRST STEP: until four calls on end were not reached, as how many a runner makes varies.
walk() {
	n=$1
	missed=0
	while [ $missed -lt 4 ]; do
		if fail_once > "$work/wrong.$walker"; then
			missed=0
			echo "$n $met" >> "$work/reached"
			[ ! -s "$work/wrong.$walker" ] || {
				cat "$work/wrong.$walker" >> "$work/faults"
				[ -z "${KEEP_WORK:-}" ] || { rm -rf "$work/kept-$scenario-$kind-$n" && cp -R "$here" "$work/kept-$scenario-$kind-$n"; }
			}
		else
			missed=$((missed + 1))
		fi
		n=$((n + $2))
	done
}

# The same without a fault, to compare with.
export PURSER_STATE_DIR WORLD
for scenario in $SCENARIOS; do
	rm -rf "$work/plain"
	again "$scenario" plain
	"command_$scenario" > "$work/log" 2>&1
	status=$?
	# shellcheck disable=SC2046
	among $status $(usual "$scenario")
	report $? "without a fault: $scenario"
	"$PURSER" run --wait 20s > "$work/log" 2>&1
	ok "... audit verify" "$PURSER" audit verify
	ok "... doctor" "$PURSER" doctor
	picture > "$work/$scenario.picture"
done

for scenario in $SCENARIOS; do
	for kind in $KINDS; do
		case $scenario-$kind in
		run-uncertain* | finish-uncertain*) step=$(((STRIDE + 7) / 8)) ;;
		*-uncertain*) step=1 ;;
		run-* | finish-*) step=$STRIDE ;;
		*) step=$(((STRIDE + 7) / 8)) ;;
		esac
		first=$((SEED % step + 1))
		: > "$work/reached"
		: > "$work/faults"
		began=$(date +%s)
		walkers=
		for walker in $(seq 1 "$WALKERS"); do
			here="$work/walk$walker"
			walk $((first + (walker - 1) * step)) $((step * WALKERS)) &
			walkers="$walkers $!"
		done
		# shellcheck disable=SC2086
		wait $walkers
		failed=$(wc -l < "$work/reached")
		last=$(LC_ALL=C sort -n "$work/reached" | tail -n 1 | cut -d ' ' -f 1)
		statuses=$(cut -d ' ' -f 2 "$work/reached" | LC_ALL=C sort | uniq -c | awk '{ printf " %d x %d", $1, $2 }')
		[ ! -s "$work/faults" ]
		report $? "$scenario: $kind: $failed calls up to call ${last:-none}"
		echo "# exit status:$statuses; $(($(date +%s) - began)) s"
		grep -c '^[^ ]' "$work/faults" | sed 's/^/# faults: /;/: 0$/d'
		sed 's/^/# /' "$work/faults" | head -n $((SHOWN * 8))
	done
done
[ "$FAILED" -eq 0 ] || echo "# seed $SEED"
done_testing
