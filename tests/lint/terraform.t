#!/bin/sh
# The modules: as terraform itself writes them, every argument documented by its
# provider, and each in agreement with its capability.
# What sed is given is meant as it stands.
# shellcheck disable=SC2016
# shellcheck source=tests/lib.sh
. "$srcdir/tests/lib.sh"
[ -x /usr/bin/python3 ] || skip_all "python3 is not installed"

# formatted FOLDER
formatted() {
	if command -v terraform > "$work/which" 2>&1; then
		TF_CLI_CONFIG_FILE=/dev/null CHECKPOINT_DISABLE=1 ok "${1#"$srcdir"/} is formatted" \
			terraform fmt -check -diff -recursive "$1"
	else
		skip "${1#"$srcdir"/} is formatted" "terraform is not installed"
	fi
}

# agrees FOLDER [SCHEMA]
agrees() {
	ok "${1##*/}: its module agrees with its capability${2:+, and its arguments are documented}" \
		/usr/bin/python3 "$srcdir/tests/lint/schema.py" "$@"
}

# refuses TITLE NAME SCRIPT TEXT: a copy of storage_account that sed has changed is found to be wrong, and how.
refuses() {
	rm -rf "$work/copy"
	cp -r "$srcdir/templates/storage_account" "$work/copy"
	chmod -R u+w "$work/copy"
	sed -i "$3" "$work/copy/$2"
	/usr/bin/python3 "$srcdir/tests/lint/schema.py" "$work/copy" \
		"$srcdir/tests/data/terraform-schema/storage_account.txt" > "$work/faults" 2>&1
	is "$1: is a fault" $? 1
	has "... that says which" "$work/faults" "$4"
}

formatted "$srcdir/templates"
formatted "$srcdir/tests/scripted/templates"

modules=0
for folder in "$srcdir"/templates/*/terraform; do
	folder=${folder%/terraform}
	agrees "$folder" "$srcdir/tests/data/terraform-schema/${folder##*/}.txt"
	modules=$((modules + 1))
done
ok "there are modules" test "$modules" -gt 0
for folder in "$srcdir"/tests/scripted/templates/*/terraform; do
	agrees "${folder%/terraform}"
done

# The check itself sees what it is for.
refuses "an argument that no provider has" terraform/main.tf \
	's/access_tier  /acces_tier  /' "azurerm_storage_account.acces_tier: is not in"
refuses "a block that none has" terraform/main.tf \
	'$s/}/  network {\n    rule "a" {}\n  }\n}/' "azurerm_storage_account.network: is not in"
refuses "a dynamic one" terraform/main.tf \
	'$s/}/  dynamic "net" {\n    for_each = []\n    content {\n      x = "}"\n    }\n  }\n}/' "azurerm_storage_account.net.x: is not in"
refuses "a variable that gets no value" terraform/variables.tf \
	'$a variable "more" { type = string }' "variable more: [terraform.values] does not give it"
refuses "a value without a variable" capability.toml \
	'/^\[terraform\.values\]/a more = "x"' "[terraform.values] more: the module has no such variable"
refuses "a variable of another type" terraform/variables.tf \
	's/= bool/= string/' "its type is string, not bool"
refuses "an output that nobody takes" terraform/outputs.tf \
	'$a output "more" { value = "x" }' "output more: [terraform.outputs] does not take it"
refuses "a price by what the module does not set" capability.toml \
	's/access_tier = "access_tier" }/access_tier = "tier" }/' "access_tier: the module sets no tier"
refuses "a resource without a price" capability.toml \
	's/^azurerm_storage_account = /azurerm_blob = /' "azurerm_storage_account.account: [terraform.planned] does not say"

done_testing
