"""The command line of the sandbox."""

import argparse
import json
import os
import sys

from . import daemon, faults, login, storm, tables
from .daemon import Problem


def storm_of(args):
    """The storm that the options ask for, or None."""
    if args.faults is None:
        return None
    try:
        return storm.Storm(args.faults, args.seed)
    except ValueError as error:
        raise Problem(str(error)) from None


def cmd_up(args):
    storm_of(args)
    state = daemon.start(args.script, args.dir, args.port, args.latency)
    try:
        path = login.write_environment(args.dir, state)
        if not args.no_login:
            login.log_in(args.dir, state)
        # Only now, so that the login goes well and is no part of what the seed reproduces.
        if args.faults is not None:
            daemon.call(state, "POST", "/storm", {"percent": args.faults, "seed": args.seed})
    except Problem:
        daemon.stop(args.dir)
        raise
    print(f"The sandbox runs at https://localhost:{state['port']} (pid {state['pid']}).")
    print(f"Use it:  . {path}")


def cmd_serve(args):
    daemon.serve(args.dir, args.port, args.latency, storm_of(args))


def cmd_down(args):
    print("The sandbox has ended." if daemon.stop(args.dir) else "No sandbox runs here.")


def cmd_status(args):
    state = daemon.read_state(args.dir)
    if state is None:
        print("not running")
        return 3
    answer = daemon.call(state, "GET", "/status")
    if args.json:
        print_json({**{name: state[name] for name in ("pid", "port", "control_port", "subscription")}, **answer})
    else:
        print(f"running at https://localhost:{state['port']} (pid {state['pid']}): {answer['groups']} groups, "
              f"{answer['resources']} resources, {answer['requests']} requests, {answer['faults']} faults")
    return 0


def show(path, as_table):
    """A command that prints one answer of the control server, as JSON or as a table."""
    def command(args):
        answer = daemon.call(daemon.require_state(args.dir), "GET", path)
        if args.json:
            print_json(answer)
        else:
            print("\n".join(as_table(answer)))
    return command


def cmd_counts(args):
    if args.faults:
        show("/applied", tables.applied)(args)
    else:
        show("/counts", tables.counts)(args)


def cmd_fault(args):
    state = daemon.require_state(args.dir)
    if args.action == "add":
        if not args.match or not args.kind:
            raise Problem("fault add needs --match and --kind")
        given = {name: getattr(args, name) for name in ("match", "method", "kind", "times", "after", "retry_after",
                                                        "delay", "code", "message", "probability", "seed",
                                                        "preflight")}
        answer = [daemon.call(state, "POST", "/faults", given)]
    elif args.action == "clear":
        answer = daemon.call(state, "DELETE", "/faults")
    else:
        answer = daemon.call(state, "GET", "/faults")
    if args.json:
        print_json(answer)
    elif args.action != "clear":
        print("\n".join(tables.fault_list(answer)))


def print_json(value):
    json.dump(value, sys.stdout, indent=2)
    print()


def make_parser():
    parser = argparse.ArgumentParser(prog="azure-sandbox", description="A simulated Azure for the real Azure CLI.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name, function, help_, with_json=True):
        command = commands.add_parser(name, help=help_, description=help_,
                                      formatter_class=argparse.RawTextHelpFormatter)
        default = os.environ.get("AZURE_SANDBOX_DIR")
        command.add_argument("--dir", default=default, required=default is None, metavar="DIR",
                             help="folder of the sandbox (default: AZURE_SANDBOX_DIR)")
        if with_json:
            command.add_argument("--json", action="store_true", help="print JSON")
        command.set_defaults(function=function)
        return command

    def add_server_options(command):
        command.add_argument("--port", type=int, default=0, help="port of the TLS server (default: a free one)")
        command.add_argument("--latency", type=float, default=0.2, metavar="SECONDS",
                             help="how long a long-running operation takes (default: 0.2)")
        command.add_argument("--faults", type=float, metavar="PERCENT",
                             help="faults of all kinds on this part of all requests, until \"fault clear\"")
        command.add_argument("--seed", type=int, default=1, metavar="N",
                             help="the same faults for the same seed (default: 1)")

    up = add("up", cmd_up, "start a sandbox and log the Azure CLI in to it", False)
    add_server_options(up)
    up.add_argument("--no-login", action="store_true", help="do not run az")
    add_server_options(add("serve", cmd_serve, "run a sandbox in the foreground, without login", False))
    add("down", cmd_down, "end the sandbox", False)
    add("status", cmd_status, "say whether the sandbox runs (exit status 3: it does not)")
    add("dump", show("/dump", tables.dump), "show what exists")
    counts = add("counts", cmd_counts, "show how often each resource was created, PUT and deleted")
    counts.add_argument("--faults", action="store_true", help="show how often each kind of fault was applied instead")
    add("journal", show("/journal", tables.journal), "show the requests so far")
    fault = add("fault", cmd_fault, "script faults")
    fault.add_argument("action", choices=["add", "list", "clear"])
    fault.add_argument("--match", metavar="REGEX", help="the paths it concerns")
    fault.add_argument("--kind", choices=list(faults.KINDS), metavar="KIND", help="\n".join(
        f"{name}: {kind.summary}" for name, kind in faults.KINDS.items()))
    fault.add_argument("--method", metavar="M[,M]", help="methods it concerns, or \"any\" (default: by kind)")
    fault.add_argument("--times", type=int, metavar="N", help="how often (default: always)")
    fault.add_argument("--after", type=int, metavar="N", help="let the first N matching requests pass")
    fault.add_argument("--retry-after", type=int, metavar="SECONDS", help="send this Retry-After header")
    fault.add_argument("--delay", type=float, metavar="SECONDS", help="for slow (default: 2)")
    fault.add_argument("--code", help="another error code; for fail-async the default is AllocationFailed")
    fault.add_argument("--message", help="another message")
    fault.add_argument("--preflight", action="store_true",
                       help="for resources in templates: found when the template is checked, before anything is made")
    fault.add_argument("--probability", type=float, metavar="P", help="apply it to this part (0 to 1) of the requests")
    fault.add_argument("--seed", type=int, help="makes --probability repeat itself")
    return parser


def main(script):
    """Run a command. Exit status 0: done, 1: a problem, 2: wrong usage, 3: not running (status)."""
    args = make_parser().parse_args()
    args.script = script
    args.dir = os.path.abspath(args.dir)
    try:
        return args.function(args) or 0
    except Problem as problem:
        print(f"azure-sandbox: {problem}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stderr.close()
        return 1
