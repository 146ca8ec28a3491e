#!/bin/sh
# Builds purser in build/check with all checks on, runs every test, and
# closes with one line: N passed, N failed, N skipped. Needs nobody to answer it.
#
#	FUZZ_SECONDS	of libFuzzer for each target (10): see tests/long/fuzz.t
#	LONG_TIMEOUT	seconds that each of tests/long/*.t may take (900)
#	TORTURE_TIMEOUT	seconds that each of tests/torture/*.t may take (1500)
#	TORTURE_...	how large a storm: see tests/torture/orchestration.t
set -eu

top=$(cd "$(dirname "$0")/.." && pwd)
build=$top/build/check
jobs=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

say()
{
	printf '== %s\n' "$*"
}

# run NAME COMMAND...: its output goes to NAME.log and is shown only if it fails.
run()
{
	name=$1
	shift
	say "$name"
	if ! "$@" >"$build/$name.log" 2>&1; then
		tail -n 60 "$build/$name.log"
		say "$name failed; all of it is in build/check/$name.log"
		echo "0 passed, 1 failed, 0 skipped"
		exit 1
	fi
}

# make_check NAME ARGUMENT...: runs tests, shows at once what does not pass.
make_check()
{
	name=$1
	shift
	say "$name"
	{
		make -k -j "$jobs" "$@" 2>&1 || echo "make: failed"
	} | tee "$name.log" | grep -E '^(FAIL|XPASS|ERROR|SKIP):' || :
}

# One line for each result: PASS, FAIL or SKIP, then the test and its text. The driver
# writes them into each .log in the form "VERDICT: NAME TEXT", beside what the test said.
results()
{
	find . -name '*.trs' | LC_ALL=C sort | while read -r trs; do
		name=${trs#./}
		name=${name%.trs}
		awk -v name="$name" '
		BEGIN {
			say["PASS"] = "PASS"
			say["FAIL"] = say["ERROR"] = say["XPASS"] = "FAIL"
			say["SKIP"] = say["XFAIL"] = "SKIP"
		}
		{
			verdict = $1
			sub(/:$/, "", verdict)
		}
		$1 !~ /:$/ || !(verdict in say) || ($2 != name && $2 != name ".t") { next }
		# The exit status of a program says again what its lines said.
		failed && /- exited with status/ { next }
		{
			failed = failed || say[verdict] == "FAIL"
			sub(/^[A-Z]+: /, "")
			print say[verdict], $0
		}' "$name.log"
	done
}

# The real MCP server of tests/e2e/mcp-client.t, which says what is missing if it is.
MCP_SERVER=@modelcontextprotocol/server-everything
MCP_SERVER_VERSION=2026.8.31
install_mcp_server()
{
	manifest=node/node_modules/$MCP_SERVER/package.json
	grep -qs "\"version\": \"$MCP_SERVER_VERSION\"" "$manifest" && return 0
	if ! command -v npm >/dev/null 2>&1; then
		say "npm is not installed: the tests with a real MCP server are skipped"
		return 0
	fi
	say "$MCP_SERVER $MCP_SERVER_VERSION"
	mkdir -p node
	echo '{ "private": true }' >node/package.json
	timeout 300 npm install --prefix node --no-audit --no-fund --ignore-scripts \
		"$MCP_SERVER@$MCP_SERVER_VERSION" >npm.log 2>&1 </dev/null ||
		say "npm could not install it (build/check/npm.log): the tests with it are skipped"
}

# scripts FOLDER: its scripts, as make knows them.
scripts()
{
	(cd "$top/build/source" && echo "tests/$1"/*.t)
}

count()
{
	grep -c "^$1 " results.txt || :
}

mkdir -p "$build"
cd "$build"
# shellcheck source=contrib/setup.sh
. "$top/contrib/setup.sh"
say "packages"
setup_packages
run build sh "$top/contrib/build.sh" check
install_mcp_server
find . -name '*.trs' -delete
rm -f check.log long.log torture.log
make_check check check
make_check long check-TESTS TESTS="$(scripts long)" T_LOG_COMPILER="timeout -k 30 ${LONG_TIMEOUT:-900} sh"
# A smaller storm than that of "make torture".
export TORTURE_OBJECTIVES="${TORTURE_OBJECTIVES:-60}" TORTURE_KILLS="${TORTURE_KILLS:-15}"
export TORTURE_AZ_OBJECTIVES="${TORTURE_AZ_OBJECTIVES:-10}" TORTURE_AZ_KILLS="${TORTURE_AZ_KILLS:-5}"
make_check torture check-TESTS TESTS="$(scripts torture)" T_LOG_COMPILER="timeout -k 30 ${TORTURE_TIMEOUT:-1500} sh"

results >results.txt
passed=$(count PASS)
failed=$(count FAIL)
skipped=$(count SKIP)
if [ "$passed" -eq 0 ] || { [ "$failed" -eq 0 ] && grep -q '^make: failed$' check.log long.log torture.log 2>/dev/null; }; then
	tail -n 60 check.log
	say "make check did not come to its end; see build/check/check.log"
	failed=$((failed + 1))
fi
sed -n 's/^FAIL \([^ ]*\).*/\1/p' results.txt | sed 's/\.t$//' | sort -u | while read -r test; do
	say "$test.log, without what passed:"
	grep -vE '^(ok|PASS:) ' "$test.log" | tail -n 40
done
grep '^FAIL ' results.txt || :
grep '^SKIP ' results.txt || :
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
