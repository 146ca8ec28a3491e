#!/bin/sh
# Shows purser at work on this machine, without a subscription: builds it,
# starts a simulated Azure, and lets the real az provision a first batch.
# Everything it makes lies in build/.
#
#	sh contrib/demo.sh [--keep]	--keep: the simulated Azure stays up afterwards
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
keep=no
case "${1:-}" in
--keep) keep=yes ;;
"") ;;
*) echo "usage: sh contrib/demo.sh [--keep]" >&2; exit 2 ;;
esac

demo="$top/build/demo"
purser="$top/build/bin/purser"
sandbox="$top/contrib/azure-sandbox/azure-sandbox"
export PYTHONDONTWRITEBYTECODE=1

say() {
	printf '\n== %s\n' "$*"
}

show() {
	printf '\n$ %s\n' "$(echo "$*" | sed "s|$top/||g")"
	"$@"
}

say "1. What it needs"
sh "$top/contrib/setup.sh"

say "2. Building purser (build/)"
sh "$top/contrib/build.sh" release

stop_sandbox() {
	[ "$keep" = yes ] || "$sandbox" down --dir "$demo/azure" || true
}
[ ! -d "$demo/azure" ] || "$sandbox" down --dir "$demo/azure" || true
rm -rf "$demo"
mkdir -p "$demo"
trap stop_sandbox EXIT

say "3. A simulated Azure on this machine, with the real az logged in to it"
"$sandbox" up --dir "$demo/azure"
# shellcheck disable=SC1091
. "$demo/azure/env.sh"
export PURSER_STATE_DIR="$demo/state"
export PURSER_CONFIG="$demo/config.toml"
: > "$PURSER_CONFIG"

say "4. The plan: what would be done, step by step"
show "$purser" plan "$top/contrib/examples/first-batch.toml"

say "5. Submit and run"
show "$purser" submit "$top/contrib/examples/first-batch.toml"
show "$purser" run
show "$purser" list

say "6. What now exists in the simulated Azure"
show "$sandbox" dump --dir "$demo/azure"

say "7. The audit log is whole"
show "$purser" audit verify

if command -v terraform > "$demo/terraform.path" 2>&1; then
	say "8. The same with the real terraform, and a module that needs no provider"
	mkdir -p "$demo/notes"
	printf '[templates]\nfolders = ["%s"]\n' "$top/contrib/examples/terraform" > "$PURSER_CONFIG"
	sed "s|/tmp/notes|$demo/notes|" "$top/contrib/examples/terraform/notes.toml" > "$demo/notes.toml"
	show "$purser" submit "$demo/notes.toml"
	show "$purser" run
fi

cat <<TEXT

To look around:
  export PURSER_STATE_DIR=build/demo/state PURSER_CONFIG=build/demo/config.toml
  build/bin/purser show first-batch/vm-web
  build/bin/purser log first-batch/vm-web
  build/bin/purser audit
  build/bin/purser help
TEXT
if [ "$keep" = yes ]; then
	echo "The simulated Azure is still up:"
	echo "  . build/demo/azure/env.sh; az resource list -o table"
	echo "  contrib/azure-sandbox/azure-sandbox down --dir build/demo/azure"
else
	echo "The simulated Azure was stopped; sh contrib/demo.sh --keep leaves it up."
fi
echo "Everything lies in build/; rm -rf build takes it away."
