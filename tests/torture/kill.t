#!/bin/sh
# SIGKILL of the runner at every failpoint, and at random moments, with the
# real az: each resource is created exactly once, every objective succeeds, the
# audit log has no gap. KILLS (200) and SEED set the random part.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
needs_az

KILLS=${KILLS:-200}
SEED=${SEED:-$(date +%s)}
PASSES=${PASSES:-2}
sandbox_up --latency 0.1

# fresh NAME: a state folder of its own, and a batch whose names are its own.
fresh() {
	export PURSER_STATE_DIR="$work/state-$1"
	sed "s/TAG/$1/g" > "$work/batch-$1.toml" <<'TOML'
[[objective]]
name = "group"
capability = "resource_group"
region = "eastus"
resource_group = "rg-TAG"
strategy = "azure_cli"

[[objective]]
name = "net"
capability = "virtual_network"
region = "eastus"
resource_group = "rg-TAG"
strategy = "azure_cli"
depends_on = ["group"]
TOML
	"$PURSER" submit --batch "$1" "$work/batch-$1.toml" > "$work/submit.log" 2>&1
}

run_to_end() {
	wait_until 60 eval '"$PURSER" run --wait 60s > "$work/run.log" 2>&1'
}

# prove NAME TITLE: nothing twice, all succeeded, the audit whole.
prove() {
	problem=$(created_twice)
	"$PURSER" list --json > "$work/list.json" 2>&1
	grep -Eq '"(queued|running|held|failed|cancelled)"' "$work/list.json" && problem="$problem not all succeeded"
	"$PURSER" audit verify > "$work/verify.log" 2>&1 || problem="$problem audit: $(cat "$work/verify.log")"
	[ -z "$problem" ]
	report $? "$2"
	[ -z "$problem" ] || {
		echo "# $problem"
		sed 's/^/# /' "$work/list.json" "$work/run.log" | head -n 40
	}
}

# Which points there are is what a run without kills passes.
fresh count
ok "a run without kills" env PURSER_FAILPOINT_LOG="$work/points" "$PURSER" run
prove count "a run without kills leaves all in order"
points=$(sort -u "$work/points" 2>&1)
[ -n "$points" ] || skip_all "built without --enable-failpoints"

for point in $points; do
	passes=$(grep -cx "$point" "$work/points")
	[ "$passes" -le "$PASSES" ] || passes=$PASSES
	for pass in $(seq 1 "$passes"); do
		name=$(echo "$point-$pass" | tr '._' '--')
		fresh "$name"
		PURSER_FAILPOINT="$point:$pass" "$PURSER" run > "$work/killed.log" 2>&1
		run_to_end
		prove "$name" "killed at $point, pass $pass"
	done
done

# Random moments: one batch, one runner after the other.
export PURSER_STATE_DIR="$work/state-random"
/usr/bin/python3 - > "$work/random.toml" <<'PY'
for i in range(20):
    print(f'[[objective]]\nname = "group{i}"\ncapability = "resource_group"\nregion = "eastus"\n'
          f'resource_group = "rg-random-{i}"\n')
    print(f'[[objective]]\nname = "net{i}"\ncapability = "virtual_network"\nregion = "eastus"\n'
          f'resource_group = "rg-random-{i}"\ndepends_on = ["group{i}"]\n')
PY
ok "forty objectives" "$PURSER" submit --batch random "$work/random.toml"
echo "# seed $SEED"
/usr/bin/python3 - "$PURSER" "$KILLS" "$SEED" > "$work/random.log" 2>&1 <<'PY'
import random, subprocess, sys, time
purser, kills, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = random.Random(seed)
for i in range(kills):
    runner = subprocess.Popen([purser, "run", "--jobs", "4"], stdout=subprocess.DEVNULL)
    time.sleep(chance.uniform(0.01, 1.2))
    runner.kill()
    runner.wait()
print("killed", kills)
PY
is "the runner was killed $KILLS times" "$(cat "$work/random.log")" "killed $KILLS"
run_to_end
prove random "after $KILLS kills at random moments (seed $SEED)"
done_testing
