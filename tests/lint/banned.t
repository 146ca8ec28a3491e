#!/bin/sh
# Calls that nobody makes, and text that stands in one folder only.
cd "${srcdir:-.}" || exit 1

folders=
for folder in src strategies pricing; do
	[ -d "$folder" ] && folders="$folders $folder"
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Sources as lines FILE:LINE:TEXT without comments, which may name what they warn of:
# $work/text with strings, $work/code with empty ones.
# shellcheck disable=SC2016,SC2086
find $folders \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | LC_ALL=C sort |
	xargs awk -v text_file="$work/text" -v code_file="$work/code" '
	FNR == 1 { inside = 0 }
	{
		line = $0
		text = code = ""
		while (line != "") {
			if (inside) {
				at = index(line, "*/")
				if (!at)
					break
				inside = 0
				line = substr(line, at + 2)
				continue
			}
			if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|\047([^\047\\]|\\.)*\047/)) {
				text = text line
				code = code line
				break
			}
			found = substr(line, RSTART, RLENGTH)
			text = text substr(line, 1, RSTART - 1)
			code = code substr(line, 1, RSTART - 1)
			line = substr(line, RSTART + RLENGTH)
			if (found == "//")
				break
			if (found == "/*") {
				inside = 1
			} else {
				text = text found
				code = code "\"\""
			}
		}
		print FILENAME ":" FNR ":" text >text_file
		print FILENAME ":" FNR ":" code >code_file
	}'
[ -s "$work/code" ] || {
	echo "Bail out! no sources in $(pwd)"
	exit 1
}

n=0
# check TEXT OFFENCES
check()
{
	n=$((n + 1))
	if [ -z "$2" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$2" | sed 's/^/# /'
	fi
}

banned='strcpy strncpy strcat sprintf vsprintf strtok atoi atol atof system popen gets
usleep sleep tmpnam mktemp'
for call in $banned; do
	check "nobody calls ${call}()" "$(grep -E "(^|[^A-Za-z0-9_])${call} *\\(" "$work/code")"
done

# A statement of SQL begins with its words in capitals, inside a string.
sql='"(SELECT|INSERT INTO|INSERT OR|UPDATE|DELETE FROM|CREATE (UNIQUE )?(TABLE|INDEX)|DROP|PRAGMA|BEGIN|COMMIT)( [^"]*)?"'
check "SQL stands in src/store, and for the price book in pricing" \
	"$(grep -E "$sql" "$work/text" | grep -vE '^(src/store|pricing)/')"
# shellcheck disable=SC2086
check "C++ is in src/base/toml.cc only" "$(find $folders \( -name '*.cc' -o -name '*.cpp' \
	-o -name '*.cxx' -o -name '*.hpp' \) | grep -v '^src/base/toml\.cc$')"
check "no struct has a second name" "$(grep -E ':typedef (struct|union)' "$work/code")"
echo "1..$n"
