#!/bin/sh
# Orchestration in a storm: objectives that depend on one another, in several
# runners that are killed at random, against the sandbox with faults of every
# kind. Everything ends or is held; what exists is known and was made once; with
# the faults gone all of it can be done, and then taken down again.
#
#	SEED			the faults and the kills; it is printed, and reproduces them
#	AZ			"real" for the Azure CLI, else its stand-in, tests/fakes/az-http
#	TORTURE_OBJECTIVES	300, or 24 with the real az
#	TORTURE_KILLS		100, or 10
#	TORTURE_FAULTS		percent of all requests: 20
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

RUNNERS=3
JOBS=4
SEED=${SEED:-$(date +%s)}
FAULTS=${TORTURE_FAULTS:-20}
here=$srcdir/tests/torture
began=$(date +%s)
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
if [ "${AZ:-}" = real ]; then
	needs_az
	objectives=${TORTURE_OBJECTIVES:-24}
	kills=${TORTURE_KILLS:-10}
	pace=3
	set -- --latency 0.1
else
	PATH=${builddir:?}/tests/fakes/az-http:$PATH
	[ -x "$builddir/tests/fakes/az-http/az" ] || skip_all "the stand-in for az is not built"
	objectives=${TORTURE_OBJECTIVES:-300}
	kills=${TORTURE_KILLS:-100}
	pace=0.4
	set -- --latency 0.1 --no-login
fi
echo "# seed $SEED: $objectives objectives, $RUNNERS runners, $kills kills, $FAULTS % faults"

cp -R "$PURSER_TEMPLATES" "$work/templates"
chmod -R u+w "$work/templates"
export PURSER_TEMPLATES="$work/templates"
# What is in doubt is looked at again after this time.
sed -i -e '/^settle = /d' -e 's/^\[\[azure_cli\.step\]\]$/&\nsettle = "1s"/' "$work"/templates/*/capability.toml
# Nothing is waited for longer than a second, what the services ask for excepted.
sed 's/^wait = "[0-9]*[smh]"/wait = "1s"/' "$PURSER_FAILURES" > "$work/failures.toml"
export PURSER_FAILURES="$work/failures.toml"
cat > "$PURSER_CONFIG" <<'TOML'
[run]
lease = "2s"

[retry]
delay = "50ms"
max_delay = "1s"
TOML

# Five batches, of whole clusters of five.
batches=
left=$objectives
part=$(((objectives / 5 + 4) / 5 * 5))
while [ "$left" -gt 0 ]; do
	[ "$part" -le "$left" ] || part=$left
	name=storm$(($(echo "$batches" | wc -w) + 1))
	/usr/bin/python3 "$here/batch.py" "$name" "$part" > "$work/$name.toml"
	batches="$batches $name"
	left=$((left - part))
done

# quiet TITLE: one runner works until nothing can be done any more. Returns 1 if it does not come to that.
quiet() {
	tries=0
	while :; do
		timeout 240 "$PURSER" run --jobs 8 --wait 120s > "$work/run.log" 2>&1 < /dev/null
		status=$?
		tries=$((tries + 1))
		[ $status -ne 6 ] || [ $tries -eq 3 ] || continue
		break
	done
	case $status in
	0 | 1 | 3 | 4) report 0 "$1" ;;
	*)
		report 1 "$1"
		echo "# exit status $status"
		tail -n 20 "$work/run.log" | sed 's/^/# /'
		return 1
		;;
	esac
}

# judge PHASE TITLE: everything is as it must be then.
judge() {
	# shellcheck disable=SC2086
	/usr/bin/python3 "$here/judge.py" "$1" "$PURSER" "$SANDBOX" $batches > "$work/judge.log" 2>&1
	report $? "$2"
	sed 's/^/# /' "$work/judge.log" | head -n 60
	ok "... audit verify" "$PURSER" audit verify
	ok "... doctor" "$PURSER" doctor
}

# each STATE COMMAND: purser COMMAND --batch BATCH for all of them that have objectives in this state.
each() {
	bad=
	for name in $batches; do
		[ "$("$PURSER" list --batch "$name" --state "$1" --json | tr -d '[] \n')" ] || continue
		"$PURSER" "$2" --batch "$name" > "$work/each.log" 2>&1 < /dev/null ||
			bad="$bad $name: $(tail -n 3 "$work/each.log")"
	done
	is "purser $2 --batch, for each" "$bad" ""
}

seconds() {
	echo "# $1 after $(($(date +%s) - began)) s"
}

# phase NAME TITLE TITLE: work until quiet, and judge that.
phase() {
	quiet "$2"
	came_to_end=$?
	seconds "$1"
	judge "$1" "$3"
	[ $came_to_end -eq 0 ] || end
}

end() {
	"$SANDBOX" counts --faults | sed 's/^/# /'
	is "the sandbox found no fault in itself" "$(cat "$work/sandbox/server.log")" ""
	seconds "done"
	[ "$FAILED" -eq 0 ] || echo "# seed $SEED"
	done_testing
}

sandbox_up "$@" --faults "$FAULTS" --seed "$SEED"
# shellcheck disable=SC2086
ok "the storm" /usr/bin/python3 "$here/storm.py" "$PURSER" "$SEED" "$kills" "$RUNNERS" "$JOBS" "$pace" "$work" $batches
is "runners were killed $kills times" "$(tail -n 1 "$work/ok.out")" "killed $kills"
tail -n 2 "$work/ok.out" | head -n 1 | sed 's/^/# /'
seconds "$kills kills"
phase storm "one runner brings it to an end, faults going on" \
	"after the storm everything has ended or is held, and all that exists is accounted for"
"$SANDBOX" status --json | tr -d '\n {}"' | sed 's/.*storm:/# /' && echo
ok "the faults end" "$SANDBOX" fault clear
each failed retry
phase calm "it is tried again without faults" "all that can succeed does"
each succeeded destroy
phase empty "it is taken down" "nothing is left"
end
