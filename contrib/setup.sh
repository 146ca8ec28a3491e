#!/bin/sh
# Installs what purser is built and tested with: only what is missing, and says so
# before. Run it, or source it and call setup_packages. Made for Debian 12, as root
# or with sudo; elsewhere it names the packages and goes on.

# COMMAND=PACKAGE: fine if either is there. A package without a command is a library.
setup_required='
gcc=gcc g++=g++ make=make autoreconf=autoconf automake=automake pkg-config=pkg-config
libc6-dev libuv1-dev libcjson-dev libsqlite3-dev libssl-dev libtomlplusplus-dev libcurl4-openssl-dev'
# Without these, some tests are skipped.
setup_wanted='check az=azure-cli openssl=openssl python3=python3 ca-certificates node=nodejs npm=npm'

setup_say()
{
	printf 'setup: %s\n' "$*"
}

# True if the item COMMAND=PACKAGE or PACKAGE is there.
setup_has()
{
	case $1 in
	*=*) command -v "${1%%=*}" >/dev/null 2>&1 && return 0 ;;
	esac
	dpkg-query -W -f '${Status}' "${1##*=}" 2>/dev/null | grep -q 'ok installed$'
}

# The packages of those items that are missing.
setup_missing()
{
	for setup_item in "$@"; do
		setup_has "$setup_item" || printf '%s ' "${setup_item##*=}"
	done
}

setup_as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

setup_install()
{
	setup_say "installing: $*"
	setup_as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -q --no-install-recommends "$@" </dev/null
}

setup_packages()
{
	if ! command -v apt-get >/dev/null 2>&1 || ! command -v dpkg-query >/dev/null 2>&1; then
		setup_say "not a Debian system. Needed, by Debian's names:"
		for setup_item in $setup_required $setup_wanted; do
			setup_say "  ${setup_item##*=}"
		done
		return 0
	fi
	# Lists of words, split on purpose.
	# shellcheck disable=SC2086
	setup_need=$(setup_missing $setup_required)
	# shellcheck disable=SC2086
	setup_want=$(setup_missing $setup_wanted)
	if [ -z "$setup_need$setup_want" ]; then
		setup_say "everything is installed"
		return 0
	fi
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null 2>&1; then
		setup_say "neither root nor sudo; missing: $setup_need$setup_want"
		return 0
	fi
	setup_say "missing: $setup_need$setup_want"
	setup_as_root apt-get update -q </dev/null || setup_say "apt-get update failed; going on"
	# shellcheck disable=SC2086
	if [ -n "$setup_need" ] && ! setup_install $setup_need; then
		setup_say "could not install all of: $setup_need"
		return 1
	fi
	# One by one: a package that cannot be had must not keep the others away.
	for setup_item in $setup_want; do
		setup_install "$setup_item" || setup_say "could not install $setup_item; going on without it"
	done
}

case ${0##*/} in
setup.sh) setup_packages ;;
esac
