#!/bin/sh
# What a run shows of terraform's work: resource by resource, while it works.
# Inner shells expand what is quoted here.
# shellcheck disable=SC2016
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"

real=$(command -v terraform) || skip_all "terraform is not installed"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
export real TF_CLI_CONFIG_FILE=/dev/null

# An apply tells first what stands in $WORLD/told.
cat > "$work/bin/terraform" <<'SH'
#!/bin/sh
case " $* " in
*" apply "*) [ ! -e "$WORLD/told" ] || cat "$WORLD/told" ;;
esac
exec "$real" "$@"
SH
chmod +x "$work/bin/terraform"

# lines WORD: how many of the last output tell this of a resource.
lines() {
	grep -c "terraform_data.thing\[[0-9]*\]: $1" "$work/out"
}
# events EXPRESSION: of the last run --json, its details as d.
events() {
	/usr/bin/python3 -c 'import json, sys
d = [e for e in map(json.loads, open(sys.argv[1])) if e["event"] == "detail"]
print(eval(sys.argv[2]))' "$work/out" "$1"
}

: | settings
objective tf module 'region = "eastus"
parameters = { count = 3 }' | submit a

# ---- plain lines ----
{
	# Neither a line that is too long for a look nor one that is no JSON stops it.
	/usr/bin/python3 -c 'print("{\"x\": \"" + "x" * 300000 + "\"}")'
	printf 'no JSON, \001 and \377\n'
	printf '{"type":"apply_progress","hook":{"resource":{"addr":"terraform_data.thing[7]"},"action":"create","elapsed_seconds":10}}\n'
} > "$WORLD/told"
echo 'sleep 0.6' > "$WORLD/hook"
exits 0 "a run" "$PURSER" run
is "each that was created is a line" "$(lines created)" 3
is "... and nothing else" "$(grep -c 'terraform_data' "$work/out")" 3
ok "... of its objective" grep -E '^[0-9:]{8}Z a/tf \([0-9a-f]{8}\): terraform_data\.thing\[0\]: created' "$work/out"
exits 0 "what was kept" "$PURSER" log a/tf --output --verbose
has "... is the text itself" "$work/out" '"type":"apply_complete"'

# ---- an undo ----
"$PURSER" destroy a/tf > "$work/destroy.log" 2>&1
exits 0 "a destroy" "$PURSER" run --verbose
is "each that was destroyed is a line" "$(lines destroyed)" 3
is "with --verbose the beginnings too" "$(lines destroying)" 3

# ---- JSON ----
objective two module 'region = "eastus"
parameters = { count = 2 }' | submit b
exits 0 "a run with --json" "$PURSER" run --json
is "beginnings and heartbeats are events" "$(events 'sorted(e["detail"] for e in d if not e["is_end"])')" \
	"['terraform_data.thing[0]: creating', 'terraform_data.thing[1]: creating', 'terraform_data.thing[7]: creating, 10 s']"
is "... and so are the ends" "$(events 'sorted(e["detail"].split(",")[0] for e in d if e["is_end"])')" \
	"['terraform_data.thing[0]: created', 'terraform_data.thing[1]: created']"
is "... of an objective and a step" "$(events 'set((e["batch"], e["name"], e["step"], e["act"]) for e in d)')" \
	"{('b', 'two', 'module', 'run')}"
ok "... before the step's end" /usr/bin/python3 -c 'import json, sys
names = [(e["event"], e.get("act")) for e in map(json.loads, open(sys.argv[1]))]
last = max(i for i, n in enumerate(names) if n[0] == "detail")
assert last < names.index(("step_ended", "run")), names' "$work/out"
rm "$WORLD/told"

# ---- one fails ----
echo 'case $NAME in *-1) exit 3 ;; esac' > "$WORLD/hook"
objective three module 'region = "eastus"
parameters = { count = 2 }
on_failure = "keep"' | submit c
exits 1 "a run that fails" "$PURSER" run
is "the one that failed is a line" "$(lines 'could not be created')" 1

# ---- a terminal ----
cat > "$work/terminal.py" <<'END'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    os.environ.pop("COLUMNS", None)
    os.environ["TERM"] = "xterm"
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execv(os.environ["PURSER"], [os.environ["PURSER"]] + sys.argv[2:])
data = b""
while True:
    try:
        part = os.read(fd, 65536)
    except OSError:
        break
    if not part:
        break
    data += part
open(sys.argv[1], "wb").write(data)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
echo 'sleep 1.2' > "$WORLD/hook"
objective four module 'region = "eastus"
parameters = { count = 1 }' | submit d
exits 0 "a run on a terminal" env NO_COLOR=1 /usr/bin/python3 "$work/terminal.py" "$work/screen" run --batch d
ok "the block shows the latest of each objective" grep -E '  d/four +1/1 terraform_data\.thing\[0\]: creating  1 s' "$work/screen"
ok "... in no line of its own" sh -c '! grep -aE "Z d/four .*terraform_data" "$1"' - "$work/screen"

# ---- a runner that takes over ----
cat > "$WORLD/hook" <<'SH'
: > "$WORLD/waits"
for i in $(seq 600); do
	[ ! -e "$WORLD/go" ] || break
	sleep 0.05
done
SH
objective five module 'region = "eastus"
parameters = { count = 2 }' | submit e
"$PURSER" run > "$work/first.log" 2>&1 &
runner=$!
ok "terraform works" wait_until 20 test -e "$WORLD/waits"
kill_all "$runner"
"$PURSER" run --json > "$work/out" 2> "$work/err" &
runner=$!
creates() {
	grep -q 'thing\[1\]: creating' "$work/out"
}
ok "another runner tells what goes on" wait_until 20 creates
: > "$WORLD/go"
wait "$runner"
is "... and how it ends" "$(events 'sorted(e["detail"].split(",")[0] for e in d if e["is_end"])')" \
	"['terraform_data.thing[0]: created', 'terraform_data.thing[1]: created']"
in_order
done_testing
