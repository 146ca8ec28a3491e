#!/bin/sh
# SIGKILL of the runner, of purser-step, of terraform and of all three at every line
# that an apply tells with -json, with the real terraform and the local backend: the
# next run ends it, with exactly one of each thing. Then likewise of all three in a
# destroy: nothing is left. THINGS (2) are made; no kill begins after SECONDS_MAX (180).
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
command -v terraform > "$work/which" 2>&1 || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export TF_CLI_CONFIG_FILE=/dev/null

THINGS=${THINGS:-2}
SECONDS_MAX=${SECONDS_MAX:-180}
# Kills that came too late, or for which there was no time left.
MISSES_MAX=${MISSES_MAX:-10}

# What is wrong once all has ended, a line each: judge STATE OBJECTIVE_ID WORLD.
cat > "$work/judge.py" <<'PY'
import collections, fcntl, glob, json, os, subprocess, sys

state, objective, world = sys.argv[1:]
folder = os.path.join(state, "work", objective)


def terraform(*words):
    return subprocess.run(["terraform", f"-chdir={folder}", *words], capture_output=True, encoding="utf-8")


def resources():
    shown = json.loads(terraform("show", "-json").stdout).get("values", {})
    return {r["values"]["input"]["name"]: r["values"]["id"] for r in shown["root_module"].get("resources", [])}


def completed():
    """The names of what was told to be made, once for each time."""
    for path in glob.glob(os.path.join(state, "runs", objective, "*", "stdout")):
        for line in open(path, encoding="utf-8"):
            told = json.loads(line) if line.startswith("{") and line.endswith("}\n") else {}
            if told.get("type") == "apply_complete" and told["hook"]["action"] == "create":
                yield "tf-{}".format(told["hook"]["resource"]["resource_key"])


def is_locked(path):
    with open(path) as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
        except OSError:
            return True


made, standing = collections.Counter(completed()), resources()
things = {n: open(os.path.join(world, "things", n)).read().strip() for n in os.listdir(os.path.join(world, "things"))}
shown = json.load(open(sys.stdin.fileno()))
live = sorted(r["id"] for r in shown["resources"] if r["state"] == "live")
# Killed between the making of a thing and its provisioner: the state has it as made, though nothing told so.
unprovisioned = {name for name in standing if name not in things and not made[name]}
if {name: made_id for name, made_id in standing.items() if name not in unprovisioned} != things:
    print("terraform has", standing, "and there stand", things)
if live != sorted(standing.values()):
    print("the registry lists", live, "and terraform", standing)
if shown["state"] != "succeeded" or sorted(shown["outputs"]["ids"]) != live:
    print("it is", shown["state"], "with the outputs", shown.get("outputs"))
for name, times in made.items():
    if times != 1:
        print(name, "was completed", times, "times")
code = terraform("plan", "-input=false", "-detailed-exitcode").returncode
if code != 0:
    print("a plan ends with", code)
for path in glob.glob(os.path.join(folder, ".*.lock.info")) + glob.glob(os.path.join(folder, "errored.tfstate")):
    print("there is left", path)
for path in glob.glob(os.path.join(state, "runs", "*", "*", "lock")):
    if is_locked(path):
        print("is still locked:", path)
PY

# start: a world of its own, where a runner makes things; its pid is in $runner.
start() {
	afresh
	settings <<'TOML'
[run]
lease = "2s"
[retry]
delay = "50ms"
max_delay = "100ms"
jitter = 0
TOML
	objective tf module "region = \"eastus\"
parameters = { count = $THINGS }" | submit b
	"$PURSER" run --wait 30s > "$work/run.log" 2>&1 &
	runner=$!
}

# judged TITLE: what there is once the next runner is done.
judged() {
	"$PURSER" run --wait 30s >> "$work/run.log" 2>&1
	status=$?
	"$PURSER" show b/tf --json > "$work/show.json" 2>&1
	id=$(sed -n 's/.*"id": *"\([0-9a-f-]\{36\}\)".*/\1/p' "$work/show.json" | head -n 1)
	/usr/bin/python3 "$work/judge.py" "$PURSER_STATE_DIR" "$id" "$WORLD" < "$work/show.json" > "$work/faults" 2>&1
	[ "$status" -eq 0 ] || echo "the run ended with $status" >> "$work/faults"
	"$PURSER" audit verify > "$work/verify.log" 2>&1 || cat "$work/verify.log" >> "$work/faults"
	[ ! -s "$work/faults" ]
	report $? "$1"
	[ ! -s "$work/faults" ] || sed 's/^/# /' "$work/faults" "$work/run.log" | head -n 40
}

# undone TITLE: the next runner destroys what is left, and forgets nothing.
undone() {
	"$PURSER" run --wait 30s >> "$work/run.log" 2>&1
	status=$?
	left=$(cd "$WORLD/things" && ls)
	live=$(value b/tf '[r["id"] for r in o["resources"] if r["state"] != "gone"]')
	found="$status $(state b/tf) $left $live $("$PURSER" audit verify 2>&1 > "$work/verify.log")"
	[ "$found" = "0 destroyed  [] " ]
	report $? "$1"
	[ "$found" = "0 destroyed  [] " ] || echo "# $found" | cat - "$work/run.log" | sed 's/^[^#]/# &/'
}

# lines: of the call that told most.
lines() {
	most=0
	for told in "$PURSER_STATE_DIR"/runs/*/*/stdout; do
		n=$(wc -l < "$told")
		[ "$n" -le "$most" ] || most=$n
	done
	echo "$most"
}

# killed VICTIM LINE VERB: in $at the line that it was killed at.
killed() {
	at=$("$srcdir/tests/scripted/kill-at-line" "$PURSER_STATE_DIR" "$1" "$2" 20 "$3")
	echo "$3-of-$1 $2 $at" >> "$work/kills"
	wait "$runner" 2> "$work/wait.err"
}

# is_time_left VICTIM LINE VERB
is_time_left() {
	[ $(($(date +%s) - began)) -lt "$SECONDS_MAX" ] && return 0
	echo "$3-of-$1 $2 unasked" >> "$work/kills"
	return 1
}

# begin_destroy: of what stands; the runner is in $runner.
begin_destroy() {
	start
	wait "$runner"
	"$PURSER" destroy b/tf > "$work/destroy.log" 2>&1
	"$PURSER" run --wait 30s >> "$work/run.log" 2>&1 &
	runner=$!
}

began=$(date +%s)
start
wait "$runner"
judged "a run without kills leaves all in order"
last=$(lines)
ok "an apply tells many lines" test "$last" -ge 10

: > "$work/kills"
for line in $(seq 1 "$last"); do
	for victim in terraform step runner all; do
		is_time_left "$victim" "$line" apply || continue
		start
		killed "$victim" "$line" apply
		judged "$victim killed at line $line of $last ($at)"
	done
done

begin_destroy
wait "$runner"
undone "a destroy without kills leaves nothing"
last_destroy=$(lines)
for line in $(seq 1 "$last_destroy"); do
	is_time_left all "$line" destroy || continue
	begin_destroy
	killed all "$line" destroy
	undone "all killed at line $line of $last_destroy of a destroy ($at)"
done

# Which lines were hit how often, for each victim: a line of the table for each.
awk -v last="$((last > last_destroy ? last : last_destroy))" '
	{ kill[$1, $3]++; if ($3 + 0 > 0) hits[$1]++; else missed[$1, $3]++; victims[$1] }
	END {
		for (v in victims) {
			row = ""
			for (n = 1; n <= last; n++)
				row = row " " n ":" (kill[v, n] + 0)
			printf "# %s: %d kills, late %d, none %d, unasked %d; line:kills%s\n", v, hits[v],
				missed[v, "late"], missed[v, "none"], missed[v, "unasked"], row
		}
	}' "$work/kills" | LC_ALL=C sort
misses=$(grep -cvE ' [0-9]+ [0-9]+$' "$work/kills")
within "hardly a kill was missed" "$misses" 0 "$MISSES_MAX"
done_testing
