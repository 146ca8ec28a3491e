#!/bin/sh
# Money in a storm: many runners under limits that bind and change, killed at
# random, with faults of every kind. No admission passes a limit, the ledger adds
# up at each of its rows, what exists has its money, and in the end nothing is held.
#
#	SEED			what happens; it is printed, and reproduces it as far as processes can be
#	TORTURE_SECONDS		how long the storm is: 60
#	TORTURE_RUNNERS		16
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"

SEED=${SEED:-$(date +%s)}
seconds=${TORTURE_SECONDS:-60}
runners=${TORTURE_RUNNERS:-16}
began=$(date +%s)
echo "# seed $SEED: $runners runners, $seconds s"
# Nothing is waited for longer than a second.
sed -e 's/^wait = "[0-9]*[smh]"/wait = "1s"/' -e 's/^scarce = .*/scarce = "3s"/' "$PURSER_FAILURES" > "$work/failures.toml"
export PURSER_FAILURES="$work/failures.toml"

ok "the storm" /usr/bin/python3 "$srcdir/tests/torture/spend.py" "$PURSER" "$SEED" "$seconds" "$runners" "$work" "$WORLD"
[ "$FAILED" -gt 0 ] || sed 's/^/# /' "$work/ok.out"
exits 0 "budget verify" "$PURSER" budget verify
ok "nothing was made twice" test ! -e "$WORLD/twice"
exits 0 "audit verify" "$PURSER" audit verify
echo "# $(($(date +%s) - began)) s"
[ "$FAILED" -eq 0 ] || echo "# seed $SEED"
done_testing
