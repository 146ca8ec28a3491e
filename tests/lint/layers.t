#!/bin/sh
# Includes point one way only: each layer uses itself and those before it, and
# only the command line knows which strategies there are.
cd "${srcdir:-.}" || exit 1

# Each line: the layer, then what it may include from. The step helper links none
# of our libraries.
rules='
base base
core base core
store base core store
pricing base core store pricing
strategies base core store pricing strategies
driver base core store pricing strategies driver step
step step
engine base core store pricing strategies driver step engine
cli base core store pricing strategies driver step engine cli
'

folder_of()
{
	case $1 in
	strategies | pricing) echo "$1" ;;
	*) echo "src/$1" ;;
	esac
}

sources()
{
	[ -d "$1" ] && find "$1" \( -name '*.c' -o -name '*.h' -o -name '*.cc' \) | LC_ALL=C sort
}

# Lines FILE:LINE:PATH of all includes in quotes; config.h is everybody's.
includes()
{
	sources "$1" | while read -r file; do
		sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/; t show; b; :show; =; p' "$file" |
			paste - - | while read -r line path; do
			[ "$path" = config.h ] || echo "$file:$line:$path"
		done
	done
}

# What the includes of a layer break.
offences()
{
	layer=$1
	shift
	includes "$(folder_of "$layer")" | while IFS=: read -r file line path; do
		case " $* " in
		*" ${path%%/*} "*) ;;
		*) echo "$file:$line includes \"$path\"" ;;
		esac
	done
}

# The objects that strategies.h's table is made of, used outside of their folder.
names_strategies()
{
	for folder in src/base src/core src/store pricing src/driver src/step src/engine; do
		sources "$folder" | xargs -r grep -nE '&(azure_cli|terraform|mcp)\b|^extern .*struct strategy '
	done
}

# report NUMBER TEXT OFFENCES
report()
{
	if [ -z "$3" ]; then
		echo "ok $1 - $2"
	else
		echo "not ok $1 - $2"
		echo "$3" | sed 's/^/# /'
	fi
}

n=0
echo "1..$(($(echo "$rules" | grep -c .) + 1))"
while read -r layer allowed; do
	[ -n "$layer" ] || continue
	n=$((n + 1))
	# shellcheck disable=SC2086
	report $n "$layer includes only $allowed" "$(offences $layer $allowed)"
done <<END
$rules
END
report $((n + 1)) "only strategies/ and the command line name a strategy" "$(names_strategies)"
