#!/bin/sh
# The main job as a user meets it, by the clock: submitting 100,000 objectives,
# listing among many, starting up, and the memory of a runner with 1,000 queued.
# Prints a table; not a test. OBJECTIVES (1000000) sets how many "many" is.
#
#	make bench-main
set -eu
: "${PURSER:?}" "${srcdir:?}"
many=${OBJECTIVES:-1000000}
work=$(mktemp -d "${TMPDIR:-/tmp}/purser-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
export PURSER_CONFIG="$work/config.toml" FAKE_AZ="$work/groups"
: > "$PURSER_CONFIG"
mkdir "$FAKE_AZ"
PATH="$srcdir/tests/fakes:$PATH"

# objectives FROM COUNT
objectives() {
	seq "$1" $(($1 + $2 - 1)) | sed 's/.*/{"name":"g&","capability":"resource_group","region":"eastus","resource_group":"rg-&","labels":{"team":"web"}}/'
}

# best N COMMAND...: the shortest of N runs, in ms.
best() {
	n=$1
	shift
	/usr/bin/python3 - "$n" "$@" <<'PY'
import subprocess, sys, time
best = 1e9
for _ in range(int(sys.argv[1])):
    began = time.monotonic()
    subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    best = min(best, time.monotonic() - began)
print(f"{best * 1000:.1f}")
PY
}

row() {
	printf '%-58s %12s  %s\n' "$1" "$2" "$3"
}

row "WHAT" "MEASURED" "GOAL"
row "purser version, best of 50" "$(best 50 "$PURSER" version) ms" "5 ms"

export PURSER_STATE_DIR="$work/hundred"
objectives 1 100000 > "$work/hundred.jsonl"
row "submit of 100,000 objectives, one transaction" "$(best 1 "$PURSER" submit --batch big "$work/hundred.jsonl") ms" "10,000 ms"
rm -rf "$PURSER_STATE_DIR"

export PURSER_STATE_DIR="$work/thousand"
objectives 1 1000 > "$work/thousand.jsonl"
"$PURSER" submit --quiet --batch big "$work/thousand.jsonl"
/usr/bin/python3 - "$PURSER" > "$work/memory" <<'PY'
import resource, subprocess, sys, time
began = time.monotonic()
runner = subprocess.Popen([sys.argv[1], "run", "--quiet"])
peak = 0
while runner.poll() is None:
    try:
        for line in open(f"/proc/{runner.pid}/status"):
            if line.startswith("VmHWM:"):
                peak = max(peak, int(line.split()[1]))
    except OSError:
        pass
    time.sleep(0.05)
print(f"{peak / 1024:.1f} {1000 / (time.monotonic() - began):.0f}")
PY
read -r memory rate < "$work/memory"
row "peak memory of a runner with 1,000 queued objectives" "$memory MB" "30 MB"
row "... which took (2 processes each, under their helper)" "$rate a second" ""

export PURSER_STATE_DIR="$work/many"
from=1
while [ "$from" -le "$many" ]; do
	objectives "$from" 100000 > "$work/part.jsonl"
	"$PURSER" submit --quiet --batch "part$from" "$work/part.jsonl"
	from=$((from + 100000))
done
row "list with $many objectives, best of 20" "$(best 20 "$PURSER" list) ms" "10 ms"
row "list --state queued --batch" "$(best 20 "$PURSER" list --state queued --batch part1) ms" "10 ms"
row "list --label team=web" "$(best 20 "$PURSER" list --label team=web) ms" "10 ms"
row "show of one, by batch and name" "$(best 20 "$PURSER" show part1/g77777) ms" ""
