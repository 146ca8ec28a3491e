"""Recomputes the money from the rows of the store, without purser: a second opinion.

Usage: ledger.py check STATE [AUDIT]	everything below; tells what is wrong and exits with 1 then
       ledger.py total STATE SCOPE	what is reserved and committed there, a month
       ledger.py events STATE OBJECTIVE	the ledger's rows of one objective: "held 7.592, committed 7.592"

What is checked, in one transaction of the store:
	at each row of the ledger the totals that it tells are the sums of all rows up to it;
	at each row that raises an amount no scope is above the limit that the row tells;
	the totals of the scopes are the sums of the open reservations, and those of the ledger;
	the states of the objectives and of what they built go with their money;
	of AUDIT ("purser audit show --json"): its records tell what the ledger tells, in the same order, and no
	admission took a scope over the limit that the last budget.rules and the grants in force then gave it.
"""

import collections
import json
import os
import sqlite3
import sys
from fractions import Fraction

NANO = 10 ** 9
MONTH_HOURS = 730
OPEN = ("held", "committed")
COLUMN = {"held": "reserved", "committed": "committed"}


def nanos(text):
    """An exact decimal text as nano-units."""
    whole, _, part = text.partition(".")
    assert len(part) <= 9 and (whole + part).isdigit(), text
    return int(whole) * NANO + int(part.ljust(9, "0") or 0)


def text_of(amount):
    whole, part = divmod(amount, NANO)
    return f"{whole}.{part:09d}".rstrip("0").ljust(len(str(whole)) + 3, "0")


class Ledger:
    """One moment of the store."""

    def __init__(self, state):
        db = sqlite3.connect(f"file:{os.path.join(state, 'purser.db')}?mode=ro", uri=True, isolation_level=None,
                             timeout=30)
        db.row_factory = sqlite3.Row
        db.execute("BEGIN")
        read = lambda sql: db.execute(sql).fetchall()
        self.objectives = {row["seq"]: row for row in read("SELECT seq, id, batch_id, name, state FROM objectives")}
        self.reservations = {row["seq"]: row for row in read("SELECT * FROM reservations ORDER BY seq")}
        self.rows = read("SELECT * FROM ledger ORDER BY number")
        self.scopes = {row["name"]: row for row in read("SELECT * FROM scopes")}
        self.counted = collections.defaultdict(set)
        for row in read("SELECT rs.reservation, s.name FROM reservation_scopes rs JOIN scopes s ON s.id = rs.scope"):
            self.counted[row["reservation"]].add(row["name"])
        self.grants = {row["number"]: row for row in read("SELECT * FROM grants")}
        self.standing = {row["objective"] for row in
                         read("SELECT DISTINCT objective FROM resources WHERE state IN ('live', 'orphaned')")}
        self.attempts = {row["seq"] for row in read("SELECT seq FROM objectives WHERE attempt_open = 1")}
        db.execute("ROLLBACK")
        db.close()

    def of(self, id_):
        """Whether the objective with this id has an open reservation."""
        return any(row["state"] in OPEN and self.objectives[row["objective"]]["id"] == id_
                   for row in self.reservations.values())

    def total(self, scope):
        row = self.scopes.get(scope)
        return row["reserved"] + row["committed"] if row else 0


def check_prefixes(ledger):
    """Yields what is wrong with any row, given those before it; leaves the sums behind in ledger.sums."""
    holds = {}
    sums = collections.defaultdict(lambda: {"reserved": 0, "committed": 0})
    for row in ledger.rows:
        where = f"ledger row {row['number']} ({row['event']})"
        if row["event"] == "granted":
            continue
        told = json.loads(row["scopes"])
        state, amount = holds.get(row["reservation"], (None, 0))
        scopes = ledger.counted[row["reservation"]]
        if set(told) != scopes:
            yield f"{where} is of {sorted(told)}, but its reservation counts in {sorted(scopes)}"
        after = {"held": "held", "adjusted": state, "committed": "committed"}.get(row["event"])
        if row["event"] in ("held", "adjusted") and (state is None) != (row["event"] == "held"):
            yield f"{where}: its reservation was {state} before"
        for scope in scopes:
            if state:
                sums[scope][COLUMN[state]] -= amount
            if after:
                sums[scope][COLUMN[after]] += row["amount"]
            if scope in told and {k: nanos(told[scope][k]) for k in ("reserved", "committed")} != sums[scope]:
                yield f"{where} tells {told[scope]} of {scope}, and the rows before it give {sums[scope]}"
            limit = told.get(scope, {}).get("limit")
            if limit and row["amount"] > amount and sum(sums[scope].values()) > nanos(limit):
                yield f"{where} took {scope} to {text_of(sum(sums[scope].values()))}, above its limit {limit}"
        holds[row["reservation"]] = (after, row["amount"])
        if after is None:
            del holds[row["reservation"]]
    ledger.sums = sums
    for seq, (state, amount) in holds.items():
        row = ledger.reservations[seq]
        if (row["state"], row["high"]) != (state, amount):
            yield f"reservation {seq} is {row['state']} with {row['high']}, and the ledger says {state} with {amount}"


def check_totals(ledger):
    sums = collections.defaultdict(lambda: {"reserved": 0, "committed": 0})
    for row in ledger.reservations.values():
        if row["state"] in OPEN:
            for scope in ledger.counted[row["seq"]]:
                sums[scope][COLUMN[row["state"]]] += row["high"]
    for name, row in ledger.scopes.items():
        for column in ("reserved", "committed"):
            if not row[column] == sums[name][column] == ledger.sums[name][column]:
                yield (f"{name}: {column} is {row[column]}, the open reservations add up to {sums[name][column]}, "
                       f"the ledger to {ledger.sums[name][column]}")


def check_objectives(ledger):
    open_of = {row["objective"]: row for row in ledger.reservations.values() if row["state"] in OPEN}
    for seq, objective in ledger.objectives.items():
        row, where = open_of.get(seq), f"objective {objective['name']} ({objective['state']})"
        if seq in ledger.standing | ledger.attempts and row is None:
            yield f"{where} has something, or an open attempt, and no money"
        if objective["state"] == "succeeded" and (row is None or row["state"] != "committed"):
            yield f"{where} has no committed reservation"
        if objective["state"] in ("destroyed", "cancelled") and row is not None:
            yield f"{where} still has {row['high']} {row['state']}"


class Rules:
    """The limits in force, as the audit log tells them one after the other."""

    def __init__(self):
        self.limits = {}
        self.exceed = None
        self.grants = []

    def set(self, details):
        self.limits = {(l["scope"], l["period"]): nanos(l["amount"]) for l in details["limits"]}
        self.exceed = details["on_exceed"]

    def of(self, scope, period, now_ms):
        limit = self.limits.get((scope, period))
        if limit is None:
            return None
        return limit + sum(g["amount"] for g in self.grants
                           if (g["scope"], g["period"]) == (scope, period) and g["until_ms"] > now_ms)


def check_audit(ledger, path):
    """An admission is judged by the rules that stand before it in the log. Records come without gaps or not at all."""
    rows = {row["number"]: row for row in ledger.rows}
    held = {}
    rules = Rules()
    last = 0
    for record in map(json.loads, open(path, encoding="utf-8")):
        event, details = record["event"], record.get("details", {})
        if event == "budget.rules":
            rules.set(details.get("rules", details))
        if event == "budget.granted":
            rules.grants.append(ledger.grants[details["entry"]])
        if not event.startswith("reservation."):
            continue
        number = details["entry"]
        row = rows.get(number)
        where = f"audit record {record['n']} ({event})"
        if number <= last:
            yield f"{where} is of ledger row {number}, and comes after that of {last}"
        last = number
        if row is None:
            continue  # younger than what was read of the store
        if event != f"reservation.{row['event']}" or details["scopes"] != json.loads(row["scopes"]) or \
                nanos(details["amount"]) != row["amount"]:
            yield f"{where} is not what ledger row {number} says"
        before, held[row["reservation"]] = held.get(row["reservation"], 0), row["amount"]
        if row["amount"] <= before or row["event"] not in ("held", "adjusted") or rules.exceed == "warn":
            continue
        for scope, told in details["scopes"].items():
            after = nanos(told["reserved"]) + nanos(told["committed"])
            for period, measure in (("monthly", after), ("daily", Fraction(after * 24, MONTH_HOURS))):
                limit = rules.of(scope, period, row["at_ms"])
                if limit is not None and measure > limit + (period == "daily"):
                    yield f"{where} took {scope} to {text_of(after)} a month, above the {period} limit {text_of(limit)}"


def main():
    what, ledger = sys.argv[1], Ledger(sys.argv[2])
    if what == "total":
        print(text_of(ledger.total(sys.argv[3])))
    elif what == "events":
        mine = [row for row in ledger.rows if row["objective"] and ledger.objectives[row["objective"]]["id"] == sys.argv[3]]
        print(", ".join(f"{row['event']} {text_of(row['amount'])}" for row in mine))
    else:
        wrong = [*check_prefixes(ledger), *check_totals(ledger), *check_objectives(ledger)]
        if len(sys.argv) > 3:
            wrong += check_audit(ledger, sys.argv[3])
        print("\n".join(wrong), end="\n" if wrong else "")
        sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
