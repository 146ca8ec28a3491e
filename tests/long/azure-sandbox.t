#!/bin/sh
# The Azure sandbox under the real Azure CLI.

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
sandbox=$srcdir/contrib/azure-sandbox/azure-sandbox
data=$srcdir/tests/data/azure-sandbox

if ! command -v az >/dev/null 2>&1; then
	echo "1..0 # SKIP azure-cli is not installed"
	exit 0
fi
if ! command -v openssl >/dev/null 2>&1; then
	echo "1..0 # SKIP openssl is not installed"
	exit 0
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/azure-sandbox-t.XXXXXX") || exit 1
export HOME="$work"
waiting=

cleanup()
{
	[ -z "$waiting" ] || kill "$waiting" 2>/dev/null
	"$sandbox" down --dir "$work/box" >/dev/null 2>&1
	rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

tests=0
failed=0

# ok STATUS NAME: one test point. Where it failed, what the last commands said is shown.
ok()
{
	tests=$((tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tests - $2"
	else
		echo "not ok $tests - $2"
		failed=$((failed + 1))
		sed 's/^/# /' "$work/out" "$work/err" 2>/dev/null
	fi
}

# run COMMAND: keeps what it says in out and err, and its exit status in rc.
run()
{
	"$@" </dev/null >"$work/out" 2>"$work/err"
	rc=$?
}

# gives STATUS TEXT: whether the last run ended so, and printed exactly this.
gives()
{
	[ "$rc" -eq "$1" ] && [ "$(cat "$work/out")" = "$2" ]
}

# refused STATUS CODE: whether the last run ended so, with this error code.
refused()
{
	[ "$rc" -eq "$1" ] && grep -q "$2" "$work/err"
}

# fault ...: these are the faults from now on; none without arguments.
fault()
{
	"$sandbox" fault clear >/dev/null
	[ $# -eq 0 ] || "$sandbox" fault add "$@" >/dev/null
}

# counted ID: "created put deleted" of the resource whose id ends so.
counted()
{
	"$sandbox" counts | awk -v id="$1" '
		substr($4, length($4) - length(id) + 1) == id { print $1, $2, $3 }'
}

# until COMMAND: repeats it until it is true, for 10 seconds at most.
until_true()
{
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || return 1
		sleep 0.1
	done
}

deployment_is()
{
	[ "$(az deployment group show -g rg-main -n "$1" --query properties.provisioningState -o tsv)" = "$2" ]
}

journal_has()
{
	grep -q "$1" "$work/box/journal.jsonl"
}

# --- start and login

run "$sandbox" up --dir "$work/box" --latency 0.1
ok $rc "up starts a sandbox and logs in"
[ -f "$work/box/env.sh" ] || { echo "1..$tests"; exit 1; }
# shellcheck disable=SC1091
. "$work/box/env.sh"
run "$sandbox" up --dir "$work/box"
refused 1 "already runs"
ok $? "a second up in the same folder is refused"
run az account show --query "[name, state]" -o tsv
gives 0 "Sandbox
Enabled"
ok $? "az is logged in to the sandbox"

# --- groups

run az group create -n rg-main -l westeurope --tags purpose=test --query properties.provisioningState -o tsv
gives 0 Succeeded
ok $? "group create"
run az group show -n rg-none
refused 3 "(ResourceGroupNotFound)"
ok $? "a missing group is ResourceGroupNotFound"
run az group create -n rg-gone -l "West Europe"
run az group delete -n rg-gone --yes
run az group exists -n rg-gone
gives 0 false
ok $? "group delete"

# --- storage accounts

run az storage account create -n sandboxstore -g rg-main -l westeurope --sku Standard_LRS --query sku.name -o tsv
gives 0 Standard_LRS
ok $? "storage account create"
run az storage account create -n sandboxstore -g rg-main -l westeurope --sku Standard_GRS --query sku.name -o tsv
gives 0 Standard_GRS && [ "$(counted storageAccounts/sandboxstore)" = "1 2 0" ]
ok $? "creating it again updates it: created once, PUT twice"
run az storage account create -n sandboxstore -g rg-main -l eastus
refused 1 "(InvalidResourceLocation)"
ok $? "the same name in another location is refused"

# --- resources by id

group=$(az group show -n rg-main --query id -o tsv)
run az resource create --id "$group/providers/Microsoft.Network/publicIPAddresses/ip-1" -l westeurope \
	--properties '{}' --query properties.provisioningState -o tsv
gives 0 Succeeded
ok $? "resource create by id"
run az resource create --id "$group/providers/Microsoft.Network/virtualNetworks/none/subnets/a" \
	--properties '{"addressPrefix": "10.0.0.0/24"}'
refused 3 "(ParentResourceNotFound)"
ok $? "a child without its parent is refused"
run az resource delete --ids "$group/providers/Microsoft.Network/publicIPAddresses/ip-1"
run az resource show --ids "$group/providers/Microsoft.Network/publicIPAddresses/ip-1"
refused 3 "(ResourceNotFound)" && [ "$(counted publicIPAddresses/ip-1)" = "1 1 1" ]
ok $? "resource delete"

# --- template deployments

# deploy NAME [ARGUMENT ...]: the template of the machines.
deploy()
{
	name=$1
	shift
	run az deployment group create -g rg-main -n "$name" --template-file "$data/machines.json" \
		--parameters prefix=demo adminPassword=not-to-be-shown "$@"
}

deploy first count=2 --query "properties.outputs.names.value" -o tsv
gives 0 "demo-vm01
demo-vm02"
ok $? "a deployment with loops gives its outputs"
run az deployment operation group list -g rg-main -n first -o tsv \
	--query "[?properties.targetResource != null && properties.provisioningState == 'Succeeded'] | length(@)"
gives 0 9
ok $? "its operations name what it made"
run az resource list -g rg-main --resource-type Microsoft.Compute/disks --query "length(@)" -o tsv
gives 0 2
ok $? "the machines brought their disks"
deploy first count=2 --query properties.provisioningState -o tsv
gives 0 Succeeded && [ "$(counted virtualMachines/demo-vm01)" = "1 2 0" ]
ok $? "deploying again creates nothing anew"
run az deployment group what-if -g rg-main --template-file "$data/machines.json" --no-pretty-print -o tsv \
	--parameters prefix=demo count=3 size=Standard_D2s_v5 adminPassword=not-to-be-shown \
	--query "changes[?contains(resourceId, 'virtualMachines')].changeType"
gives 0 "Modify
Modify
Create"
ok $? "what-if tells what would change"
run az resource delete --ids "$group/providers/Microsoft.Network/networkInterfaces/demo-vm01-nic" --verbose
[ "$rc" -eq 1 ] && journal_has '"DELETE".*demo-vm01-nic.*"status": 400'
ok $? "a network interface in use is not deleted"
run az deployment group create -g rg-main -n language --template-file "$data/language.json" \
	--query properties.outputs -o json
/usr/bin/python3 - "$work/out" >>"$work/err" 2>&1 <<'EOF'
import json, sys
wrong = []
for name, output in json.load(open(sys.argv[1])).items():
    value = output["value"]
    if (str(value).lower() if isinstance(value, bool) else str(value)) != name:
        wrong.append((name, value))
sys.exit(f"wrong: {wrong}" if wrong else 0)
EOF
ok $? "the template language gives the right values"
deploy wrong count=99
refused 1 "InvalidTemplate"
ok $? "a parameter out of bounds is InvalidTemplate"

# --- faults

fault --match 'virtualMachines/more-vm02$' --kind sku
deploy half prefix=more count=3
refused 1 "SkuNotAvailable" && grep -q DeploymentFailed "$work/err"
ok $? "sku: the deployment fails with the inner code"
[ "$(counted virtualMachines/more-vm01)$(counted virtualMachines/more-vm02)" = "1 1 0" ]
ok $? "sku: what was made before stays"

fault --match 'more-vm02$' --kind fail-async --code ZonalAllocationFailed
deploy half prefix=more count=2
refused 1 "ResourceDeploymentFailure.*ZonalAllocationFailed"
ok $? "fail-async: the code of the operation is innermost"

fault --match 'more-vm02$' --kind stuck
deploy half prefix=more count=2 --no-wait
deploy half prefix=more count=2
refused 1 "DeploymentActiveAndUneditable"
ok $? "stuck: the deployment runs on, and its name is taken"
run az deployment group cancel -g rg-main -n half
until_true deployment_is half Canceled
ok $? "a running deployment can be cancelled"

fault --match 'deployments/dropped$' --kind drop-after --times 1
deploy dropped prefix=drop count=1
[ "$rc" -ne 0 ] && until_true deployment_is dropped Succeeded
ok $? "drop-after: the client fails, the deployment goes on and succeeds"
[ "$(counted virtualMachines/drop-vm01)" = "1 1 0" ]
ok $? "drop-after: made once"

fault --match rg-throttled --kind throttle --retry-after 1 --times 2
run az group create -n rg-throttled -l westeurope --query name -o tsv
gives 0 rg-throttled && [ "$("$sandbox" journal | grep -c 'PUT .*429 .*throttle')" -eq 2 ]
ok $? "throttle: az waits and gets through"

fault --match rg-secret --kind authorization
run az group create -n rg-secret -l westeurope
refused 1 "(AuthorizationFailed)" && [ -z "$(counted rg-secret)" ]
ok $? "authorization: refused, nothing made"

fault --match rg-silent --kind no-answer
az group create -n rg-silent -l westeurope >/dev/null 2>&1 </dev/null &
waiting=$!
until_true journal_has '"no-answer"'
ok $? "no-answer: the request is taken"
kill "$waiting"
wait "$waiting" 2>/dev/null
waiting=

fault --match vm01 --kind quota --preflight --times 1
deploy checked prefix=pre count=1
refused 1 InvalidTemplateDeployment && grep -q QuotaExceeded "$work/err" && [ -z "$(counted pre-vnet)" ]
ok $? "preflight: found before anything is made"
fault

fault --match 'deployments/slow$' --kind in-progress --delay 6
deploy slow prefix=slow count=1 --no-wait
! deployment_is slow Succeeded && until_true deployment_is slow Succeeded
ok $? "in-progress: it takes longer, and ends well"
fault --match rg-silent --kind no-answer --delay 0.2
run az group create -n rg-silent -l westeurope
refused 1 "Connection aborted" && [ -z "$(counted rg-silent)" ]
ok $? "no-answer with a delay: the connection is closed then"
fault --match rg-main --kind fail-async --method DELETE
run az group delete -n rg-main --yes
refused 1 AllocationFailed && [ "$(az group show -n rg-main --query properties.provisioningState -o tsv)" = Succeeded ]
ok $? "fail-async: a group whose deletion fails stays as it was"
fault
"$sandbox" counts --faults | grep -q '[1-9].* sku$'
ok $? "the applied faults are counted by kind"

# --- storms

# storm SEED ORDER: 40 groups in a sandbox of its own; prints which of the requests went wrong, and how.
storm()
{
	"$sandbox" up --dir "$work/storm" --no-login --faults 30 --seed "$1" >/dev/null || return 1
	(
		# shellcheck disable=SC1091
		. "$work/storm/env.sh"
		/usr/bin/python3 - "$AZURE_SANDBOX_URL/subscriptions/$AZURE_SANDBOX_SUBSCRIPTION/resourcegroups" "$2" <<'EOF'
import http.client, sys, urllib.request
groups = [f"rg-{number}" for number in range(40)]
for name in groups if sys.argv[2] == "up" else reversed(groups):
    for _ in range(12):
        request = urllib.request.Request(f"{sys.argv[1]}/{name}?api-version=1", b'{"location": "eastus"}',
                                         {"Authorization": "Bearer x"}, method="PUT")
        try:
            urllib.request.urlopen(request).read()
            break
        except (OSError, http.client.HTTPException):
            pass
    else:
        sys.exit(f"{name} never gets through")
EOF
	) || return 1
	"$sandbox" journal --dir "$work/storm" | awk 'NR > 1 { print $NF, $4, $5 }' | LC_ALL=C sort
	"$sandbox" down --dir "$work/storm" >/dev/null
}

storm 7 up >"$work/storm-1" && storm 7 down >"$work/storm-2" && storm 8 up >"$work/storm-3"
ok $? "a storm lets through who tries again"
cmp "$work/storm-1" "$work/storm-2" >"$work/out" 2>&1
ok $? "the same seed gives the same faults, in any order"
! cmp -s "$work/storm-1" "$work/storm-3"
ok $? "another seed gives others"
faulty=$(grep -vc -- '-$' "$work/storm-1")
[ "$faulty" -ge 12 ] && [ "$faulty" -le 60 ]
ok $? "about as many as were asked for"

# --- several at once, and what is shown

pids=
for n in 1 2 3 4; do
	az group create -n "rg-many-$n" -l westeurope >/dev/null 2>&1 </dev/null &
	pids="$pids $!"
done
bad=0
for pid in $pids; do
	wait "$pid" || bad=1
done
ok $bad "several commands at once"

run "$sandbox" dump
[ "$rc" -eq 0 ] && grep -q "demo-vm01 .*Compute/virtualMachines .*westeurope .*Succeeded" "$work/out" &&
	[ "$(awk 'length > 100' "$work/out" | wc -l)" -eq 0 ]
ok $? "dump shows the resources within 100 columns"
run "$sandbox" dump --json
/usr/bin/python3 -c 'import json, sys; json.load(open(sys.argv[1]))' "$work/out"
ok $? "dump --json is JSON"
! grep -rq not-to-be-shown "$work/box" "$work/out"
ok $? "secrets are neither stored nor shown"
[ ! -s "$work/box/server.log" ]
ok $? "the server found no fault in itself"
run "$sandbox" down --dir "$work/box"
run "$sandbox" status --dir "$work/box"
gives 3 "not running"
ok $? "down ends it"

echo "1..$tests"
[ "$failed" -eq 0 ]
