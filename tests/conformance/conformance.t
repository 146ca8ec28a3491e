#!/bin/sh
# The client scenarios of @modelcontextprotocol/conformance, over HTTP; see README.md.
#
#	CONFORMANCE_NODE	a node of version 22 or later, if that on PATH is older
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

SUITE=@modelcontextprotocol/conformance
VERSION=0.1.16
: "${builddir:=$(pwd)}" "${PURSER:?}"
export PURSER

NODE=${CONFORMANCE_NODE:-node}
command -v "$NODE" > "$work/which" 2>&1 || skip_all "nodejs is not installed"
major=$("$NODE" -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 22 ] || skip_all "the suite needs Node 22 or later, this is $major (CONFORMANCE_NODE names another)"
folder=$builddir/node-conformance
program=$folder/node_modules/$SUITE/dist/index.js
if [ ! -f "$program" ]; then
	command -v npm > "$work/which" 2>&1 || skip_all "npm is not installed"
	mkdir -p "$folder"
	echo '{ "private": true }' > "$folder/package.json"
	timeout 300 npm install --prefix "$folder" --no-audit --no-fund --ignore-scripts "$SUITE@$VERSION" \
		> "$work/npm.log" 2>&1 || skip_all "npm could not install $SUITE"
fi

# scenario NAME: told with how many of its checks passed.
scenario() {
	"$NODE" "$program" client --command "sh $srcdir/tests/conformance/client" --scenario "$1" \
		--timeout 60000 --output-dir "$work/results" > "$work/scenario.log" 2>&1
	status=$?
	report $status "$1: $(sed -n 's/^Passed: //p' "$work/scenario.log" | tail -n 1)"
	[ $status -eq 0 ] || sed 's/^/# /' "$work/scenario.log" | tail -n 40
}

for name in initialize tools_call elicitation-sep1034-client-defaults sse-retry; do
	scenario "$name"
done
done_testing
