#!/bin/sh
# Actual cost: bills of every format are taken over, or nothing of them; shown
# against the estimates; and the estimates as FOCUS rows, which are exact and can
# be read again.
# shellcheck source=tests/scripted/world.sh
. "${srcdir:=$(cd "$(dirname "$0")/../.." && pwd)}/tests/scripted/world.sh"
[ -x "$PURSER" ] || skip_all "the scripted program is not built"
[ -f "${PURSER_PRICES:=${builddir:-.}/prices.db}" ] || skip_all "prices.db is not built"
export PURSER_PRICES
BILLS=$srcdir/tests/data/bills

# shows EXPRESSION: of the last JSON on stdout as o, in Python.
shows() {
	cp "$work/out" "$work/evaluate.json"
	evaluate "$1"
}

# focus FILE EXPRESSION: of the FOCUS rows in it as rows, with D for exact decimals, for ok.
# shellcheck disable=SC2317
focus() {
	/usr/bin/python3 - "$1" "$2" <<-'END'
		import csv, sys
		from decimal import Decimal as D
		rows = list(csv.DictReader(open(sys.argv[1], encoding="utf-8", newline="")))
		result = eval(sys.argv[2])
		print(result, rows)
		sys.exit(not result)
	END
}

settings < /dev/null

# ---- what is refused changes nothing ----

exits 2 "a verb is needed" "$PURSER" costs
exits 2 "one that is known" "$PURSER" costs pay
exits 2 "a file is needed" "$PURSER" costs import
exits 2 "a file that is there" "$PURSER" costs import "$work/none.csv"
exits 2 "options stay with their verb" "$PURSER" costs import --month 2025-11 "$BILLS/ea.csv"
exits 2 "a month is a month" "$PURSER" costs show --month 2025-13
exits 2 "export says as what" "$PURSER" costs export
head -c 1500 "$BILLS/ea.csv" > "$work/cut.csv"
exits 2 "what is cut off is refused" "$PURSER" costs import "$work/cut.csv"
has "with its line" "$work/err" "cut.csv:3: the last line has no end"
gzip -c "$BILLS/ea.csv" > "$work/ea.csv.gz"
exits 2 "what is compressed is refused" "$PURSER" costs import "$work/ea.csv.gz"
has "with what to do" "$work/err" "unpack it first"
sed 's/USD/EUR/' "$BILLS/mca.csv" > "$work/eur.csv"
exits 2 "another currency is refused" "$PURSER" costs import "$work/eur.csv"
has "with line and column" "$work/err" 'eur.csv:2: billingCurrency: "EUR": expected USD'
exits 2 "formats are not mixed" "$PURSER" costs import "$BILLS/ea.csv" "$BILLS/mca.csv"
exits 2 "a file twice is refused" "$PURSER" costs import "$BILLS/ea.csv" "$BILLS/ea.csv"
has "and named" "$work/err" "ea.csv is the same file as "
cp "$BILLS/ea.csv" "$work/copy.csv"
exits 2 "a copy too" "$PURSER" costs import "$BILLS/ea.csv" "$work/copy.csv"
head -n 4 "$BILLS/ea.csv" > "$work/yesterday.csv"
exits 2 "exports that overlap are refused" "$PURSER" costs import "$work/yesterday.csv" "$BILLS/ea.csv"
has "with the line, and what to do" "$work/err" "ea.csv:2: the same line is in $work/yesterday.csv and would count twice: of exports that overlap name the latest one only"
exits 2 "two versions of an export too" "$PURSER" costs import "$BILLS/focus-1.0.csv" "$BILLS/focus-1.2.csv"
has "with the line" "$work/err" "focus-1.2.csv:2: "
exits 2 "a folder is no file" "$PURSER" costs import "$work"
has "and named as typed" "$work/err" "$work: it is a folder"
exits 2 "a folder to write to has to be there" "$PURSER" costs export --focus --output "$work/none/x.csv"
has "and is named as typed" "$work/err" "there is no folder $work/none"
exits 2 "and is no file" "$PURSER" costs export --focus --output "$work"
exits 2 "a month to come has cost nothing" "$PURSER" costs show --month 2999-01
exits 2 "nor is it exported" "$PURSER" costs export --focus --month 2999-01
ok "no store was made by all that" test ! -e "$PURSER_STATE_DIR/purser.db"
exits 0 "before the first day there is nothing to show" "$PURSER" costs show --month 2025-11
has "and that is said" "$work/out" "no actual cost is known"

exits 0 "nor to export" "$PURSER" costs export --focus
is "but for a header" "$(wc -l < "$work/out")" 1

# ---- every format ----

for file in ea mca usage focus-1.0 focus-1.2; do
	exits 0 "$file.csv is imported" "$PURSER" costs import "$BILLS/$file.csv" --json
	is "... nine lines are six charges" "$(shows '[o["lines"], o["charges"], o["unmatched"]]')" "[9, 6, 6]"
	is "... of this amount" "$(shows 'o["unmatched_amount"]')" "2.140032001"
done
exits 0 "the same once more" "$PURSER" costs import "$BILLS/focus-1.2.csv"
has "... replaces it" "$work/out" "6 of earlier imports replaced"
exits 0 "what belongs to nobody is shown" "$PURSER" costs show --month 2025-11
has "... by group and service" "$work/out" "Virtual Machines"
has "... and summed" "$work/out" "of none"
exits 0 "as JSON too" "$PURSER" costs show --month 2025-11 --json
is "... not twice, whatever the format" "$(shows 'o["total"]["unmatched"]')" "2.140032001"

# ---- of an objective ----

{
	priced web Standard_B2s
	priced idle Standard_B1s
	objective free thing
} | submit shop
exits 0 "three things are built, one of them free" "$PURSER" run
today=$(date -u +%Y-%m-%d)
month=$(date -u +%Y-%m)
web=$(value shop/web 'o["id"]')
{
	echo "ChargePeriodStart,EffectiveCost,BilledCost,BillingCurrency,BillingAccountId,SubAccountId,ResourceId,ServiceName,Tags"
	echo "$today,1.25,9,USD,1,/subscriptions/s,/WORLD/web,Virtual Machines,"
	echo "$today,0.50,9,USD,1,/subscriptions/s,/world/web/disk,Storage,"
	echo "$today,0.125,9,USD,1,/subscriptions/s,,Bandwidth,\"{\"\"purser-objective\"\": \"\"$web\"\"}\""
} > "$work/part_0.csv"
{
	head -n 1 "$work/part_0.csv"
	echo "$today,0.25,9,USD,1,/subscriptions/s,/world/elsewhere,Storage,"
} > "$work/part_1.csv"
printf '[azure]\nsubscription = "fake"\n[budget]\nmonthly_limit = 2.0\non_exceed = "warn"\n' > "$PURSER_CONFIG"
exits 0 "a bill in two parts" "$PURSER" costs import "$work/part_0.csv" "$work/part_1.csv" --json
is "is matched by resource, what holds it, and tag" "$(shows '[o["matched"], o["matched_amount"], o["unmatched_amount"]]')" \
	"[3, '1.875', '0.25']"
exits 0 "estimates against actual cost" env COLUMNS=80 "$PURSER" costs show --month "$month"
ok "in 80 columns" sh -c "! grep -q '.\{81\}' '$work/out'"
has "name the objective" "$work/out" "shop/web"
ok "and not what is free" sh -c "! grep -q shop/free '$work/out'"
has "and what is not known yet" "$work/out" "no actual cost is known yet of 1 objective"
exits 0 "as JSON too" "$PURSER" costs show --month "$month" --json
is "with the actual cost" "$(shows '[x["actual"] for x in o["objectives"] if x["name"] == "shop/web"]')" "['1.875']"
is "where it is known" "$(shows '["actual" in x for x in o["objectives"] if x["name"] == "shop/idle"]')" "[False]"
is "the estimate of a month" "$(shows '[x["month"] for x in o["objectives"] if x["name"] == "shop/web"]')" "['30.368']"
is "and the total" "$(shows 'o["total"]["actual"]')" "2.125"
exits 0 "budgets know it" "$PURSER" budget --all --json
ok "it is in the audit" audit_has costs.imported part_0.csv
ok "and so is the limit that it goes over" audit_has budget.threshold '"threshold":"100"'

# ---- all of an import, or nothing of it ----

sed 's/,1.25,/,101.25,/' "$work/part_0.csv" > "$work/later.csv"
cp -R "$PURSER_STATE_DIR" "$work/before"
whole=$PURSER_STATE_DIR
n=0
torn=
while [ "$n" -lt 1000 ]; do
	n=$((n + 1))
	rm -rf "$work/faulty" "$work/points"
	cp -R "$work/before" "$work/faulty"
	PURSER_STATE_DIR=$work/faulty
	PURSER_STORE_FAULT="$n:error" PURSER_FAILPOINT_LOG="$work/points" \
		"$PURSER" costs import "$work/later.csv" > "$work/fault.log" 2>&1
	grep -qx store-fault "$work/points" 2> "$work/grep.err" || break
	"$PURSER" costs show --month "$month" --json > "$work/out" 2> "$work/err"
	case $(shows 'o["total"]["actual"]') in
	2.125 | 101.875) "$PURSER" budget verify > "$work/verify.log" 2>&1 || torn="$torn $n" ;;
	*) torn="$torn $n" ;;
	esac
done
PURSER_STATE_DIR=$whole
is "whichever call of the store fails ($n), an import is whole or not there" "$torn" ""
ok "... and each of them was tried" test "$n" -gt 20 -a "$n" -lt 1000

# ---- FOCUS out ----

exits 0 "estimates are exported" "$PURSER" costs export --focus --month "$month" --output "$work/focus.csv"
ok "a row for each component" focus "$work/focus.csv" \
	'sorted((r["x_Name"], r["x_Component"]) for r in rows) == [(n, c) for n in ("idle", "web") for c in ("egress", "machines")]'
ok "price times quantity is the cost, exactly" focus "$work/focus.csv" \
	'all(D(r["ListUnitPrice"]) * D(r["PricingQuantity"]) == D(r["ListCost"]) == D(r["BilledCost"])
		and D(r["ContractedUnitPrice"]) * D(r["PricingQuantity"]) == D(r["ContractedCost"]) for r in rows)'
ok "by the hour at the list price" focus "$work/focus.csv" \
	'[(r["ListUnitPrice"], r["PricingUnit"]) for r in rows if (r["x_Name"], r["x_Component"]) == ("web", "machines")] == [("0.0416", "Hours")]'
ok "nothing that must be told is missing" focus "$work/focus.csv" \
	'all(r[c] for r in rows for c in ("BilledCost", "BillingAccountId", "BillingCurrency", "BillingPeriodEnd",
		"BillingPeriodStart", "ChargeCategory", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost",
		"InvoiceIssuerName", "ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName", "SkuId",
		"SkuPriceId", "PricingCategory")) and all(r["ChargeClass"] == "" and r["x_IsEstimate"] == "true" for r in rows)'
ok "services have their category" focus "$work/focus.csv" \
	'{(r["ServiceName"], r["ServiceCategory"]) for r in rows} == {("Virtual Machines", "Compute"), ("Bandwidth", "Networking")}'
has "the version is told beside it" "$work/focus.csv.metadata.json" '"FocusVersion": "1.0"'
exits 2 "estimates are no bill" "$PURSER" costs import "$work/focus.csv"
has "and the line is named" "$work/err" 'focus.csv:2: x_IsEstimate: "true": expected charges'
exits 0 "without a file to stdout" "$PURSER" costs export --focus --month "$month"
ok "the same" cmp "$work/out" "$work/focus.csv"
exits 0 "a month in which nothing stood" "$PURSER" costs export --focus --month 2025-11
is "has a header only" "$(wc -l < "$work/out")" 1

balanced
done_testing
