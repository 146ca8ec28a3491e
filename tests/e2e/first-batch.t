#!/bin/sh
# The example of the README, with the real az against the sandbox.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
needs_az
sandbox_up

example="$srcdir/contrib/examples/first-batch.toml"
exits 0 "the batch is submitted" "$PURSER" submit "$example"
exits 0 "and runs" "$PURSER" run
is "nothing was created twice" "$(created_twice)" ""
"$SANDBOX" dump --dir "$work/sandbox" --json > "$work/dump.json"
for type in resourceGroups storageAccounts virtualNetworks virtualMachines; do
	has "the sandbox has $type" "$work/dump.json" "$type"
done
"$PURSER" list --json > "$work/list.json"
is "five objectives succeeded" "$(grep -o '"succeeded"' "$work/list.json" | wc -l)" 5
exits 0 "the audit log is proven" "$PURSER" audit verify
exits 0 "a second run finds nothing to do" "$PURSER" run
exits 0 "what was made is shown" "$PURSER" show first-batch/vm-web
has "with its resource" "$work/out" "virtualMachines"
done_testing
