#!/bin/sh
# What contrib/ offers for the night: the units and the crontab are valid, the
# mail script mails, and runs that overlap do everything once.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

mkdir "$work/bin" "$work/groups" "$work/units"
export FAKE_AZ="$work/groups"
ln -s "$srcdir/tests/fakes/az" "$work/bin/az"
PATH="$work/bin:$PATH"

# ---- systemd ----

# Nothing is installed here: the program stands in for the one on the system's path.
verify_unit() {
	sed "s|^ExecStart=purser |ExecStart=$PURSER |" "$srcdir/contrib/systemd/$1" > "$work/units/$1"
	SYSTEMD_UNIT_PATH="$work/units:" systemd-analyze verify "$work/units/$1" > "$work/verify.out" 2>&1
	status=$?
	# It warns of a misspelt setting, and is content with it.
	if [ $status -eq 0 ] && ! grep -F "$1" "$work/verify.out"; then
		return 0
	fi
	cat "$work/verify.out"
	return 1
}
for unit in purser.service purser-watch.service purser.timer; do
	if command -v systemd-analyze > "$work/which" 2>&1; then
		ok "$unit is valid" verify_unit "$unit"
	else
		report 0 "$unit is valid # SKIP systemd-analyze is not installed"
	fi
done
for unit in purser.service purser-watch.service; do
	for line in KillMode=process NoNewPrivileges=yes ProtectSystem=strict StateDirectory=purser UMask=0077; do
		ok "$unit has $line" grep -qx "$line" "$srcdir/contrib/systemd/$unit"
	done
done
if command -v systemd-analyze > "$work/which" 2>&1; then
	ok "the timer's time is one" systemd-analyze calendar \
		"$(sed -n 's/^OnCalendar=//p' "$srcdir/contrib/systemd/purser.timer")"
fi

# ---- cron ----

# The form that crontab(5) asks for, with a user: a table of numbers, no names.
crontab_faults() {
	awk '
	function number(text, low, high) { return text ~ /^[0-9]+$/ && text + 0 >= low && text + 0 <= high }
	function part(text, low, high,	step, ends) {
		if (split(text, step, "/") > 2 || (2 in step && !number(step[2], 1, high)))
			return 0
		if (step[1] == "*")
			return 1
		n = split(step[1], ends, "-")
		return n <= 2 && number(ends[1], low, high) && (n == 1 || number(ends[2], ends[1], high))
	}
	function field(text, low, high,	parts, i, n) {
		n = split(text, parts, ",")
		for (i = 1; i <= n; i++)
			if (!part(parts[i], low, high))
				return 0
		return n > 0
	}
	/^[ \t]*(#|$)/ { next }
	/^[A-Z_]+=/ { next }
	{
		jobs++
		if (!(NF >= 7 && field($1, 0, 59) && field($2, 0, 23) && field($3, 1, 31) && field($4, 1, 12) &&
		    field($5, 0, 7) && $6 ~ /^[a-z_][a-z0-9_-]*$/))
			print FILENAME ":" FNR ": " $0
		if ($0 ~ /(^|[^\\])%/)
			print FILENAME ":" FNR ": a % must be \\%"
	}
	END { if (!jobs) print FILENAME ": no job" }' "$1"
}
is "the crontab is valid" "$(crontab_faults "$srcdir/contrib/cron/purser")" ""
sed 's/^#\([*0-9].* root \)/\1/' "$srcdir/contrib/cron/purser" > "$work/crontab"
is "... and so is what is commented out in it" "$(crontab_faults "$work/crontab")" ""
is "... with its own end of line" "$(tail -c 1 "$srcdir/contrib/cron/purser" | od -An -c | tr -d ' ')" '\n'
ok "somebody gets the mail" grep -q '^MAILTO=.' "$work/crontab"
printf '60 2 * * * root x\n* * * * x\n1-0 2 * * * root a%%b\n' > "$work/wrong"
is "the check finds faults" "$(crontab_faults "$work/wrong" | wc -l)" 4

# What is to be started there is understood: on a queue that is empty it ends at once.
{
	sed -n 's/^[*0-9].* root purser //p' "$work/crontab"
	sed -n 's/^ExecStart=purser //p' "$srcdir/contrib/systemd/purser.service"
} > "$work/lines"
is "three command lines are offered" "$(wc -l < "$work/lines")" 3
while read -r arguments; do
	# shellcheck disable=SC2086
	exits 0 "purser $arguments" "$PURSER" $arguments
done < "$work/lines"

# ---- mail ----

mailer="$srcdir/contrib/cron/notify-mail.sh"
printf '#!/bin/sh\ncat > "%s/mail"\nexit "${MAIL_STATUS:-0}"\n' "$work" > "$work/bin/mail-it"
chmod +x "$work/bin/mail-it"
export SENDMAIL="$work/bin/mail-it"
mail_of() {
	printf '%s\n' "$1" | "$mailer" oncall@example.org
}
if command -v shellcheck > "$work/which" 2>&1; then
	ok "the mail script is clean" shellcheck "$mailer"
else
	report 0 "the mail script is clean # SKIP shellcheck is not installed"
fi
line='{"event":"failed","batch":"web","name":"vm\nBcc: x@example.org","failure":{"code":"Quota"}}'
ok "it mails" mail_of "$line"
has "to whom it is told to" "$work/mail" "To: oncall@example.org"
is "what it is told stays out of the head" "$(sed '/^$/q' "$work/mail" | grep -c '^Bcc:')" 0
if command -v jq > "$work/which" 2>&1; then
	has "the subject says what" "$work/mail" "Subject: purser: failed web/vm"
	has "the text says all" "$work/mail" 'failure: {"code":"Quota"}'
else
	has "the text is the line as it came" "$work/mail" "$line"
fi
# Without jq: a path that has the rest.
mkdir "$work/plain"
for tool in cat uname; do
	ln -s "$(command -v $tool)" "$work/plain/$tool"
done
ok "without jq it mails as well" sh -c 'printf "%s\n" "$1" | PATH="$2" /bin/sh "$3" root' \
	sh "$line" "$work/plain" "$mailer"
has "... the line as it came" "$work/mail" "$line"
exits 1 "with nothing to tell it fails" "$mailer"
MAIL_STATUS=75
export MAIL_STATUS
exits 75 "what the mailer says is passed on" sh -c 'printf "%s\n" "$1" | "$2"' sh "$line" "$mailer"

# ---- runs that overlap ----

i=0
while [ $i -lt 20 ]; do
	printf '[[objective]]\nname = "g%d"\ncapability = "resource_group"\nregion = "eastus"\n' $i
	printf 'resource_group = "rg-%d"\nkey = "night-%d"\n' $i $i
	i=$((i + 1))
done > "$work/batch.toml"
exits 0 "a batch of 20" "$PURSER" submit --batch night "$work/batch.toml"
"$PURSER" run --quiet > "$work/first.log" 2>&1 &
first=$!
"$PURSER" run --quiet > "$work/second.log" 2>&1 &
second=$!
exits 0 "submitted twice is submitted once" "$PURSER" submit --batch night "$work/batch.toml"
wait "$first"
first_status=$?
wait "$second"
second_status=$?
# One may end while the other still has the last ones in hand: 6.
ok "both runs end well" test "$((first_status + second_status))" -le 6
exits 0 "after them nothing is left" "$PURSER" run --quiet
ok "and they said nothing" test ! -s "$work/out"
is "every group was created once" "$(sort "$FAKE_AZ.created" | uniq -c | awk '$1 != 1' | wc -l)" 0
is "all of them" "$(wc -l < "$FAKE_AZ.created")" 20
exits 0 "the audit log is whole" "$PURSER" audit verify
done_testing
