#!/bin/sh
# The fast stand-in for az says what the real one says.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
needs_az
sandbox_up --latency 0.1
/usr/bin/python3 "$srcdir/tests/fakes/az-http/compare.py" "$(command -v az)" "${builddir:?}/tests/fakes/az-http/az" \
	"$srcdir" "$work" "$PURSER_TEMPLATES"
