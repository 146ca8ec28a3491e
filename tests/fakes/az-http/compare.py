"""Runs the same commands through the real az and through its stand-in, and compares what they say. Prints TAP.

Usage: compare.py REAL STAND-IN SOURCES FOLDER TEMPLATES

Each side has its own groups, and a side's name is a part of all names, so that it can be taken out again. Compared
are the exit status, stdout as JSON (without what is null, and without times and random ids), and the first line of
stderr; and the requests that the sandbox saw.
"""

import json
import os
import re
import subprocess
import sys

REAL, STAND_IN, SOURCES, FOLDER, TEMPLATES = sys.argv[1:]
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(SOURCES, "contrib", "azure-sandbox"))
from sandbox import daemon  # noqa: E402

STATE = daemon.require_state(os.environ["AZURE_SANDBOX_DIR"])
SUBSCRIPTION = os.environ["AZURE_SANDBOX_SUBSCRIPTION"]
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-SIDE"
NETWORK = f"{GROUP}/providers/Microsoft.Network/virtualNetworks/vnet-SIDE"
QUERY = "[].{id:id,tags:tags,state:provisioningState}"
OPERATIONS = ("[].{id:properties.targetResource.id,operation:properties.provisioningOperation,"
              "state:properties.provisioningState,time:properties.timestamp}")
VARYING = {"creationTime", "timestamp", "time", "duration", "correlationId", "templateHash", "createdTime",
           "changedTime"}

CREATE_GROUP = ["group", "create", "--name=rg-SIDE", "--location=eastus", "--tags", "a=1", "purser-objective=x"]
CREATE_ACCOUNT = ["storage", "account", "create", "--name=stSIDE", "--resource-group=rg-SIDE", "--location=eastus",
                  "--sku=Standard_LRS", "--kind=StorageV2", "--access-tier=Hot", "--https-only=true",
                  "--min-tls-version=TLS1_2", "--allow-blob-public-access=false", "--tags", "a=1"]
SHOW_ACCOUNT = ["storage", "account", "show", "--name=stSIDE", "--resource-group=rg-SIDE"]


def fault(kind, match, **more):
    return {"kind": kind, "match": match, **more}


def deploy(name):
    return ["deployment", "group", "create", "--resource-group=rg-SIDE", f"--name={name}", "--mode=Incremental",
            f"--template-file={TEMPLATES}/virtual_network/main.json", f"--parameters=@{FOLDER}/SIDE.json"]


# Title, fault (or None), command.
CASES = [
    ("account show", None, ["account", "show"]),
    ("group show, absent", None, ["group", "show", "--name=rg-SIDE"]),
    ("deployment, no group", None, deploy("d0")),
    ("group create", None, CREATE_GROUP),
    ("group create, refused by policy", fault("policy", "rg-SIDE$"), CREATE_GROUP),
    ("group show", None, ["group", "show", "--name=rg-SIDE"]),
    ("resource list, empty", None, ["resource", "list", "--resource-group=rg-SIDE", f"--query={QUERY}"]),
    ("account show, absent", None, SHOW_ACCOUNT),
    ("account create, throttled once", fault("throttle", "stSIDE$", times=1), CREATE_ACCOUNT),
    ("account create, its operation fails", fault("fail-async", "stSIDE$"), CREATE_ACCOUNT),
    ("account create, throttled without end", fault("throttle", "stSIDE$"), CREATE_ACCOUNT),
    ("account create, in conflict", fault("conflict-409", "stSIDE$"), CREATE_ACCOUNT),
    ("account create, answers dropped", fault("drop-after", "stSIDE$"), CREATE_ACCOUNT),
    ("account create", None, CREATE_ACCOUNT),
    ("account show", None, SHOW_ACCOUNT),
    ("deployment show, absent", None, ["deployment", "group", "show", "--resource-group=rg-SIDE", "--name=d1"]),
    ("deployment, quota found beforehand", fault("quota", "vnet-SIDE", preflight=True), deploy("d1")),
    ("deployment, check dropped", fault("drop-before", "rg-SIDE.*validate"), deploy("d1")),
    ("deployment, resource refused", fault("sku", "vnet-SIDE"), deploy("d1")),
    ("deployment, resource failed", fault("fail-async", "vnet-SIDE"), deploy("d1")),
    ("deployment, put refused", fault("authorization", "rg-SIDE.*deployments/d1$", method="PUT"), deploy("d1")),
    ("deployment, poll lost", fault("error-500", "rg-SIDE.*operationStatuses", times=4), deploy("d1")),
    ("deployment", None, deploy("d1")),
    ("deployment show", None, ["deployment", "group", "show", "--resource-group=rg-SIDE", "--name=d1"]),
    ("operations", None, ["deployment", "operation", "group", "list", "--resource-group=rg-SIDE", "--name=d1",
                          f"--query={OPERATIONS}"]),
    ("resource list", None, ["resource", "list", "--resource-group=rg-SIDE", f"--query={QUERY}"]),
    ("resource list, all of it", None, ["resource", "list", "--resource-group=rg-SIDE"]),
    ("resource show", None, ["resource", "show", f"--ids={NETWORK}"]),
    ("resource show, a child", None, ["resource", "show", f"--ids={NETWORK}/subnets/s"]),
    ("resource delete, refused", fault("authorization", "vnet-SIDE", method="DELETE"),
     ["resource", "delete", f"--ids={NETWORK}"]),
    ("resource delete", None, ["resource", "delete", f"--ids={NETWORK}"]),
    ("resource delete, absent", None, ["resource", "delete", f"--ids={NETWORK}"]),
    ("resource show, absent", None, ["resource", "show", f"--ids={NETWORK}"]),
    ("group delete, failed", fault("fail-async", "rg-SIDE$", method="DELETE"),
     ["group", "delete", "--name=rg-SIDE", "--yes"]),
    ("group delete", None, ["group", "delete", "--name=rg-SIDE", "--yes"]),
    ("group delete, absent", None, ["group", "delete", "--name=rg-SIDE", "--yes"]),
    ("resource delete, no group", None, ["resource", "delete", f"--ids={NETWORK}"]),
    ("unknown command", None, ["grape", "show"]),
]


def neutral(text, side):
    text = text.replace(side, "SIDE")
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|\b[0-9a-f]{32}\b", "UUID", text)


def simple(value):
    if isinstance(value, dict):
        return {name: "..." if name in VARYING else simple(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [simple(item) for item in value]
    # The CLI puts the names of types in capitals.
    return value.lower() if value in ("String", "Object", "Int", "Bool", "Array") else value


def run(side, program, wrong, command):
    words = [word.replace("SIDE", side) for word in command]
    daemon.call(STATE, "DELETE", "/faults")
    if wrong:
        daemon.call(STATE, "POST", "/faults", {**wrong, "match": wrong["match"].replace("SIDE", side)})
    before = len(daemon.call(STATE, "GET", "/journal"))
    done = subprocess.run([program, *words, "--output=json", "--only-show-errors"], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    requests = [(entry["method"], neutral(entry["path"], side).lower(), entry["status"])
                for entry in daemon.call(STATE, "GET", "/journal")[before:]
                if not entry["agent"].startswith("deployment")]
    # How often it looks at an operation is a matter of time.
    requests = [request for i, request in enumerate(requests) if i == 0 or request != requests[i - 1]
                or "operation" not in request[1]]
    out = simple(json.loads(neutral(done.stdout, side))) if done.stdout.strip() else None
    if command == ["account", "show"]:
        out = {name: out[name] for name in ("id", "name", "state", "isDefault")}
    first = neutral(done.stderr, side).split("\n")[0]
    if command[0] == "grape":
        first = first[:5]
    return {"status": done.returncode, "stdout": out, "stderr": first, "requests": requests}


for side in ("real", "fake"):
    values = {"name": f"vnet-{side}", "location": "eastus", "addressSpace": "10.0.0.0/16", "subnetName": "s",
              "subnetPrefix": "10.0.0.0/24", "tags": {"a": "1"}}
    with open(f"{FOLDER}/{side}.json", "w", encoding="utf-8") as file:
        json.dump({"parameters": {name: {"value": value} for name, value in values.items()}}, file)
failed = 0
for number, (title, wrong, command) in enumerate(CASES, 1):
    real = run("real", REAL, wrong, command)
    fake = run("fake", STAND_IN, wrong, command)
    print("ok" if real == fake else "not ok", number, "-", title, flush=True)
    failed += real != fake
    for name in real:
        if real[name] != fake[name]:
            print(f"# {name} of az:       {json.dumps(real[name])}\n# {name} of stand-in: {json.dumps(fake[name])}")
print(f"1..{len(CASES)}")
sys.exit(failed > 0)
