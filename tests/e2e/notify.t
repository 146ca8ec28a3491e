#!/bin/sh
# [notify]: what happened at night is told, at least once, whatever the program
# does that is to tell it, and whoever is killed meanwhile.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

# An az that refuses to create groups whose name begins with "bad", and is killed
# while it creates "lost" ones, of which nothing is to be learned from then on.
mkdir "$work/bin" "$work/groups"
export FAKE_AZ="$work/groups"
cat > "$work/bin/az" <<TEXT
#!/bin/sh
case "\$*" in
"group create"*--name=bad*)
	echo "ERROR: (AuthorizationFailed) The client may not do this over scope '/subscriptions/s1'. Correlation ID: 4b5a6978-0000" >&2
	exit 1
	;;
"group create"*--name=lost*)
	: > "$work/is-lost"
	kill -9 \$\$
	;;
"group show"*--name=lost*)
	if [ -e "$work/is-lost" ]; then
		echo "ERROR: (InternalServerError) Nothing can be told." >&2
		exit 1
	fi
	;;
esac
exec "$srcdir/tests/fakes/az" "\$@"
TEXT
chmod +x "$work/bin/az"
PATH="$work/bin:$PATH"

# teller SCRIPT: what is to tell it from now on; $told is where.
told="$work/told"
teller() {
	printf '#!/bin/sh\ntold="%s"\n%s\n' "$told" "$1" > "$work/bin/teller"
	chmod +x "$work/bin/teller"
	: > "$told"
}

# notify [LINE]...: the configuration, with these lines more.
notify() {
	printf '[retry]\ndelay = "20ms"\nmax_delay = "50ms"\n' > "$PURSER_CONFIG"
	printf '[notify]\ncommand = ["%s/bin/teller", "an argument"]\n' "$work" >> "$PURSER_CONFIG"
	printf '%s\n' "$@" >> "$PURSER_CONFIG"
}

# batch NAME [OBJECTIVE:NEEDS]...: submitted; the group's name is the batch's and the objective's.
batch() {
	batch=$1
	shift
	for row in "$@"; do
		printf '[[objective]]\nname = "%s"\ncapability = "resource_group"\nregion = "eastus"\n' "${row%%:*}"
		printf 'resource_group = "%s-%s"\n' "${row%%:*}" "$batch"
		case $row in *:*) printf 'depends_on = ["%s"]\n' "${row#*:}" ;; esac
	done > "$work/$batch.toml"
	"$PURSER" submit --batch "$batch" "$work/$batch.toml" > "$work/submit.log" 2>&1 ||
		report 1 "$batch is submitted"
}

# told_of EVENT BATCH [NAME]: how often.
told_of() {
	/usr/bin/python3 - "$told" "$@" <<'PY'
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
event, batch, name = (sys.argv[2:] + [None])[:3]
print(sum(r["event"] == event and r.get("batch") == batch and name in (None, r.get("name")) for r in rows))
PY
}
is_told() {
	[ "$(told_of "$@")" -ge 1 ]
}
# Runs again, until what failed is due again and told.
run_until_told() {
	"$PURSER" run > "$work/again.log" 2>&1
	is_told "$@"
}
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

teller 'cat >> "$told"; echo "$*" > "$told.arguments"'
notify
batch night bad needs:bad good
exits 1 "a night with a failure" "$PURSER" run
is "the failed one is told, once" "$(told_of failed night bad)" 1
ok "with class, code and signature" \
	grep -q '"failure":{"class":"permission","code":"AuthorizationFailed".*"signature":"[0-9a-f]\{16\}"' "$told"
ok "and with advice id, target and correlation id" grep -q \
	'"advice_id":"AuthorizationFailed","target":"/subscriptions/s1","correlation":"4b5a6978-0000"' "$told"
is "what needs it is held, and that says nothing new" "$(told_of held night needs)" 0
ok "each has a number of its own" /usr/bin/python3 -c '
import json, sys
numbers = [json.loads(line)["number"] for line in open(sys.argv[1])]
assert len(set(numbers)) == len(numbers) > 1, numbers' "$told"
is "what succeeded is not" "$(told_of failed night good)$(told_of held night good)" 00
is "arguments are passed as they are" "$(cat "$told.arguments")" "an argument"
: > "$told"
exits 3 "the next run has nothing to do" "$PURSER" run
ok "and nothing to tell" test ! -s "$told"

batch fine one two:one
exits 3 "a batch that succeeds" "$PURSER" run
is "its end is told, once" "$(told_of batch fine)" 1
is "and nothing else of it" "$(wc -l < "$told")" 1

notify 'on = ["held"]'
batch quiet bad lost
: > "$told"
exits 1 "only what is held is to be told" "$PURSER" run --wait 30s --batch quiet
is "... and is" "$(told_of held quiet lost)" 1
is "... and nothing else" "$(wc -l < "$told")" 1

: > "$PURSER_CONFIG"
batch untold bad
: > "$told"
exits 1 "nobody is to be told" "$PURSER" run
ok "... and nobody is" test ! -s "$told"

notify 'on = ["failed", "batch"]'
teller 'exit 0'
batch deaf bad
exits 1 "a program that does not read its input" "$PURSER" run
ok "... has nothing against it" sh -c '! grep -q "warning" "$1"' sh "$work/err"
teller 'cat >> "$told"'
"$PURSER" run > "$work/again.log" 2>&1
is "... and is believed that it told" "$(told_of failed deaf)" 0

teller 'cat > "$told.tried"; echo "the mailbox is full" >&2; exit 1'
batch failing bad
exits 1 "a program that fails changes nothing of the run" "$PURSER" run
has "... and is warned of" "$work/err" "exit status 1: the mailbox is full"
ok "... and was called" test -s "$told.tried"
teller 'cat >> "$told"'
wait_until 40 run_until_told failed failing bad
report $? "... and is called again later"
is "... and then no more" "$(told_of failed failing bad)" 1

# Ten seconds pass before each of these is called again.
if is_long; then
	notify 'on = ["failed"]' 'timeout = "1s"'
	teller 'echo $$ > "$told.pid"; exec sleep 600'
	batch hanging bad
	exits 1 "a program that hangs does not keep the run" timeout 60 "$PURSER" run
	has "... and is warned of" "$work/err" "took too long"
	ok "... and is ended" sh -c '! kill -0 "$(cat "$1")"' sh "$told.pid"
	teller 'cat >> "$told"'
	wait_until 40 run_until_told failed hanging bad
	report $? "... and is called again later"

	rm "$work/bin/teller"
	batch missing bad
	exits 1 "a program that is not there does not keep the run" "$PURSER" run
	has "... and is warned of" "$work/err" "teller"
	teller 'cat >> "$told"'
	wait_until 40 run_until_told failed missing bad
	report $? "... and is called when it is"
fi
notify 'on = ["failed"]'

# Killed anywhere: told at least once, and seldom twice.
for point in notify.started notify.ended notify.written; do
	teller 'cat >> "$told"'
	batch "killed-${point#*.}" bad
	PURSER_FAILPOINT="$point" "$PURSER" run > "$work/killed.log" 2>&1
	if [ $? -ne 137 ]; then
		report 0 "killed at $point # SKIP built without --enable-failpoints"
		continue
	fi
	"$PURSER" run > "$work/again.log" 2>&1
	wait_until 10 is_told failed "killed-${point#*.}" bad
	report $? "killed at $point: it is told"
done

# Many runners, one teller: never two at once.
teller 'mkdir "$told.lock" || echo overlap >> "$told.overlap"; cat >> "$told"; rmdir "$told.lock"'
batch many bad1 bad2 bad3 bad4 bad5 bad6 bad7 bad8
"$PURSER" run > "$work/first.log" 2>&1 &
first=$!
"$PURSER" run > "$work/second.log" 2>&1
wait "$first"
for i in 1 2 3 4 5 6 7 8; do
	told_of failed many "bad$i"
done > "$work/counts"
is "two runners tell each once" "$(sort -u "$work/counts")" 1
ok "and one at a time" test ! -e "$told.overlap"
exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
