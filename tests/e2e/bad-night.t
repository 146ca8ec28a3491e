#!/bin/sh
# A night in the sandbox that meets ten different failures: each is diagnosed rightly, and what is
# advised is such as az understands. With the real az in tests/long; here with the stand-in
# for it, which says what the real one says (tests/long/az-http.t).
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
: "${PURSER:?}"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"
path=$PATH
export HOME="$work"
if is_long; then
	needs_az
	sandbox_up --latency 0.1
else
	[ -x "${builddir:?}/tests/fakes/az-http/az" ] || skip_all "the stand-in for az is not built"
	PATH="$builddir/tests/fakes/az-http:$PATH"
	sandbox_up --latency 0.1 --no-login
fi
printf '[retry]\nmax_retries = 0\n' > "$PURSER_CONFIG"
subscription=5a2db0c5-0000-4000-8000-000000000001
night="capacity quota permission policy conflict throttled provider missing transient auth"

settle_soon

# fault THING KIND [OPTION]...: what befalls it from now on.
fault() {
	thing=$1
	kind=$2
	shift 2
	"$SANDBOX" fault add --dir "$work/sandbox" --match "$thing\$" --kind "$kind" "$@" > "$work/fault.log" 2>&1 ||
		report 1 "a fault of $thing: $(cat "$work/fault.log")"
}

# objective NAME CAPABILITY [PARAMETERS]: in the group of the night, or in that of its name.
objective() {
	printf '[[objective]]\nname = "%s"\ncapability = "%s"\nregion = "eastus"\n' "$1" "$2"
	printf 'strategy = "azure_cli"\nparameters = { %s }\n' "${3:-}"
	case $2 in
	resource_group) printf 'resource_group = "rg-%s"\n' "$1" ;;
	*) printf 'resource_group = "%s"\n' "${4:-rg-night}" ;;
	esac
}

objective night resource_group > "$work/group.toml"
objective net virtual_network 'name = "vnet"' >> "$work/group.toml"
echo 'depends_on = ["night"]' >> "$work/group.toml"
"$PURSER" submit --batch ground "$work/group.toml" > "$work/submit.log" 2>&1
exits 0 "before it, all is well" "$PURSER" run --wait 100s

fault virtualMachines/vm-capacity-1 sku
fault disks/quota quota
fault resourcegroups/rg-permission authorization --method PUT
fault storageAccounts/purserpolicy policy
fault virtualNetworks/conflict conflict-409
fault resourcegroups/rg-throttled throttle --method PUT --message "The request is being throttled. Retry after '1' seconds."
fault storageAccounts/purserprovider policy --code MissingSubscriptionRegistration \
	--message "The subscription is not registered to use namespace 'Microsoft.Storage'. See https://aka.ms/rps-not-found for how to register subscriptions."
fault resourcegroups/rg-transient error-503 --method PUT
fault resourcegroups/rg-auth authorization --method PUT --code ExpiredAuthenticationToken --message "The access token expiry UTC time has passed."
{
	objective capacity linux_vm "name = \"vm-capacity\", size = \"Standard_D2s_v5\", ssh_public_key = \"ssh-ed25519 AAAA\", subnet_id = \"/subscriptions/$subscription/resourceGroups/rg-night/providers/Microsoft.Network/virtualNetworks/vnet/subnets/default\""
	objective quota managed_disk 'name = "quota"'
	objective permission resource_group
	objective policy storage_account 'name = "purserpolicy"'
	objective conflict virtual_network 'name = "conflict"'
	objective throttled resource_group
	objective provider storage_account 'name = "purserprovider"'
	objective missing managed_disk 'name = "missing"' rg-nowhere
	objective transient resource_group
	objective auth resource_group
} > "$work/night.toml"
exits 0 "the night's batch" "$PURSER" submit --batch night "$work/night.toml"
exits 1 "a bad night" timeout 300 "$PURSER" run --wait 200s
cp "$work/err" "$work/run.err"

# The cause and the advice of each: class, code, advice id, and the commands in their order.
cat > "$work/expected.py" <<'PY'
import json, os, sys
# The real az is logged in by a managed identity; the stand-in has no login at all.
login = "az login --identity" if os.environ.get("TEST_LENGTH") == "long" else "az login"
group, region = "--resource-group=rg-night", "--location=eastus"
table = "--output=table"
resources = [f"az resource list {group} {table}"]
scope = "--scope=/subscriptions/5a2db0c5-0000-4000-8000-000000000001/resourcegroups/rg-permission"
expected = {
    "capacity": ("capacity", "SkuNotAvailable", "SkuNotAvailable",
                 [f"az vm list-skus {region} --size=Standard_D2s_v5 --all {table}"]),
    "quota": ("quota", "QuotaExceeded", "QuotaExceeded/cores-quota",
              [f"az vm list-usage {region} {table}", f"az network list-usages {region} {table}"]),
    "permission": ("permission", "AuthorizationFailed", "AuthorizationFailed",
                   ["az role assignment list --assignee=00000000-0000-0000-0000-00000000c11e "
                    f"{scope} --include-inherited --include-groups {table}",
                    "az role assignment create --assignee-object-id=00000000-0000-0000-0000-00000000c11e "
                    f"--role=Contributor {scope}"]),
    "policy": ("policy", "RequestDisallowedByPolicy", "RequestDisallowedByPolicy",
               [f"az policy assignment list {group} {table}"]),
    "conflict": ("conflict", "AnotherOperationInProgress", "AnotherOperationInProgress", resources),
    "throttled": ("throttled", "TooManyRequests", "TooManyRequests", []),
    "provider": ("invalid", "MissingSubscriptionRegistration", "MissingSubscriptionRegistration",
                 ["az provider register --namespace=Microsoft.Storage --wait",
                  "az provider show --namespace=Microsoft.Storage --query=registrationState"]),
    "missing": ("not_found", "ResourceGroupNotFound", "ResourceGroupNotFound",
                ["az group show --name=rg-nowhere", f"az group create --name=rg-nowhere {region}"]),
    "transient": ("transient", "ServiceUnavailable", "ServiceUnavailable", []),
    "auth": ("auth", "ExpiredAuthenticationToken", "ExpiredAuthenticationToken", [login, "az account show"]),
}
name, work = sys.argv[1:]
o = json.load(open(f"{work}/{name}.json"))
failure, advice = o["failure"], o["diagnosis"]
found = failure["class"], failure["code"], failure["advice_id"], advice["commands"]
print("right" if found == expected[name] and advice["advice_id"] == failure["advice_id"] else found)
with open(f"{work}/commands", "a") as f:
    for command in advice["commands"]:
        print(command, file=f)
PY
for name in $night; do
	"$PURSER" show "night/$name" --json > "$work/$name.json" 2> "$work/show.err"
	is "$name: its diagnosis" "$(/usr/bin/python3 "$work/expected.py" "$name" "$work" 2>&1)" right
done
"$PURSER" failures --json > "$work/failures.json" 2> "$work/failures.err"
is "ten failures have ten signatures" "$(grep -c '"signature"' "$work/failures.json")" 10
is "eight are told at the end of the run" "$(grep -c '^next: purser show' "$work/run.err")" 8
has "... and that there are more" "$work/run.err" "purser list --state failed,held   (2 more)"

# Of the machine whose size is not to be had there are others, of its family and region, with their prices.
is "other sizes are offered" "$(/usr/bin/python3 - "$work/capacity.json" <<'PY'
import json, re, sys
sizes = json.load(open(sys.argv[1]))["diagnosis"]["sizes"]
good = [s for s in sizes if s["region"] == "eastus" and re.match(r"Standard_D\d+s_v5$", s["size"]) and
        s["size"] != "Standard_D2s_v5" and float(s["monthly"]) > 0]
print(len(sizes) >= 3 and good == sizes or sizes)
PY
)" True
"$PURSER" show night/capacity > "$work/capacity.out" 2> "$work/capacity.err"
sed -n '/^Cause/,$p' "$work/capacity.out" > "$work/capacity.end"
for text in "capacity, SkuNotAvailable, in step machines" "target  .*/virtualMachines/vm-capacity-1" "correlation  " \
	"az vm list-skus --location=eastus --size=Standard_D2s_v5" "parameters.size, of the family of Standard_D2s_v5" "in USD:" \
	"^Standard_D4s_v5  *4  *16  *[0-9.]*"; do
	ok "show: $text" grep -q -e "$text" "$work/capacity.end"
done
has "... and what to type next" "$work/capacity.err" "next: purser retry"
exits 0 "the audit log is whole" "$PURSER" audit verify
PATH=$path
if command -v az > "$work/which" 2>&1; then
	sort -u "$work/commands" | /usr/bin/python3 "$srcdir/tests/e2e/az-parse.py" > "$work/refused" 2> "$work/parse.err"
	case $? in
	77) skip "az understands all of it" "its parser cannot be loaded" ;;
	*) is "az understands all of it ($(sort -u "$work/commands" | wc -l) commands)" "$(cat "$work/refused")" "" ;;
	esac
else
	skip "az understands all of it" "azure-cli is not installed"
fi
done_testing
