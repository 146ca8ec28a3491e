"""Runners that spend under limits that bind, and are killed at random; then all of it is taken down again.

Usage: spend.py PURSER SEED SECONDS RUNNERS FOLDER WORLD

The world is that of tests/scripted/cloud, with faults of every kind. While it goes on limits change, grants are made
and end, people approve, retry, destroy and cancel. At random moments and at the end:

	purser budget verify, purser audit verify, and tests/scripted/ledger.py check
	what exists in the world belongs to an objective with an open reservation

and at the end, by the audit log: no admission took a scope over the limit in force then; once everything is destroyed
no scope holds anything. What went wrong is told, with exit status 1; the last line is for information.
"""

import collections
import json
import os
import random
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "scripted"))
import ledger  # noqa: E402

PURSER, SEED, SECONDS, RUNNERS, FOLDER, WORLD = sys.argv[1:7]
STATE, CONFIG = os.environ["PURSER_STATE_DIR"], os.environ["PURSER_CONFIG"]
GROUPS, TEAMS = ("alpha", "beta", "gamma"), ("ml", "web")
SCOPES = ["global", *(f"group:{g}" for g in GROUPS), *(f"label:team={t}" for t in TEAMS)]
SIZES = {"Standard_B1ls": 1, "Standard_B1s": 4, "Standard_B2s": 3, "Standard_D2s_v5": 2, "Standard_ND999_v9": 0.3}
BATCHES, OBJECTIVES = 10, 24
FAILED_ITSELF = 5
chance = random.Random(int(SEED))
wrong = []
counts = collections.Counter()


def purser(*words, may_fail=True):
    done = subprocess.run([PURSER, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    if done.returncode == FAILED_ITSELF or done.returncode < 0 or (done.returncode and not may_fail):
        wrong.append(f"purser {' '.join(words)}: {done.returncode} {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout


def listed(*words):
    return json.loads(purser("list", "--all", "--json", *words, may_fail=False) or "[]")


# ---- what there is to do ----

FAULTS = (  # how often, for which call, what it does
    (30, "", ""),
    (8, "cloud.run.{}.1", 'refuse ServiceUnavailable "Later."'),
    (8, "cloud.run.{}.1", "effect; doubt"),
    (8, "cloud.run.{}.1", "doubt"),
    (5, "cloud.run.{}.1", "die"),
    (5, "cloud.run.{}.1", "effect; die"),
    (8, "cloud.run.{}", 'refuse AuthorizationFailed "No."'),
    (20, "cloud.run.{}.1", 'refuse SkuNotAvailable "Not here."'),
    (3, "cloud.run.{}", 'refuse AllocationFailed "No room."'),
    (5, "cloud.run.{}", "sleep 1"),
    (4, "cloud.check.{}", '[ "$calls" -eq 1 ] || { echo "ERROR: Connection aborted." >&2; quit 1; }'),
)
FAULTS_OF_TWO = (
    (25, "az.run.az-{}", 'refuse OperationNotAllowed "Not here."'),
    (25, "az.run.az-{}-ground", 'refuse OperationNotAllowed "Not here."'),
    (10, "az.run.az-{}.1", 'effect; echo "ERROR: Connection aborted." >&2; quit 1'),
    (10, "az.run.az-{}.1", 'echo "ERROR: Connection aborted." >&2; quit 1'),
    (10, "az.run.az-{}", 'refuse QuotaExceeded "The quota is exceeded."'),
    (10, "az.undo.az-{}-ground", 'refuse ScopeLocked "The scope is locked."'),
)


def choose(rows):
    return chance.choices(rows, [row[0] for row in rows])[0]


def fault(name, rows):
    _, call, text = choose(rows)
    if call:
        with open(os.path.join(WORLD, "faults", call.format(name)), "w", encoding="utf-8") as file:
            file.write(text + "\n")


def submit(batch):
    lines = []
    for i in range(OBJECTIVES):
        name = f"{batch}-{i}"
        capability = chance.choices(("priced", "priced_either", "thing"), (6, 3, 1))[0]
        lines += ["[[objective]]", f'name = "{name}"', f'capability = "{capability}"']
        fault(name, FAULTS)
        if capability == "priced_either":
            fault(name, FAULTS_OF_TWO)
        if capability != "thing":
            size = chance.choices(list(SIZES), list(SIZES.values()))[0]
            others = chance.sample([other for other in SIZES if other != size], chance.choice((0, 1, 2, 3)))
            if others:
                lines.append(f"alternatives = {json.dumps(others)}")
            lines += ['region = "eastus"', f'parameters = {{ size = "{size}", count = {chance.choice((1, 1, 1, 2, 3))} }}']
        group = chance.choice(GROUPS)
        lines.append(f'resource_group = "{chance.choice((group, group.upper()))}"')
        if chance.random() < 0.7:
            lines.append(f'labels = {{ team = "{chance.choice(TEAMS)}" }}')
        if i > 2 and chance.random() < 0.4:
            lines.append(f'depends_on = ["{batch}-{chance.randrange(i)}"]')
    path = os.path.join(FOLDER, f"{batch}.toml")
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    purser("submit", "--batch", batch, path, may_fail=False)


def write_limits(loose=False):
    """Another file in its place at once, as an editor would."""
    amount = lambda *of: 1000000 if loose else chance.choice(of)
    text = ['[azure]', 'subscription = "fake"', '[run]', 'lease = "2s"',
            '[retry]', 'delay = "50ms"', 'max_delay = "500ms"',
            '[budget]', f'monthly_limit = {amount(300, 500, 700, "499.99")}', f'daily_limit = {amount(12, 20, 30)}',
            f'approval_above = {amount(60, 100, 1000)}', '[budget.resource_groups]',
            *(f'{group} = {amount(80, 150, 300)}' for group in GROUPS), '[budget.labels.team]',
            *(f'{team} = {amount(100, 200, "250.5")}' for team in TEAMS)]
    with open(CONFIG + ".next", "w", encoding="utf-8") as file:
        file.write("\n".join(text) + "\n")
    os.rename(CONFIG + ".next", CONFIG)


# ---- who does it ----

class Runner:
    def __init__(self, number):
        self.log = os.path.join(FOLDER, f"runner-{number}.log")
        self.words = ["--watch"] if number % 2 else ["--wait", "5s"]
        self.start()

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([PURSER, "run", "--jobs", "2", *self.words],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def look(self):
        """Starts it again where it has come to its end."""
        status = self.process.poll()
        if status is None:
            return
        if status < 0 or status == FAILED_ITSELF:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                wrong.append(f"a runner ended with {status}: {' / '.join(log.read().splitlines()[-4:])}")
        self.start()

    def kill(self):
        self.process.kill()
        self.process.wait()


# ---- what must hold ----

def things():
    """What exists: path -> (identity, id of its objective)."""
    found = {}
    for entry in os.scandir(os.path.join(WORLD, "things")):
        try:
            with open(entry.path, encoding="utf-8") as file:
                owner = file.read().strip()
            found[entry.name] = (entry.stat().st_ino, entry.stat().st_mtime_ns, owner)
        except FileNotFoundError:
            pass
    return found


def look_at_money():
    before = things()
    books = ledger.Ledger(STATE)
    after = things()
    # What was there all the time, and not only at its beginning and its end.
    for name, thing in before.items():
        if after.get(name) == thing and thing[2] and not books.of(thing[2]):
            wrong.append(f"{name} exists, and its objective {thing[2]} has no money")
    wrong.extend(ledger.check_prefixes(books))
    wrong.extend(ledger.check_totals(books))
    wrong.extend(ledger.check_objectives(books))
    counts["looks"] += 1
    return books


def look():
    look_at_money()
    for command in (("budget", "verify"), ("audit", "verify")):
        purser(*command, may_fail=False)


# ---- the storm ----

def some(state):
    found = listed("--state", state)
    return [o["id"] for o in chance.sample(found, min(len(found), 3))]


def kill(runners):
    for runner in chance.sample(runners, chance.choice((1, 1, 2, 4, len(runners)))):
        runner.kill()
        runner.start()
        counts["kills"] += 1


def approve(_):
    for id_ in some("held"):
        purser(*chance.choice((("approve", id_, "--by", "Ann"), ("approve", id_, "--by", "Ann", "--amount", "150"),
                               ("approve", id_, "--by", "Ann", "--until", "+1s"), ("reject", id_, "--by", "Bob"))))


def each(command, state):
    for id_ in some(state):
        purser(command, id_)


def grant(_):
    purser("budget", "grant", "--scope", chance.choice(SCOPES), "--amount", str(chance.choice((10, 50, 120))),
           "--until", chance.choice(("+1s", "+5s", "+1h")), "--by", "Ann", "--reason", "torture",
           *chance.choice(((), (), ("--daily",))), may_fail=True)


ACTIONS = (
    (40, kill),
    (10, lambda _: write_limits()),
    (10, lambda _: each("retry", "failed")),
    (12, lambda _: each("destroy", "succeeded")),
    (4, lambda _: each("cancel", "queued")),
    (6, grant),
    (8, approve),
    (12, lambda _: look()),
)


def storm():
    write_limits()
    submit("b0")
    submitted = 1
    runners = [Runner(number) for number in range(int(RUNNERS))]
    begin, seconds = time.monotonic(), float(SECONDS)
    while time.monotonic() - begin < seconds and len(wrong) < 20:
        time.sleep(chance.uniform(0, 0.5))
        if submitted < BATCHES and time.monotonic() - begin > seconds * 0.7 * submitted / BATCHES:
            submit(f"b{submitted}")
            submitted += 1
        for runner in runners:
            runner.look()
        choose(ACTIONS)[1](runners)
        counts["events"] += 1
    for runner in runners:
        runner.kill()


# ---- the end ----

def settle_doubts():
    """People go and see: what is there has happened."""
    for objective in listed("--state", "held"):
        shown = json.loads(purser("show", objective["id"], "--json"))
        if any(hold["reason"] == "in_doubt" for hold in shown["holds"]):
            there = f"/world/{shown['name']}" if shown["name"] in things() else None
            purser("resolve", objective["id"], *(("--happened", "--resource", there) if there else ("--not-happened",)))


def quiet():
    for _ in range(3):
        purser("run", "--jobs", "8", "--wait", "20s")
        settle_doubts()
        if not listed("--state", "queued") + listed("--state", "running"):
            return


def take_down():
    for name in os.listdir(os.path.join(WORLD, "faults")):
        os.unlink(os.path.join(WORLD, "faults", name))
    write_limits(loose=True)
    quiet()
    look()
    for number in range(BATCHES):
        purser("destroy", "--batch", f"b{number}")
    quiet()
    books = look_at_money()
    wrong.extend(f"{scope} still has {ledger.text_of(books.total(scope))}" for scope in books.scopes if books.total(scope))
    wrong.extend(f"{name} still exists" for name in things())
    wrong.extend(f"objective {o['name']} is {o['state']}" for o in listed() if o["state"] not in ("destroyed", "cancelled"))
    return books


def main():
    storm()
    look()
    states = collections.Counter(o["state"] for o in listed())
    books = take_down()
    look()
    path = os.path.join(FOLDER, "audit.jsonl")
    with open(path, "w", encoding="utf-8") as file:
        file.write(purser("audit", "show", "--json", "--limit", "100000", may_fail=False))
    wrong.extend(ledger.check_audit(books, path))
    events = collections.Counter(row["event"] for row in books.rows)
    refused = sum('"event":"budget.refused"' in line for line in open(path, encoding="utf-8"))
    rules = sum('"event":"budget.rules"' in line for line in open(path, encoding="utf-8"))
    if not refused or counts["kills"] < 10 or not events["settled"]:
        wrong.append("too little happened to prove anything")
    print("\n".join(dict.fromkeys(wrong)), end="\n" if wrong else "")
    print(f"{counts['kills']} kills, {counts['looks']} looks; after the storm {dict(states)}; ledger {dict(events)}; "
          f"{refused} refused, {rules} times other rules")
    sys.exit(bool(wrong))


main()
