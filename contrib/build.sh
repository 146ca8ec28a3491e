#!/bin/sh
# Builds purser in build/ and nowhere else.
#
#	sh contrib/build.sh release	optimised, installed below build/ (build/bin/purser)
#	sh contrib/build.sh check	with sanitizers, failpoints and -Werror, in build/check
#
# autoconf writes into the folder that it works on, so it works on a copy of
# the sources in build/source; unchanged files keep their times, so that a
# second build is short.
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
kind=${1:-release}
sources="$top/build/source"

mkdir -p "$sources"
(cd "$top" && tar -cf - --exclude=./build --exclude=./.git .) | (cd "$sources" && tar -xf -)
# What was removed from the sources since must not be built any more.
(cd "$sources" && find src strategies pricing templates tests -type f) | while read -r file; do
	[ -e "$top/$file" ] || rm -f "$sources/$file"
done

jobs=$(nproc 2> /dev/null || echo 2)
if [ ! -x "$sources/configure" ] || [ -n "$(find "$sources/configure.ac" -newer "$sources/configure")" ]; then
	(cd "$sources" && ./autogen.sh > "$top/build/autogen.log" 2>&1) || {
		cat "$top/build/autogen.log"
		exit 1
	}
fi

case "$kind" in
release) set -- --prefix="$top/build" --quiet ;;
check) set -- --enable-werror --enable-sanitizers --enable-failpoints --quiet ;;
*) echo "usage: sh contrib/build.sh release|check" >&2; exit 2 ;;
esac
mkdir -p "$top/build/$kind"
cd "$top/build/$kind"
{
	{ [ -f Makefile ] || "$sources/configure" "$@"; } &&
		make --silent -j "$jobs" &&
		{ [ "$kind" != release ] || make --silent install; }
} > build.log 2>&1 || {
	tail -n 60 build.log
	echo "building failed; all of it is in build/$kind/build.log" >&2
	exit 1
}
