#!/bin/sh
# Mails what purser has to tell. In config.toml:
#
#	[notify]
#	command = ["/usr/share/purser/examples/notify-mail.sh", "oncall@example.org"]
#	on = ["failed", "held", "orphaned", "batch"]
#
# purser writes one line of JSON to the standard input and takes exit status 0 for
# "delivered"; anything else is tried again later. The same may come twice: "number"
# tells them apart.
# With jq the mail is readable; without it, it is the line as it came.
# SENDMAIL may name another program that takes a mail as sendmail -t does.
set -eu

to=${1:-root}
sendmail=${SENDMAIL:-/usr/sbin/sendmail}
json=$(cat)
[ -n "$json" ] || {
	echo "nothing to tell on the standard input" >&2
	exit 1
}

# field NAME: its text on one line, whatever it holds: it goes into the mail's head.
field() {
	printf '%s\n' "$json" | jq -r --arg name "$1" '.[$name] // "" | tostring' | tr -d '\000-\037\177' | cut -c 1-200
}

if command -v jq > /dev/null 2>&1; then
	subject="purser: $(field event) $(field batch)"
	name=$(field name)
	[ -z "$name" ] || subject="$subject/$name"
	text=$(printf '%s\n' "$json" | jq -r 'to_entries[] | "\(.key): \(.value | if type == "string" then . else tojson end)"')
else
	subject="purser has something to tell"
	text=$json
fi

"$sendmail" -t << MAIL
To: $to
Subject: $subject
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

$text

On $(uname -n): purser list --state failed,held
MAIL
