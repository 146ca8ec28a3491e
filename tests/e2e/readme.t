#!/bin/sh
# The examples of the README are true: its batches can be planned, cost what it
# says and are held as it says, its capability has no fault and provisions a disk.
# What the real az does for this is left to tests/long.
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"

# block N: the N-th block of TOML in the README.
block() {
	awk -v want="$1" '/^```toml/ { n++; on = (n == want); next } /^```/ { on = 0 } on' "$srcdir/README.md"
}

export COLUMNS=80 PURSER_PRICES="${PURSER_PRICES:-$builddir/prices.db}"

# says COMMAND: what the README shows of it, up to the next one, without what
# changes from one run to the next: ids, times, paths and what comes next.
says() {
	awk -v want="\$ $1" '$0 == want { on = 1; next } /^\$ |^```/ { on = 0 } on' "$srcdir/README.md" |
		grep -Ev '^(\.\.\.|next: .*)?$' | comparable
}
comparable() {
	sed 's/([0-9a-f]\{8\})/(ID)/; s,/[^ ]*/config\.toml,CONFIG,; s/held .* ago/held just now/' |
		tr -s ' \n' '\n\n'
}
# same COMMAND...: the README shows a part of what this prints now.
# shellcheck disable=SC2317
same() {
	"$PURSER" "$@" < /dev/null 2> "$work/err" | comparable | tr '\n' ' ' > "$work/now"
	says "purser $*" | tr '\n' ' ' > "$work/then"
	cat "$work/then" "$work/now"
	test -s "$work/then" && grep -Fq -- "$(cat "$work/then")" "$work/now"
}

cd "$work" || exit 1
block 1 > "$work/web-dev.toml"
exits 0 "the batch can be planned" "$PURSER" plan "$work/web-dev.toml"
has "with its machines" "$work/out" "deploy virtual machines: 2 x Standard_B2s"

ok "it costs what the README says" same estimate web-dev.toml

block 2 > "$work/budget.toml"
exits 0 "the budget holds" "$PURSER" --config "$work/budget.toml" list
block 3 > "$work/web-prod.toml"
exits 0 "the second batch can be planned" "$PURSER" plan "$work/web-prod.toml"

block 4 > "$work/settings.toml"
exits 0 "the settings hold" "$PURSER" --config "$work/settings.toml" list
sed 's/jobs = 16/jobs = 1600/' "$work/settings.toml" > "$work/wrong.toml"
exits 2 "and are looked at" "$PURSER" --config "$work/wrong.toml" list

mkdir -p "$work/own/managed_disk"
block 5 > "$work/own/managed_disk/capability.toml"
exits 0 "the capability has no fault" "$PURSER" capabilities check "$work/own/managed_disk"
printf '[templates]\nfolders = ["%s"]\n' "$work/own" > "$PURSER_CONFIG"

if ! is_long; then
	: # first-batch.t is an example with the real az.
elif command -v az > "$work/which" 2>&1; then
	sandbox_up
	cat > "$work/disk.toml" <<'TOML'
batch = "disks"
[[objective]]
name = "group"
capability = "resource_group"
region = "eastus"
resource_group = "rg-disks"
[[objective]]
name = "data"
capability = "managed_disk"
region = "eastus"
resource_group = "rg-disks"
depends_on = ["group"]
TOML
	exits 0 "a batch with it is submitted" "$PURSER" submit "$work/disk.toml"
	exits 0 "and run" "$PURSER" run
	exits 0 "the disk is known" "$PURSER" show disks/data
	has "by its id" "$work/out" "Microsoft.Compute/disks/data"

	# Places of rules in the README are those of its own configuration.
	cp "$work/budget.toml" "$PURSER_CONFIG"
	export PURSER_STATE_DIR="$work/budget-state"
	exits 0 "the first batch is submitted" "$PURSER" submit web-dev.toml
	exits 0 "and built" "$PURSER" run
	exits 0 "the second one is submitted" "$PURSER" submit web-prod.toml
	exits 4 "and held for money" "$PURSER" run
	ok "why tells what the README says" same why web-prod/web
else
	skip "the disk of the README" "azure-cli is not installed"
fi

# Each setting and each command is in the README.
"$PURSER" help > "$work/help"
sed -n '/^Commands/,/^Options/s/^  \([a-z]*\) .*/\1/p' "$work/help" > "$work/commands"
missing=$(while read -r command; do
	case "$command" in version | help) continue ;; esac
	grep -q "purser $command" "$srcdir/README.md" || grep -q "\`$command" "$srcdir/README.md" || echo "$command"
done < "$work/commands")
is "no command is missing in it" "$missing" ""
sed -n '/^const struct setting config_settings/,/^};/s/^\t* *{* *\.\(section\|key\) = "\([a-z_]*\)".*/\1 \2/p' \
	"$srcdir/src/core/config.c" > "$work/rows"
missing=$(while read -r what name; do
	if [ "$what" = section ]; then
		section=$name
		continue
	fi
	# "delay" may stand in the row of "[retry] delay, max_delay".
	grep "^| .\[$section\]" "$srcdir/README.md" | grep -q "[ \`]$name\`" || echo "$section.$name"
done < "$work/rows")
ok "the rows of the settings are found" test -s "$work/rows"
is "no setting is missing in it" "$missing" ""

# ---- terraform ----

if command -v terraform > "$work/which" 2>&1; then
	mkdir "$work/notes"
	export PURSER_STATE_DIR="$work/notes-state"
	printf '[templates]\nfolders = ["%s/contrib/examples/terraform"]\n' "$srcdir" > "$PURSER_CONFIG"
	sed "s,/tmp/notes,$work/notes," "$srcdir/contrib/examples/terraform/notes.toml" > "$work/notes.toml"
	exits 0 "the notes are submitted" "$PURSER" submit "$work/notes.toml"
	TF_CLI_CONFIG_FILE=/dev/null exits 0 "... and written by terraform" "$PURSER" run
	ok "... both of them" test -e "$work/notes/first" -a -e "$work/notes/second"
	has "... which is told" "$work/out" 'terraform_data.note["first"]: created'
else
	skip "the notes of the README" "terraform is not installed"
fi
done_testing
