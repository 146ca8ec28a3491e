"""Writes a batch file: clusters of five objectives that need one another. Usage: batch.py NAME OBJECTIVES

	group  <-  net  <-  vm
	       <-  store-a  <-  store-b		and every third group needs the net of the one before

Each deployment is the only one of its step in its group: so a request has the same name in every run, though the ids
of objectives are random, and meets the same faults for the same seed.
"""

import sys

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPurserExampleKeyPurserExampleKeyPurserExample purser-example"


def objective(name, capability, group, needs=(), **parameters):
    lines = ["[[objective]]", f'name = "{name}"', f'capability = "{capability}"', 'region = "eastus"',
             f'resource_group = "{group}"']
    if needs:
        lines.append("depends_on = [" + ", ".join(f'"{need}"' for need in needs) + "]")
    if parameters:
        lines.append("parameters = { " + ", ".join(f'{key} = "{value}"' for key, value in parameters.items()) + " }")
    return "\n".join(lines) + "\n"


def cluster(batch, number):
    group = f"rg-{batch}-{number}"
    before = [f"net-{number - 1}"] if number % 3 == 2 else []
    return [
        objective(f"group-{number}", "resource_group", group, before),
        objective(f"net-{number}", "virtual_network", group, [f"group-{number}"]),
        objective(f"store-a-{number}", "storage_account", group, [f"group-{number}"]),
        objective(f"vm-{number}", "linux_vm", group, ssh_public_key=KEY,
                  subnet_id=f"${{net-{number}.outputs.subnet_id}}"),
        objective(f"store-b-{number}", "storage_account", group, [f"store-a-{number}"]),
    ]


def main():
    batch, wanted = sys.argv[1], int(sys.argv[2])
    print(f'batch = "{batch}"\n')
    objectives = []
    while len(objectives) < wanted:
        objectives += cluster(batch, len(objectives) // 5 + 1)
    print("\n".join(objectives[:wanted]))


main()
