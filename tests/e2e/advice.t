#!/bin/sh
# A night with eight different failures: each has its cause and its advice, and the
# commands that are advised are such as az understands (its parser is asked in tests/long).
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
: "${PURSER:?}"

# An az that refuses to create each group in its own way.
mkdir "$work/bin" "$work/groups" "$work/home"
export FAKE_AZ="$work/groups" HOME="$work/home" AZURE_CONFIG_DIR="$work/home/.azure"
cat > "$work/bin/az" <<TEXT
#!/bin/sh
fail() {
	echo "ERROR: (\$1) \$2" >&2
	exit 1
}
case "\$*" in
"group create"*--name=rg-capacity*) fail SkuNotAvailable "The requested size for resource 'vm-1' is currently not available in location 'eastus'." ;;
"group create"*--name=rg-quota*) fail QuotaExceeded "Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota." ;;
"group create"*--name=rg-auth*) fail AADSTS700082 "The refresh token has expired due to inactivity." ;;
"group create"*--name=rg-permission*) fail AuthorizationFailed "The client 'a1' with object id '11111111-2222-3333-4444-555555555555' does not have authorization to perform action 'Microsoft.Resources/subscriptions/resourcegroups/write' over scope '/subscriptions/s1/resourcegroups/rg-permission' or the scope is invalid. If access was recently granted, please refresh your credentials." ;;
"group create"*--name=rg-policy*) fail RequestDisallowedByPolicy "Resource 'rg-policy' was disallowed by policy." ;;
"group create"*--name=rg-provider*) fail MissingSubscriptionRegistration "The subscription is not registered to use namespace 'Microsoft.Cache'. See https://aka.ms/rps-not-found for how to register subscriptions." ;;
"group create"*--name=rg-conflict*) fail ResourceGroupBeingDeleted "The resource group 'rg-conflict' is in deprovisioning state and cannot perform this operation." ;;
"group create"*--name=rg-missing*) fail ParentResourceNotFound "Something that it needs could not be found." ;;
esac
exec "$srcdir/tests/fakes/az" "\$@"
TEXT
chmod +x "$work/bin/az"
mkdir "$AZURE_CONFIG_DIR"
printf '\357\273\277{"subscriptions": [{"id": "s1", "name": "one", "state": "Enabled", "environmentName": "AzureCloud", "isDefault": true, "tenantId": "t1", "user": {"name": "app1", "type": "servicePrincipal"}}]}\n' \
	> "$AZURE_CONFIG_DIR/azureProfile.json"
printf '[retry]\nmax_retries = 0\ndelay = "20ms"\nmax_delay = "50ms"\n' > "$PURSER_CONFIG"
path=$PATH
PATH="$work/bin:$PATH"

night="capacity quota auth permission policy provider conflict missing"
for name in $night; do
	printf '[[objective]]\nname = "%s"\ncapability = "resource_group"\nregion = "eastus"\n' "$name"
	printf 'resource_group = "rg-%s"\nsubscription = "s1"\nstrategy = "azure_cli"\n' "$name"
done > "$work/night.toml"
"$PURSER" submit --batch night "$work/night.toml" > "$work/submit.log" 2>&1 || sed 's/^/# /' "$work/submit.log"
exits 1 "a bad night" "$PURSER" run --wait 20s
# Of the eight it tells the five that failed last, whichever these were.
short='capacity: capacity, SkuNotAvailable: This size is not offered|auth: auth, AADSTS700082: The login has'
short="$short|policy: policy, RequestDisallowedByPolicy: A policy|conflict: conflict, ResourceGroupBeingDeleted: The group"
ok "is told in short" grep -Eq "night/($short)" "$work/err"

# look NAME CLASS [TEXT]...: the diagnosis of one has all these
look() {
	name=$1
	class=$2
	shift 2
	"$PURSER" show "night/$name" > "$work/$name.out" 2> "$work/$name.err"
	"$PURSER" show "night/$name" --json > "$work/$name.json" 2>> "$work/$name.err"
	# The advice stands behind its title.
	sed -n '/^Cause/,$p' "$work/$name.out" > "$work/$name.cause"
	has "$name: its class" "$work/$name.cause" "$class"
	for text in "$@"; do
		has "$name: $text" "$work/$name.cause" "$text"
	done
}

look capacity "capacity, SkuNotAvailable" "az vm list-skus --location=eastus" "https://learn.microsoft.com" "az group create"
look quota "quota, QuotaExceeded" "az vm list-usage --location=eastus"
look auth "auth, AADSTS700082" "az login --service-principal --username=app1" "az account show"
look permission "permission, AuthorizationFailed" "--assignee-object-id=11111111-2222-3333-4444-555555555555" \
	"--scope=/subscriptions/s1/resourcegroups/rg-permission"
look policy "policy, RequestDisallowedByPolicy" "az policy assignment list --resource-group=rg-policy"
look provider "invalid, MissingSubscriptionRegistration" "az provider register --namespace=Microsoft.Cache --wait"
look conflict "conflict, ResourceGroupBeingDeleted" "az group wait --name=rg-conflict --deleted"
look missing "not_found, ParentResourceNotFound" "az resource list --resource-group=rg-missing"
ok "eight failures have eight signatures" \
	test "$("$PURSER" failures --json | grep -c '"signature"')" -eq 8
has "the next command is told" "$work/missing.err" "next: purser retry"

# In another subscription than az's own, each command says so: that of the objective, or of the configuration.
has "az's own needs no naming" "$work/capacity.json" '"az vm list-skus --location=eastus --size=SIZE --all --output=table"'
for subscription in s2 s3; do
	printf '[[objective]]\nname = "%s"\ncapability = "resource_group"\nregion = "eastus"\n' $subscription
	printf 'resource_group = "rg-permission"\nstrategy = "azure_cli"\n'
	[ $subscription = s3 ] || printf 'subscription = "s2"\n'
done > "$work/elsewhere.toml"
printf '[azure]\nsubscription = "s3"\n' >> "$PURSER_CONFIG"
exits 0 "elsewhere" "$PURSER" submit --batch elsewhere "$work/elsewhere.toml"
exits 1 "it is no better" "$PURSER" run --wait 20s
for subscription in s2 s3; do
	"$PURSER" show "elsewhere/$subscription" --json > "$work/$subscription.json" 2> "$work/show.err"
	has "commands are about $subscription" "$work/$subscription.json" \
		"--include-groups --output=table --subscription=$subscription\""
done

# Every command of the table: with values, as these were told, and with what is to be filled in.
for name in $night s2; do
	/usr/bin/python3 -c 'import json, sys
print(*json.load(open(sys.argv[1]))["diagnosis"]["commands"], sep="\n")' "$work/$name.json"
done > "$work/told"
rows=$(/usr/bin/python3 - "$PURSER_FAILURES" "$work/all" <<'PY'
import re, sys, tomllib
with open(sys.argv[1], "rb") as f:
    rows = tomllib.load(f)["commands"]
commands = [c for row in rows for c in row["commands"] if c != "{login}"]
filled = [re.sub(r"\{([a-z_]+)\}", lambda m: m[1].upper(), c) for c in commands]
with open(sys.argv[2], "w") as f:
    for c in filled:
        print(c, file=f)
        # As it is where az is logged in to another subscription.
        if not c.startswith("az account"):
            print(c, "--subscription=S", file=f)
print(len(commands))
PY
)
is "each command of the table is asked about" "$(grep -cv -e '--subscription=S$' "$work/all")" "$rows"
ok "there are many ($rows)" test "$rows" -ge 23
printf 'az login\naz login --identity\naz login --service-principal --username=a --password=PASSWORD --tenant=t\n' >> "$work/all"
ok "there are commands" test "$(wc -l < "$work/told")" -ge 10
PATH=$path
if ! is_long; then
	: # To ask the parser takes ten times as long as all the rest.
elif command -v az > "$work/which" 2>&1; then
	{
		sort -u "$work/told" "$work/all"
		echo 'az group nonsense --name=x'
	} | /usr/bin/python3 "$srcdir/tests/e2e/az-parse.py" > "$work/refused" 2> "$work/parse.err"
	if [ $? -eq 77 ]; then
		skip "az understands every command" "its parser cannot be loaded"
	else
		is "az understands every command, and would refuse others" "$(sed 's/:.*//' "$work/refused")" \
			"az group nonsense --name=x"
	fi
else
	skip "az understands every command" "azure-cli is not installed"
fi
done_testing
