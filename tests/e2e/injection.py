#!/usr/bin/python3
"""Gives nasty values to every string parameter of a capability.

injection.py FOLDER WORK [apply]

Each is either refused, or stands in the plan inside one argument that begins with a
fixed option, or as a JSON value; never by itself where an option may stand, and never
in the text of a module. With "apply" what is not refused is applied too, and stands as it was
given in the state. Prints "REFUSED PLANNED" and then a line for each fault.
"""

import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tomllib

NASTY = [
    "$(touch x)",
    "`id`",
    "; rm -rf",
    "--help",
    "-x",
    "@file",
    "${var.x}",
    "$${var.x}",
    "%{ for }",
    '"}\nresource "x" "y" {',
    "\nsecond line",
    "\x01\x1b[31m\x7f\t",
    "{work}",
    "{run}",
    "{resource}",
    "{region}",
    "{tags...}",
    "x" * 100000,
    "é€\u202e😀",
    "'; '\" \\",
    " ",
    "../../x",
    "a=b --tags c",
    "*",
]
# What is good for parameters that must be given, or that can be given only so.
GOOD = {
    "ssh_public_key": "ssh-ed25519 AAAA",
    "subnet_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/n/subnets/s",
    "security_group_id": "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n",
    "admin_password": "env:SECRET",
}
CONTEXT = ["region", "resource_group", "subscription", "label"]
OPTION = re.compile(r"--[a-z][a-z-]*=")
# "--tags" is followed by them; a key is the objective's tag or checked like a name.
TAG = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*=")


def quoted(value):
    if isinstance(value, list):
        return "[" + ", ".join(map(quoted, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


class Capability:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        with open(self.folder / "capability.toml", "rb") as f:
            self.table = tomllib.load(f)
        self.name = self.table["name"]
        self.parameters = self.table.get("parameters", {})
        self.strategies = [s for s in ("azure_cli", "terraform") if s in self.table]
        self.good = {
            name: GOOD[name] for name, p in self.parameters.items() if name in GOOD and "default" not in p
        }

    def cases(self):
        """(strategy, parameter, value, nasty); the good ones first, without a parameter."""
        for strategy in self.strategies:
            yield strategy, None, None, None
        for strategy in self.strategies:
            for name in list(self.parameters) + CONTEXT:
                kind = self.parameters.get(name, {"type": "string"})["type"]
                good = GOOD.get(name) or self.parameters.get(name, {}).get("default") or "good"
                for nasty in NASTY if kind in ("string", "array") else []:
                    for value in (nasty, str(good) + nasty) if kind == "string" else ([nasty], ["10.0.0.0/24" + nasty]):
                        yield strategy, name, value, nasty

    def objective(self, number, case):
        """Always of as many lines, so that a fault's place tells whose it is."""
        strategy, parameter, value, _ = case
        context = {"region": "eastus", "resource_group": "rg", "subscription": "s", "label": "l"}
        parameters = dict(self.good)
        (context if parameter in context else parameters)[parameter] = value
        parameters.pop(None, None)
        return "\n".join(
            (
                "[[objective]]",
                f'name = "o{number}"',
                f'capability = "{self.name}"',
                f'strategy = "{strategy}"',
                f"region = {quoted(context['region'])}",
                f"resource_group = {quoted(context['resource_group'])}",
                f"subscription = {quoted(context['subscription'])}",
                f"labels = {{ team = {quoted(context['label'])} }}",
                "parameters = { " + ", ".join(f"{n} = {quoted(v)}" for n, v in parameters.items()) + " }",
            )
        )


LINES = 9


def purser(*words):
    return subprocess.run([os.environ["PURSER"], *map(str, words)], capture_output=True, encoding="utf-8")


def planned(capability, work):
    """What is not refused: {index of the case: its plan}, the cases, and the file that they are in."""
    cases = list(capability.cases())
    left = list(range(len(cases)))
    path = pathlib.Path(work) / f"{capability.name}.toml"
    while True:
        path.write_text("\n".join(capability.objective(i, cases[i]) for i in left) + "\n", encoding="utf-8")
        run = purser("plan", path, "--batch=b", "--json")
        if run.returncode == 0:
            plans = {int(p["name"][1:]): p["plan"] for p in json.loads(run.stdout)}
            return cases, plans, path
        if run.returncode != 2:
            print("0 0", flush=True)
            sys.exit(f"{capability.name}: exit status {run.returncode}: {run.stderr[-2000:]}")
        places = {(int(n) - 1) // LINES for n in re.findall(r"\.toml:(\d+):", run.stderr)}
        names = {left.index(int(n)) for n in re.findall(r"\bo(\d+)\b", run.stderr) if int(n) in left}
        gone = {left[i] for i in places | names if i < len(left)}
        if not gone:
            print("0 0", flush=True)
            sys.exit(f"{capability.name}: refused, and nobody knows why: {run.stderr[-2000:]}")
        left = [i for i in left if i not in gone]


def argvs(step):
    for act in ("run", "collect", "guard", "undo", "prove"):
        yield step.get(act, [])
    yield from step.get("checks", [])


def options(plan):
    return {e.split("=")[0] for s in plan["steps"] for argv in argvs(s) for e in argv if e.startswith("-")}


def check_argv(argv, nasty, known):
    for element in argv:
        if element.startswith("-") and element.split("=")[0] not in known:
            yield f"the option {element!r:.80}"
        if nasty in element and len(nasty) > 1 and not OPTION.match(element) and not TAG.match(element):
            yield f"the argument {element!r:.80}"


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def check_workspace(capability, workspace, parameter, value):
    folder = capability.folder / capability.table["terraform"].get("folder", "terraform")
    for name, content in workspace.items():
        if name.endswith(".tf") and content != (folder / name).read_text(encoding="utf-8"):
            yield f"{name} is not as it was written"
        if not isinstance(content, (str, bool)) and not name.endswith(".tfvars.json"):
            yield f"{name} is no file of values"
    given = workspace["terraform.tfvars.json"]
    if parameter == "region":  # "East US" is eastus, for every strategy.
        value = value.replace(" ", "").lower()
    for variable, source in capability.table["terraform"].get("values", {}).items():
        if source == f"{{{parameter}}}" and variable in given and given[variable] != value:
            yield f"the variable {variable} is {given[variable]!r:.80}"
    if parameter == "label" and given.get("tags", {}).get("team", value) != value:
        yield "the label is another"


def check(capability, case, plan, known):
    strategy, parameter, value, nasty = case
    stands = False
    for step in plan["steps"]:
        for argv in argvs(step):
            yield from check_argv(argv, nasty, known[strategy])
            stands = stands or any(nasty in element for element in argv)
        stands = stands or any(nasty in s for s in strings([step.get("files"), step.get("workspace")]))
        if "workspace" in step:
            yield from check_workspace(capability, step["workspace"], parameter, value)
    stands = stands or (parameter == "region" and nasty.isspace())
    used = re.search(r"\{%s\}" % re.escape(parameter), json.dumps(capability.table[strategy]))
    if used and not stands:
        yield "it is nowhere in the plan"


def check_text(path, plans):
    """What people see, and may paste into a shell."""
    text = purser("plan", path, "--batch=b").stdout
    if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text):
        yield "the plan for people holds control characters"
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line and not line.startswith("#")]
    wanted = [step["run"] for made in plans.values() for step in made["steps"]]
    if [shlex.split(line) for line in lines] != wanted:
        yield "the plan for people says something else"


def check_applied(path, cases, plans):
    """What the module was given stands in its state."""
    done = purser("submit", path, "--batch=b").returncode, purser("run").returncode
    if done != (0, 0):
        yield "submit and run ended with {} and {}".format(*done)
        return
    for index in plans:
        _, parameter, value, _ = cases[index]
        shown = json.loads(purser("show", f"b/o{index}", "--json").stdout)
        state = pathlib.Path(os.environ["PURSER_STATE_DIR"]) / "work" / shown["id"] / "terraform.tfstate"
        made = json.loads(state.read_text(encoding="utf-8"))["resources"][0]["instances"][0]["attributes"]["input"]
        words = {"word": shown["outputs"]["word"], "label": made["value"]["tags"]["team"]}
        if made["value"]["word"] != shown["outputs"]["word"] or words.get(parameter, value) != value:
            yield f"{parameter} = {value!r:.60} has become {words}"


def main():
    capability = Capability(sys.argv[1])
    os.environ["PURSER_TEMPLATES"] = str(capability.folder.parent)
    cases, plans, path = planned(capability, sys.argv[2])
    faults = list(check_text(path, plans))
    known = {}
    for index, strategy in enumerate(capability.strategies):
        if index in plans:
            known[strategy] = options(plans.pop(index))
        else:
            faults.append(f"{strategy}: what is good is refused")
    for index, made in plans.items():
        for fault in check(capability, cases[index], made, known):
            faults.append("{}: {} = {!r:.60}: ".format(*cases[index]) + fault)
    if "apply" in sys.argv[3:]:
        faults += check_applied(path, cases, plans)
    print(len(cases) - len(plans) - len(known), len(plans))
    print("\n".join(faults))
    sys.exit(bool(faults))


main()
