#!/bin/sh
# Values never become code: nasty ones for every string parameter of every
# capability are refused, or stay values. With the real terraform, they come back
# from a module as they went in. Here three capabilities of different kinds are tried,
# in tests/long all of them, and terraform.
# shellcheck source=tests/scripted/world.sh
. "$srcdir/tests/scripted/world.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

# tries FOLDER [apply]: one test, and how many were refused and planned.
tries() {
	/usr/bin/python3 "$srcdir/tests/e2e/injection.py" "$1" "$work" ${2:+"$2"} > "$work/faults" 2>&1
	status=$?
	refused=0
	planned=0
	[ "$status" -gt 1 ] || read -r refused planned < "$work/faults"
	report "$status" "${1##*/}: $refused refused, $planned planned${2:+ and applied}"
	[ "$status" -eq 0 ] || sed 's/^/# /' "$work/faults" | head -n 20
}

: | settings
export SECRET=hidden
capabilities='resource_group virtual_network databricks_workspace'
if is_long; then
	capabilities=$(cd "$srcdir/templates" && echo */capability.toml | sed 's,/capability\.toml,,g')
fi
for capability in $capabilities; do
	tries "$srcdir/templates/$capability"
	within "... some are no values for it" "$refused" 20 100000
	within "... and some are" "$planned" 20 100000
done

if ! is_long; then
	done_testing
fi
if command -v terraform > "$work/which" 2>&1; then
	export TF_CLI_CONFIG_FILE=/dev/null
	cd "$work" || exit 1
	tries "$srcdir/tests/scripted/templates/module" apply
	within "... most of them" "$planned" 40 100000
	ok "nothing was run by a value" test ! -e "$work/x"
	is "nor in a folder of terraform's" "$(find "$PURSER_STATE_DIR" -name x)" ''
	in_order
else
	skip "values come back from a module as they went in" "terraform is not installed"
fi
done_testing
