"""Asks az's own parser about commands, one a line on stdin. Prints those that it refuses, and why.

Usage: az-parse.py < COMMANDS. Exit status 0: none is refused; 77: there is no az whose parser could be asked.

Some distributions pack az with another version of Azure's libraries than it asks for. What they describe
are models and operations, which the parser takes as they are, so that the nearest version serves.
"""

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import io
import pkgutil
import re
import shlex
import sys


class Nearest(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads the newest version of a library that there is, where the one that is wanted is missing."""

    real = None

    def find_spec(self, name, path=None, target=None):
        wanted = re.match(r"(azure\.mgmt\.\w+)\.(v\d\w+)(.*)$", name)
        if not wanted:
            return None
        package = importlib.import_module(wanted[1])
        versions = sorted(m.name for m in pkgutil.iter_modules(package.__path__)
                          if m.name.startswith("v2") and "preview" not in m.name)
        if not versions or wanted[2] in versions:
            return None
        self.real = f"{wanted[1]}.{versions[-1]}{wanted[3]}"
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return importlib.import_module(self.real)

    def exec_module(self, module):
        pass


def parse(cli, argv):
    invocation = cli.invocation_cls(cli_ctx=cli, parser_cls=cli.parser_cls, commands_loader_cls=cli.commands_loader_cls,
                                    help_cls=cli.help_cls)
    cli.invocation = invocation
    invocation.commands_loader.load_command_table(argv)
    command = invocation._rudimentary_get_command(argv)
    invocation.data["command_string"] = command
    invocation.commands_loader.command_name = command
    # Here az adds what all commands have: --subscription.
    cli.raise_event("CommandInvoker.OnPreArgumentLoad", commands_loader=invocation.commands_loader)
    invocation.commands_loader.load_arguments(command)
    cli.raise_event("CommandInvoker.OnPostArgumentLoad", commands_loader=invocation.commands_loader)
    invocation.parser.cli_ctx = cli
    invocation.parser.load_command_table(invocation.commands_loader)
    invocation.parser.parse_args(argv)


def complaint(cli, line):
    said = io.StringIO()
    argv = shlex.split(line)
    if not argv or argv[0] != "az":
        return "is no command of az"
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parse(cli, argv[1:])
    except SystemExit:
        return said.getvalue().strip() or "is refused"
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    return None


def main():
    for folder in ("/usr/lib/python3/dist-packages", "/opt/az/lib/python3.11/site-packages"):
        sys.path.append(folder)
    sys.meta_path.append(Nearest())
    try:
        from azure.cli.core import get_default_cli
    except ImportError:
        sys.exit(77)
    cli = get_default_cli()
    refused = 0
    for line in sys.stdin:
        why = complaint(cli, line.strip())
        if why:
            refused += 1
            print(f"{line.strip()}: {why.splitlines()[0]}")
    sys.exit(1 if refused else 0)


main()
