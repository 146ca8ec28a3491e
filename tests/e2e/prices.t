#!/bin/sh
# The price book: looked up, and brought up to date from a local server that
# replays answers of the Azure Retail Prices API, whole and broken ones.
set -u
# shellcheck source=tests/lib.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/lib.sh"

[ -f "${PURSER_PRICES:-}" ] || skip_all "prices.db is not built"
export PURSER_CACHE_DIR="$work/cache"
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy PURSER_PRICES_URL
INSTALLED=$PURSER_PRICES
OWN=$PURSER_STATE_DIR/prices.db
server=

# ---- the installed book ----

exits 0 "a size is shown" env COLUMNS=80 "$PURSER" prices show Standard_D2s_v5 --region westeurope
has "with its price by the hour" "$work/out" "Standard_D2s_v5"
ok "in 80 columns" sh -c "! grep -q '.\{81\}' '$work/out'"
has "and the day of the price" "$work/out" "Retail prices in USD of 20"
exits 0 "meters are shown" env COLUMNS=80 "$PURSER" prices show hot lrs data --service storage --region WestEurope
ok "in 80 columns too" sh -c "! grep -q '.\{81\}' '$work/out'"
has "with their tiers" "$work/out" "51200"
exits 2 "an unknown size has no price" "$PURSER" prices show Standard_X99
has "and that is said" "$work/err" "no price is known"
exits 0 "JSON is there" "$PURSER" prices show Standard_D2s_v5 --region westeurope --json
has "with exact amounts" "$work/out" '"hourly":'
exits 0 "more than the limit is told" "$PURSER" prices show Standard --limit 3
has "on stderr" "$work/err" "there are more"
exits 2 "a query is needed" "$PURSER" prices show
exits 2 "show or update is needed" "$PURSER" prices sell
exits 2 "update takes no words" "$PURSER" prices update westeurope
exits 2 "a region is checked" "$PURSER" prices update --region "x'y"

export PURSER_PRICES="$work/none.db"
exits 2 "without any book nothing is known" "$PURSER" prices show D2s
has "and the reason is told" "$work/err" "there is no price book"
echo garbage > "$work/garbage.db"
PURSER_PRICES="$work/garbage.db"
exits 5 "a damaged book stops it" "$PURSER" prices show D2s
PURSER_PRICES=$INSTALLED

# ---- how it is made ----

COMPILE=${builddir:-.}/pricing/compile
mkdir "$work/data"
data() {
	printf '%s\n' part,as_of,name,about 'p,2026-08-01,List,"of a test, quoted"' > "$work/data/sources.csv"
	printf '%s\n' size,vcpus,memory_gib,gpu,gpus A,1,0.75,, > "$work/data/azure_vm_sizes.csv"
	printf '%s\n' size,region,os,market,usd_per_hour,part A,eastus,linux,on-demand,0.02,p \
		> "$work/data/azure_vm.csv"
	printf '%s\n' service,product,sku,meter,region,unit,tier_from,usd_per_unit,part \
		S,P,K,M,eastus,10K,0,0.05,p > "$work/data/azure_other.csv"
}
# compiles TITLE FILE ROW TEXT: with this row at the end of the file the program stops and says TEXT.
compiles() {
	data
	[ -z "$3" ] || printf '%s\n' "$3" >> "$work/data/$2"
	if "$COMPILE" "$work/data" "$work/made.db" > "$work/out" 2> "$work/err"; then
		is "$1" "made" "$4"
	else
		has "$1" "$work/err" "$2:$4"
	fi
}
if [ -x "$COMPILE" ]; then
	compiles "a small book is made" azure_vm.csv "" made
	ok "and can be read" env PURSER_PRICES="$work/made.db" "$PURSER" prices show A
	compiles "a price of 0 is refused" azure_vm.csv B,eastus,linux,on-demand,0,p "3: the price of B"
	compiles "a negative one" azure_vm.csv B,eastus,linux,on-demand,-1,p "3: price:"
	compiles "one that is none" azure_vm.csv B,eastus,linux,on-demand,x,p "3: price:"
	compiles "one that is too exact" azure_other.csv S,P,K,N,eastus,1,0,0.0000000001,p "3: price:"
	compiles "a second one" azure_vm.csv A,eastus,linux,on-demand,0.03,p "3: A in eastus"
	compiles "another system" azure_vm.csv B,eastus,beos,on-demand,1,p "3: \"beos\""
	compiles "another market" azure_vm.csv B,eastus,linux,flea,1,p "3: \"flea\""
	compiles "a part that nobody described" azure_vm.csv B,eastus,linux,spot,1,q "3: \"q\""
	compiles "a region that is none" azure_vm.csv B,east_us,linux,spot,1,p "3: \"east_us\""
	compiles "a field too many" azure_vm.csv B,eastus,linux,spot,1,p, "3: 7 fields"
	compiles "a unit that is not understood" azure_other.csv "S,P,K,N,eastus,1 Furlong,0,1,p" "3: unit"
	compiles "a tier twice" azure_other.csv S,P,K,M,eastus,10K,0.0,1,p "3: K / M"
	compiles "a size twice" azure_vm_sizes.csv a,2,4,, "3: the size a"
	compiles "a day that is none" sources.csv q,2026-13-01,List,x "3: \"2026-13-01\""
	ok "of all this nothing is left" test "$(find "$work" -maxdepth 1 -name '.made*' | wc -l)" -eq 0
fi

PYTHON=/usr/bin/python3
[ -x "$PYTHON" ] || {
	TESTS=$((TESTS + 1))
	echo "ok $TESTS # SKIP updates: python3 is not installed"
	done_testing
}

# ---- updates ----

end_server() {
	[ -z "$server" ] || kill "$server" 2> "$work/kill.err"
	[ -z "$server" ] || wait "$server" 2> "$work/kill.err"
	server=
}
trap 'end_server; finish' EXIT

# serve SCENARIO: the server with these answers; the update's URL is its.
serve() {
	end_server
	rm -rf "$work/server"
	mkdir "$work/server"
	printf '%s\n' "$1" > "$work/server/scenario.json"
	"$PYTHON" "$srcdir/tests/data/retail-api/server.py" "$work/server" "$work/server/scenario.json" \
		2> "$work/server/err" &
	server=$!
	wait_until 20 test -f "$work/server/url" || {
		echo "Bail out! the server does not start"
		exit 1
	}
	PURSER_PRICES_URL=$(cat "$work/server/url")
	export PURSER_PRICES_URL
}

requests() {
	if [ -f "$work/server/requests" ]; then wc -l < "$work/server/requests"; else echo 0; fi
}

# A fresh state and cache.
anew() {
	rm -rf "$PURSER_STATE_DIR" "$PURSER_CACHE_DIR"
}

# hourly SIZE REGION OS MARKET: the price, or nothing.
hourly() {
	"$PURSER" prices show "$1" --region "$2" --service "Virtual Machines" --json > "$work/show.json" 2> "$work/show.err"
	"$PYTHON" - "$work/show.json" "$@" <<'PY'
import json, sys
path, size, region, os, market = sys.argv[1:]
for vm in json.load(open(path))["virtual_machines"]:
    if (vm["size"], vm["region"], vm["os"], vm["market"]) == (size, region, os, market):
        print(vm["hourly"], vm["source"]["name"])
PY
}

no_litter() {
	[ "$(find "$PURSER_STATE_DIR" "$PURSER_CACHE_DIR" -name '.prices*' -o -name 'page*' | wc -l)" -eq 0 ]
}

# update [REGION SERVICE]
update() {
	"$PURSER" prices update --region "${1:-eastus}" --service "${2:-Virtual Machines}"
}
two_pages='[{"file": "vm_eastus_page1.json", "link": "next"}, {"file": "vm_eastus_page2.json"}]'

serve "$two_pages"
exits 0 "two pages are fetched" "$PURSER" prices update --region eastus --service "Virtual Machines"
has "and counted" "$work/out" "of 100 rows on 2 pages"
has "with what was left out" "$work/out" "left out: 18 low priority"
is "by two requests" "$(requests)" 2
has "with the question" "$work/server/requests" "serviceName%20eq%20%27Virtual%20Machines%27%20and%20armRegionName%20eq%20%27eastus%27%20and%20priceType%20eq%20%27Consumption%27"
ok "the book is the user's own" test -f "$OWN"
is "which nobody else may read" "$(stat -c %a "$OWN")" 600
ok "nothing else is left" no_litter
"$PYTHON" - "$srcdir/tests/data/retail-api" > "$work/sizes" <<'PY'
import json, sys
# One size of the pages with a plain Linux row, its price, and how the pages have it.
for name in ("vm_eastus_page1.json", "vm_eastus_page2.json"):
    for row in json.load(open(sys.argv[1] + "/" + name))["Items"]:
        text = row["productName"] + row["skuName"] + row["meterName"]
        if row["type"] == "Consumption" and row["retailPrice"] > 0 and not any(
                word in text for word in ("Windows", "Spot", "Low Priority", "Cloud", "Host")):
            print(row["armSkuName"], row["retailPrice"])
PY
ok "there are such sizes" test -s "$work/sizes"
wrong=
while read -r size price; do
	[ "$(hourly "$size" eastus linux on-demand | "$PYTHON" -c 'import sys; t = sys.stdin.read().split(); print(float(t[0]), *t[1:])')" = "$price Azure Retail Prices API" ] || wrong="$wrong $size"
done < "$work/sizes"
is "each Linux price is the one of its plain row" "$wrong" ""
is "what the answer did not have is gone from the scope" "$(hourly Standard_B2s eastus linux on-demand)" ""
ok "other regions stay" sh -c "\"\$PURSER\" prices show Standard_B2s --region westeurope | grep -q Standard_B2s"
ok "other services stay" sh -c "\"\$PURSER\" prices show lrs data --region eastus --service Storage | grep -q LRS"
serve "$two_pages"
exits 0 "again gives the same" update
has "replacing as many as it puts" "$work/out" "replaced"
PURSER_PRICES="$work/none.db"
ok "the own book needs no installed one" "$PURSER" prices show lrs --region eastus
PURSER_PRICES=$INSTALLED

anew
serve '[{"status": 429, "headers": {"Retry-After": "0"}}, {"status": 500}, {"status": 503, "text": "busy"},
	{"file": "vm_eastus_page1.json", "link": "next"}, {"status": 429},
	{"file": "vm_eastus_page2.json", "cut": 500}, {"file": "vm_eastus_page2.json", "cut": 500, "length": false},
	{"file": "vm_eastus_page2.json", "miscount": 1}, {"file": "vm_eastus_page2.json"}]'
exits 0 "429, 5xx and answers that are cut off are asked for again" update
is "each of them" "$(requests)" 9
has "and told" "$work/err" "HTTP status 429"

anew
serve '[{"file": "vm_eastus_page1.json", "link": "next"}, {"status": 500}]'
exits 6 "a service that stays away is for later" update
has "with the reason" "$work/err" "HTTP status 500"
ok "without a book half written" test ! -e "$OWN"
is "after some tries" "$(requests)" 7
# Another port is another question: the pages are asked for under the same URL again.
url=$PURSER_PRICES_URL
echo '[{"file": "vm_eastus_page2.json"}]' > "$work/server/scenario.json"
end_server
port=${url#http://127.0.0.1:}
port=${port%%/*}
sed "s/(\"127.0.0.1\", 0)/(\"127.0.0.1\", $port)/; s|^HERE = .*|HERE = \"$srcdir/tests/data/retail-api\"|" \
	"$srcdir/tests/data/retail-api/server.py" > "$work/server.py"
rm -f "$work/server/url" "$work/server/requests"
"$PYTHON" "$work/server.py" "$work/server" "$work/server/scenario.json" 2> "$work/server/err" &
server=$!
wait_until 20 test -f "$work/server/url"
exits 0 "it goes on where it stopped" update
is "with the missing page only" "$(requests)" 1
has "and says so" "$work/out" "(1 had been fetched before)"

anew
serve '[{"status": 429, "headers": {"Retry-After": "86400"}}]'
exits 6 "a service that wants to be left alone for a day is" update
is "at once" "$(requests)" 1
serve '[{"file": "vm_eastus_page1.json", "cut": 500, "length": false}]'
exits 6 "an answer that is always cut off is for later" update
serve '[{"status": 400, "text": "Invalid OData parameters supplied"}]'
exits 2 "a question that is refused is not repeated" update
is "not even once" "$(requests)" 1
has "and the answer is shown" "$work/err" "Invalid OData"
serve '[{"status": 302, "headers": {"Location": "https://example.com/"}}]'
exits 2 "redirects are not followed" update

for link in "https://evil.example/api/retail/prices?\$skip=1000" "http://127.0.0.1:1/api" \
	"https://127.0.0.1/x" "file:///etc/passwd" "http://127.0.0.1@evil.example/" "/api/retail/prices"; do
	anew
	serve "[{\"file\": \"vm_eastus_page1.json\", \"link\": \"$link\"}, {\"file\": \"vm_eastus_page2.json\"}]"
	exits 2 "no page is fetched from $link" update
	is "after the first" "$(requests)" 1
	ok "and there is no book" test ! -e "$OWN"
done

anew
serve '[{"file": "vm_eastus_page1.json", "link": "{url}?again"}]'
exits 2 "a list that leads back into itself ends" update
has "with the reason" "$work/err" "leads back"
serve '[{"file": "empty_result.json", "link": "next"}]'
exits 2 "an empty page that goes on is no page" update
if is_long; then
	serve '[{"file": "keyvault_westeurope.json", "link": "next"}]'
	exits 2 "a list without an end ends" update westeurope "Key Vault"
	has "at the maximum" "$work/err" "does not end after 2000 pages"
	is "of pages" "$(requests)" 2000
fi
ok "and no book is made" test ! -e "$OWN"
ok "nor kept what makes no sense" no_litter

anew
serve '[{"file": "empty_result.json"}]'
exits 2 "a service that nobody knows has no prices" update eastus "No Such Service"
has "and that is said" "$work/err" "has no prices of No Such Service"
ok "and makes no book" test ! -e "$OWN"
serve '[{"file": "vm_eastus_page1.json", "set": {"retailPrice": 0.0}}]'
exits 2 "an answer without a single usable price makes none either" update
ok "for sure" test ! -e "$OWN"
serve '[{"file": "vm_eastus_page1.json", "currency": "EUR"}]'
exits 2 "another currency is refused" update
serve '[{"file": "vm_eastus_page1.json", "set": {"armRegionName": "westus"}}]'
exits 2 "rows of other regions are not taken" update

anew
serve '[{"file": "aks_eastus_price_change.json"}]'
exits 0 "meters are brought up to date" "$PURSER" prices update --region eastus --service "Azure Kubernetes Service"
"$PURSER" prices show FreeTierInfrastructureCost --region eastus --json > "$work/out"
has "by the price that holds today" "$work/out" '"0.05"'

unset PURSER_PRICES_URL
PURSER_PRICES_URL=http://prices.azure.com/api exits 2 "without https nothing is fetched" update
PURSER_PRICES_URL=http://127.0.0.1:1/api exits 6 "nobody there is for later" update

# ---- kill -9 ----

if ! grep -aq PURSER_FAILPOINT_LOG "$PURSER"; then
	TESTS=$((TESTS + 1))
	echo "ok $TESTS # SKIP kills: this purser is built without --enable-failpoints"
	end_server
	done_testing
fi
for point in prices.page prices.page:2 prices.rename; do
	anew
	serve '[{"file": "vm_eastus_page1.json", "link": "{url}?second"}, {"file": "vm_eastus_page2.json"},
		{"file": "vm_eastus_page2.json"}]'
	PURSER_FAILPOINT=$point exits 137 "killed at $point" update
	ok "there is no book" test ! -e "$OWN"
	before=$(requests)
	exits 0 "the next one goes on" update
	case $point in
	prices.page) is "with the second page" "$(($(requests) - before))" 1 ;;
	*) is "without a further request" "$(($(requests) - before))" 0 ;;
	esac
	has "to the end" "$work/out" "of 100 rows on 2 pages"
done
# An old book stays whole when the writing of the new one is cut short.
cp "$OWN" "$work/old.db"
serve "$two_pages"
PURSER_FAILPOINT=prices.rename exits 137 "killed with an old book in place" update
ok "it is as it was" cmp "$OWN" "$work/old.db"

# ---- two at once ----

serve '[{"file": "vm_eastus_page1.json", "wait": "go", "link": "next"}, {"file": "vm_eastus_page2.json"}]'
rm -rf "$PURSER_CACHE_DIR"
update eastus "Virtual Machines" > "$work/first" 2>&1 &
first=$!
wait_until 20 test -s "$work/server/requests"
exits 6 "a second update waits for the first" update
has "and says so" "$work/err" "another update"
touch "$work/server/go"
ok "which is not disturbed" wait "$first"
end_server
done_testing
