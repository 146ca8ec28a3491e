# shellcheck shell=sh
# Sourced by cli-*.t, on top of tests/lib.sh: runs of the real program, where no
# tool is on PATH, and looks at what it printed.
#
#	run STATUS TITLE ARGUMENT...	one test: exit status
#	out REGEX | err REGEX		one test each: a line of the last stdout or stderr
#	no_out REGEX			one test: no such line
#	json | narrow			for ok: the last stdout is JSON; it fits 80 columns

set -u
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
: "${PURSER:?}" "${PURSER_TEMPLATES:?}" "${PURSER_STEP:?}"

export HOME="$work/home" COLUMNS=80
unset XDG_CONFIG_HOME XDG_STATE_HOME SUDO_USER
mkdir "$work/home" "$work/bin"
cd "$work" || exit 1

run() {
	wanted=$1
	title=$2
	shift 2
	exits "$wanted" "$title" env PATH="$work/bin" "$PURSER" "$@"
}

look() {
	if grep -Eq -- "$2" "$work/$1"; then
		report 0 "... $1 has /$2/"
	else
		report 1 "... $1 has /$2/"
		sed 's/^/# /' "$work/$1" | head -n 40
	fi
}

out() {
	look out "$1"
}

err() {
	look err "$1"
}

no_out() {
	! grep -Eq -- "$1" "$work/out"
	report $? "... stdout has no /$1/"
}

# Single words may be wider: an id must stay whole to be copied.
narrow() {
	/usr/bin/python3 -c '
import sys
for line in open(sys.argv[1], encoding="utf-8"):
    # The place of a file is as long as it is.
    if len(line.rstrip("\n")) > 80 and len(line.split()) > 1 and not line.split()[-1].startswith("/"):
        sys.exit(line)' "$work/out"
}

json() {
	/usr/bin/python3 -m json.tool "$work/out" /dev/null
}

# A batch of two, the second of which needs the first.
batch() {
	cat <<-'END'
	batch = "web-dev"

	[[objective]]
	name = "group"
	capability = "resource_group"
	region = "eastus"
	resource_group = "rg-web-dev"
	labels = { team = "web" }

	[[objective]]
	name = "store"
	capability = "storage_account"
	region = "eastus"
	resource_group = "rg-web-dev"
	depends_on = ["group"]
	END
}
