#!/bin/sh
# What reads failures and secrets in what others wrote, for longer than "make check" does it.
#
#	TORTURE_FUZZ_SECONDS	of libFuzzer for each (60)
FUZZ_SECONDS=${TORTURE_FUZZ_SECONDS:-60}
FUZZ_TARGETS='failure redact'
# shellcheck source=tests/fuzz/fuzz.t
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/fuzz/fuzz.t"
