# A price book of the test's own, for tests that source world.sh: prices are what
# it says, and change when it says so.
# shellcheck shell=sh
COMPILE=${builddir:-.}/pricing/compile
[ -x "$COMPILE" ] || skip_all "pricing/compile is not built"

# book PRICE: of an hour of M; S costs 0.01, 7.30 a month.
book() {
	mkdir -p "$work/data"
	printf '%s\n' part,as_of,name,about "p,${2:-2026-08-01},List,of a test" > "$work/data/sources.csv"
	printf '%s\n' size,vcpus,memory_gib,gpu,gpus S,1,1,, M,2,4,, > "$work/data/azure_vm_sizes.csv"
	printf '%s\n' size,region,os,market,usd_per_hour,part S,eastus,linux,on-demand,0.01,p \
		"M,eastus,linux,on-demand,$1,p" > "$work/data/azure_vm.csv"
	printf '%s\n' service,product,sku,meter,region,unit,tier_from,usd_per_unit,part \
		'Bandwidth,Rtn Preference: MGN,Standard,Standard Data Transfer Out,eastus,1 GB,0,0.08,p' \
		> "$work/data/azure_other.csv"
	compile
}
compile() {
	"$COMPILE" "$work/data" "$work/next.db" > "$work/compile.log" 2>&1 || sed 's/^/# /' "$work/compile.log"
	mv "$work/next.db" "$work/prices.db"
}
export PURSER_PRICES="$work/prices.db"
book 0.1
