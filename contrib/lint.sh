#!/bin/sh
# Run by "make lint": what reads the code and is not needed to build it. A tool that
# is not installed is skipped, and said to be. From make: CC, srcdir, and as arguments,
# where their quotes survive, the preprocessor's flags.
set -u

: "${CC:=gcc}" "${srcdir:=.}"
status=0

say()
{
	printf '== %s\n' "$*"
}

# have TOOL: says whether it runs.
have()
{
	if command -v "$1" >/dev/null 2>&1; then
		say "$1"
		return 0
	fi
	say "SKIP $1: not installed"
	return 1
}

sources()
{
	find "$srcdir/src" "$srcdir/strategies" "$srcdir/pricing" -name '*.c' | LC_ALL=C sort
}

scripts()
{
	find "$srcdir/autogen.sh" "$srcdir/.ci" "$srcdir/contrib" "$srcdir/tests" -type f |
		LC_ALL=C sort | while read -r file; do
		head -n 1 "$file" | grep -aqE '^#! ?(/bin/(ba)?sh|/usr/bin/env (ba)?sh)' && echo "$file"
	done
}

jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

if "$CC" --version 2>/dev/null | grep -qi 'free software foundation'; then
	say "$CC -fanalyzer"
	sources | xargs -P "$jobs" -I '{}' \
		"$CC" "$@" -std=gnu11 -O1 -fanalyzer -Werror -c '{}' -o /dev/null || status=1
fi
if have clang-tidy; then
	sources | xargs -P "$jobs" -I '{}' \
		clang-tidy --quiet '{}' -- "$@" -std=gnu11 2>/dev/null || status=1
fi
if have cppcheck; then
	cppcheck --quiet --inline-suppr --error-exitcode=1 --std=c11 -j "$jobs" \
		--enable=warning,performance,portability \
		--suppress=missingIncludeSystem --suppress=normalCheckLevelMaxBranches \
		--library="$srcdir/contrib/cppcheck.cfg" \
		-I "$srcdir/src" -I "$srcdir" -I . "$srcdir/src" "$srcdir/strategies" || status=1
fi
if have shellcheck; then
	scripts | xargs shellcheck --severity=warning -x -P "$srcdir" || status=1
fi
exit $status
