#!/usr/bin/python3
"""Holds a capability's terraform module against what it says of itself.

schema.py FOLDER [SCHEMA]

FOLDER/terraform/*.tf is read; SCHEMA (tests/data/terraform-schema/NAME.txt) has the
arguments and blocks that the providers' pages document, a line each: "TYPE PATH".
Prints a line for each fault, and ends with 1 if there is one.
"""

import pathlib
import re
import sys
import tomllib

# Of every resource, whatever its provider.
META = {"count", "for_each", "lifecycle", "depends_on", "provider", "provisioner", "connection", "timeouts"}
WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
OPEN, CLOSE = "([{", ")]}"


class Reader:
    """HCL, as far as a module's bodies: blocks, and arguments with their text."""

    def __init__(self, path):
        self.path, self.text, self.at = path, path.read_text(encoding="utf-8"), 0

    def fail(self, what):
        line = self.text.count("\n", 0, self.at) + 1
        raise SystemExit(f"{self.path}:{line}: {what}")

    def starts(self, *texts):
        return any(self.text.startswith(t, self.at) for t in texts)

    def skip_comment(self):
        end = "*/" if self.starts("/*") else "\n"
        found = self.text.find(end, self.at)
        self.at = len(self.text) if found < 0 else found + (2 if end == "*/" else 0)

    def skip_space(self, spaces=" \t\r\n"):
        while self.at < len(self.text):
            if self.starts("#", "//", "/*"):
                self.skip_comment()
            elif self.text[self.at] in spaces:
                self.at += 1
            else:
                return

    def skip_string(self):
        """A quoted text with all that is nested in its ${ } and %{ }."""
        self.at += 1
        while not self.starts('"'):
            if self.at >= len(self.text):
                self.fail("a string has no end")
            if self.starts("\\", "$${", "%%{"):
                self.at += 2 if self.starts("\\") else 3
            elif self.starts("${", "%{"):
                self.at += 1
                self.skip_nested()
            else:
                self.at += 1
        self.at += 1

    def skip_nested(self):
        """From an opening bracket to after the one that closes it."""
        depth = 0
        while self.at < len(self.text):
            c = self.text[self.at]
            if c == '"':
                self.skip_string()
                continue
            if self.starts("#", "//", "/*"):
                self.skip_comment()
                continue
            depth += (c in OPEN) - (c in CLOSE)
            self.at += 1
            if depth == 0:
                return
        self.fail("a bracket is not closed")

    def expression(self):
        start = self.at
        while self.at < len(self.text) and self.text[self.at] not in "\n}":
            if self.starts("<<"):
                self.fail("heredocs are not read here")
            if self.text[self.at] == '"':
                self.skip_string()
            elif self.text[self.at] in OPEN:
                self.skip_nested()
            elif self.starts("#", "//", "/*"):
                self.skip_comment()
            else:
                self.at += 1
        return self.text[start : self.at].strip()

    def word(self):
        found = WORD.match(self.text, self.at)
        if not found:
            self.fail("expected a name")
        self.at = found.end()
        return found.group()

    def body(self, is_file=False):
        """[(name, labels, body)] of blocks, [(name, None, text)] of arguments."""
        items = []
        while True:
            self.skip_space()
            if self.at >= len(self.text):
                if not is_file:
                    self.fail("a block has no end")
                return items
            if self.starts("}"):
                self.at += 1
                return items
            items.append(self.item())

    def item(self):
        name, labels = self.word(), []
        self.skip_space(" \t")
        if self.starts("="):
            self.at += 1
            self.skip_space(" \t")
            return name, None, self.expression()
        while not self.starts("{"):
            if self.starts('"'):
                start = self.at
                self.skip_string()
                labels.append(self.text[start + 1 : self.at - 1])
            else:
                labels.append(self.word())
            self.skip_space(" \t")
        self.at += 1
        return name, labels, self.body()


def blocks(module, kind):
    return [(labels, body) for name, labels, body in module if name == kind and labels is not None]


def argument(body, name):
    return next((text for n, labels, text in body if n == name and labels is None), None)


def paths(body, before=""):
    """All arguments and blocks of a resource as PATHs."""
    for name, labels, content in body:
        if not before and name in META:
            continue
        if name == "dynamic":
            name = labels[0]
            content = next(b for n, _, b in content if n == "content")
            labels = []
        yield before + name
        if labels is not None:
            yield from paths(content, before + name + ".")


def check_arguments(module, schema):
    lines = schema.read_text(encoding="utf-8").splitlines()
    known = {tuple(line.split()) for line in lines if line and not line.startswith("#")}
    if not any(line.startswith("# ") for line in lines):
        yield f"{schema}: says nothing of its source"
    used = set()
    for kind in ("resource", "data"):
        for labels, body in blocks(module, kind):
            used |= {(labels[0], path) for path in paths(body)}
    for row in sorted(used - known):
        yield "{}.{}: is not in the provider's documentation".format(*row)
    for row in sorted(known - used):
        yield f"{schema}: no module uses " + ".".join(row)


def type_wanted(capability, value):
    """The type of the variable that VALUE of [terraform.values] is for, as a pattern."""
    if not isinstance(value, str):
        return {bool: "bool", int: "number", float: "number", list: r"(list|tuple|set)\b.*"}.get(type(value), ".*")
    whole = re.fullmatch(r"\{(\w+)\}", value)
    if not whole:
        return "string"
    if whole[1] == "tags":
        return r"map\(string\)"
    parameter = capability.get("parameters", {}).get(whole[1], {"type": "string"})
    types = {"string": "string", "boolean": "bool", "integer": "number", "number": "number", "array": r"(list|set)\b.*"}
    return types.get(parameter["type"], ".*")


def is_secret(capability, value):
    whole = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
    return bool(whole and capability.get("parameters", {}).get(whole[1], {}).get("secret"))


def check_variables(module, capability):
    values = capability["terraform"].get("values", {})
    variables = {labels[0]: body for labels, body in blocks(module, "variable")}
    for name in sorted(values.keys() - variables.keys()):
        yield f"[terraform.values] {name}: the module has no such variable"
    for name in sorted(variables.keys() - values.keys()):
        yield f"variable {name}: [terraform.values] does not give it"
    for name in sorted(variables.keys() & values.keys()):
        kind, wanted = argument(variables[name], "type") or "", type_wanted(capability, values[name])
        if not re.fullmatch(wanted, kind, re.DOTALL):
            yield f"variable {name}: its type is {kind or 'not told'}, not {wanted}"
        secret = is_secret(capability, values[name])
        if secret != (argument(variables[name], "sensitive") == "true"):
            yield f"variable {name}: its parameter is {'' if secret else 'not '}secret"


def check_outputs(module, capability):
    told = capability["terraform"].get("outputs", {})
    outputs = {labels[0] for labels, _ in blocks(module, "output")}
    for name in sorted(set(told.values()) - outputs):
        yield f"[terraform.outputs] {name}: the module has no such output"
    for name in sorted(outputs - set(told.values())):
        yield f"output {name}: [terraform.outputs] does not take it"
    for name in sorted(capability.get("outputs", {}).keys() ^ told.keys()):
        yield f"output {name}: is not both in [outputs] and in [terraform.outputs]"


def named(key, blocks_there):
    """The blocks (type, name) that KEY of [terraform.planned], "TYPE" or "TYPE.NAME", means."""
    return {block for block in blocks_there if key in (block[0], ".".join(block))}


def check_planned(module, capability):
    planned = capability["terraform"].get("planned")
    if planned is None:
        return
    there = {tuple(labels): set(paths(body)) for labels, body in blocks(module, "resource")}
    for block in sorted(there):
        if not any(block in named(key, there) for key in planned):
            yield f"{'.'.join(block)}: [terraform.planned] does not say what it costs"
    for key, attributes in planned.items():
        meant = named(key, there)
        if not meant:
            yield f"[terraform.planned] {key}: the module has no such resource"
        for name, text in attributes.items():
            for path in re.findall(r"\{([^}]*)\}", text) or [text]:
                path = re.sub(r"\[\d+\]", "", path)
                if path != "#" and not all(path in there[block] for block in meant):
                    yield f"[terraform.planned] {key}.{name}: the module sets no {path}"


def main():
    folder = pathlib.Path(sys.argv[1])
    with open(folder / "capability.toml", "rb") as f:
        capability = tomllib.load(f)
    module = []
    for path in sorted((folder / capability["terraform"].get("folder", "terraform")).glob("*.tf")):
        module += Reader(path).body(is_file=True)
    faults = list(check_variables(module, capability)) + list(check_outputs(module, capability))
    if len(sys.argv) > 2:
        faults += check_planned(module, capability)
        faults += check_arguments(module, pathlib.Path(sys.argv[2]))
    print("\n".join(faults))
    sys.exit(bool(faults))


main()
