#!/bin/sh
# What a tool prints of secrets is nowhere afterwards: not in the state folder, not on the
# terminal, not in what is told to others. The texts are those of tests/data/redact: each
# fourth of them here, and all in tests/long.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
settle_soon
every=4
passes=1
if is_long; then
	every=1
	passes='1 2 3'
fi

# An az that prints its N-th text wherever it can while it creates the group leak-N, and
# fails; all of them while it creates the group flood, and succeeds.
mkdir "$work/bin" "$work/groups" "$work/texts" "$work/seen"
export FAKE_AZ="$work/groups"
cat > "$work/bin/az" <<TEXT
#!/bin/sh
case "\$*" in
"group create"*--name=leak-*)
	n="\${*#*--name=leak-}"
	n="\${n%% *}"
	cat "$work/texts/\$n"
	cat "$work/texts/\$n.error" >&2
	echo "\$n" >> "$work/printed"
	exit 1
	;;
"group create"*--name=flood*)
	cat "$work"/texts/* "$work"/texts/* >&2
	cat "$work"/texts/*
	# In the middle of a long output, of which the middle is not kept.
	head -c 4194304 /dev/zero
	cat "$work"/texts/*
	;;
esac
exec "$srcdir/tests/fakes/az" "\$@"
TEXT
cat > "$work/bin/teller" <<TEXT
#!/bin/sh
cat >> "$work/seen/told"
TEXT
chmod +x "$work/bin/az" "$work/bin/teller"
PATH="$work/bin:$PATH"
printf '[retry]\nmax_retries = 0\n[notify]\ncommand = ["%s/bin/teller"]\n' "$work" > "$PURSER_CONFIG"

# The texts, each as it is, and as az would tell it as a reason; then a batch for them, and
# one for all at once.
cat > "$work/secrets.py" <<'PY'
import json, os, re, sys

def lines(srcdir, every):
    with open(os.path.join(srcdir, "tests/data/redact/secrets.txt"), encoding="utf-8") as f:
        return [l.rstrip("\n").replace("⏎", "\n") for l in f if l.strip() and not l.startswith("#")][::every]

def secrets(srcdir, every):
    return sorted({s for l in lines(srcdir, every) for s in re.findall("<<(.*?)>>", l, re.S)})

def prepare(srcdir, every, work):
    with open(work + "/leaks.toml", "w") as batch:
        for n, line in enumerate(lines(srcdir, every)):
            text = line.replace("<<", "").replace(">>", "")
            reason = "ERROR: (Leaky) It was refused: " + text
            if n % 4 == 1:
                error = {"code": "Leaky", "message": text, "target": text, "requestId": text}
                reason = "ERROR: " + json.dumps({"error": error})
            if n % 4 == 3:
                reason = f"ERROR: (Leaky) It was refused.\nTarget: {text}\nCorrelation ID: {text}"
            if n % 4 == 2:
                inner = json.dumps({"code": "Leaky", "message": text})
                reason = "ERROR: " + json.dumps({"code": "DeploymentFailed", "message": inner})
            for name, what in ((f"{n}", text), (f"{n}.error", reason)):
                with open(f"{work}/texts/{name}", "w", encoding="utf-8") as f:
                    f.write(what + "\n")
            batch.write(f'[[objective]]\nname = "leak-{n}"\ncapability = "resource_group"\nregion = "eastus"\n'
                        f'strategy = "azure_cli"\nresource_group = "leak-{n}"\n')

# The secrets that are left in the files below the folders, with the files.
def survivors(srcdir, every, folders):
    left = 0
    wanted = secrets(srcdir, every)
    for folder in folders:
        for top, _, names in os.walk(folder):
            for name in names:
                with open(os.path.join(top, name), "rb") as f:
                    data = f.read()
                for s in wanted:
                    forms = {s, json.dumps(s)[1:-1]}
                    if any(form.encode() in data for form in forms):
                        left += 1
                        print(f"# {s} is left in {os.path.join(top, name)}", file=sys.stderr)
    print(left)

verb, srcdir, every, *rest = sys.argv[1:]
if verb == "count":
    print(len(secrets(srcdir, int(every))))
elif verb == "prepare":
    prepare(srcdir, int(every), *rest)
else:
    survivors(srcdir, int(every), rest)
PY
secrets() {
	verb=$1
	shift
	/usr/bin/python3 "$work/secrets.py" "$verb" "$srcdir" "$every" "$@"
}
planted=$(secrets count)
ok "at least $((60 / every)) secrets are planted ($planted)" test "$planted" -ge $((60 / every))
secrets prepare "$work"
ok "the check itself sees them" test "$(secrets survivors "$work/texts" 2> "$work/ignored")" -ge $((120 / every))

see() {
	"$PURSER" "$@" > "$work/seen/$(echo "$*" | tr ' /' '__')" 2>&1
}

"$PURSER" submit --batch leaks "$work/leaks.toml" > "$work/submit.log" 2>&1
exits 1 "each is printed, and fails" "$PURSER" run
cp "$work/out" "$work/seen/run.out"
cp "$work/err" "$work/seen/run.err"
is "all were printed" "$(sort -u "$work/printed" | wc -l)" "$(grep -c objective "$work/leaks.toml")"
see list --json
see show leaks/leak-0
see log leaks/leak-0 --json
see audit --json --limit 100000
see audit --limit 100000
see list
see why leaks/leak-0
see resources
see failures
see failures --json
/usr/bin/python3 -c 'import json, sys
print(*[k["signature"] for k in json.load(open(sys.argv[1]))], sep="\n")' "$work/seen/failures_--json" > "$work/signatures"
while read -r signature; do
	see failures show "$signature"
done < "$work/signatures"
see failures show "$signature" --json
see export "$work/seen/export"
n=0
while [ "$n" -lt "$(wc -l < "$work/printed")" ]; do
	see show "leaks/leak-$n" --json
	see show "leaks/leak-$n"
	see log "leaks/leak-$n" --output --verbose
	n=$((n + 1))
done
is "of none is anything left" "$(secrets survivors "$PURSER_STATE_DIR" "$work/seen" 2>&1)" 0
has "what stands around them is told" "$work/seen/show_leaks_leak-0_--json" 'adminPassword'
has "... with their code" "$work/seen/show_leaks_leak-1_--json" '"Leaky"'
has "... with what it was about" "$work/seen/show_leaks_leak-3" "target"
has "... and the command" "$work/seen/show_leaks_leak-3" "az group create"
has "... also to others" "$work/seen/told" "primaryConnectionString"
ok "... and by signature" grep -rq "Leaky" "$work"/seen/failures_show_*
# The rows as such: in the file a page may part them.
/usr/bin/python3 - "$PURSER_STATE_DIR/purser.db" > "$work/seen/tables" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
tables = [name for name, in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
for table in tables:
    for row in db.execute(f"SELECT * FROM {table}"):
        print(table, *row)
PY
ok "the tables are looked through" grep -q "^signatures.*Leaky" "$work/seen/tables"
is "and there is none in them" "$(secrets survivors "$work/seen" 2>&1)" 0

# one NAME: a group of that name.
one() {
	printf '[[objective]]\nname = "group"\ncapability = "resource_group"\nregion = "eastus"\n' > "$work/$1.toml"
	printf 'strategy = "azure_cli"\nresource_group = "%s"\n' "$1" >> "$work/$1.toml"
	"$PURSER" submit --batch "$1" "$work/$1.toml" > "$work/submit.log" 2>&1
}

one flood
exits 0 "all at once, in an output that is too long" "$PURSER" run
cp "$work/out" "$work/seen/flood.out"
see log flood/group --output --verbose
is "of none is anything left" "$(secrets survivors "$PURSER_STATE_DIR" "$work/seen" 2>&1)" 0
kept=$(du -sk "$PURSER_STATE_DIR/runs" | cut -f 1)
ok "and its middle is still a hole ($kept kB)" test "$kept" -lt 8192

points='record.redacted run.written'
! is_long || points="process.result_read run.result run.committed $points"
for point in $points; do
	killed=0
	for pass in $passes; do
		name="flood-$(echo "$point" | tr '._' '--')-$pass"
		one "$name"
		PURSER_FAILPOINT="$point:$pass" "$PURSER" run > "$work/seen/killed" 2>&1
		[ $? -ne 137 ] || killed=$((killed + 1))
		wait_until 30 "$PURSER" run --wait 5s
	done
	if [ "$killed" -eq 0 ]; then
		report 0 "killed at $point # SKIP built without --enable-failpoints"
		continue
	fi
	is "killed at $point: nothing is left either" "$(secrets survivors "$PURSER_STATE_DIR" "$work/seen" 2>&1)" 0
done

# What a user wrote is quoted where it is wrong.
cat > "$work/wrong.toml" <<'TOML'
[[objective]]
name = "wrong"
capability = "linux_vm"
region = "eastus"
resource_group = "rg"
parameters.size = "AKIA1234567890ABCDEF"
parameters.admin_password = "Tr0ub4dor and 3"
parameters.password = "correct horse"
TOML
exits 2 "a batch with secrets where none belong" "$PURSER" submit "$work/wrong.toml"
cat "$work/out" "$work/err" > "$work/wrong.log"
# shellcheck disable=SC2016
ok "... is refused without telling them" sh -c '! grep -E "AKIA1|Tr0ub|horse" "$1"' sh "$work/wrong.log"
done_testing
