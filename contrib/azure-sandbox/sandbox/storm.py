"""A storm: faults of all kinds on a part of all requests, the same for the same seed.

Which request goes wrong does not depend on when it comes. Each request is known by its method and path, and the n-th
of the same kind has a fate of its own, drawn from the seed, that name and n. So two runs that send the same requests
meet the same faults, in whatever order their requests arrive. Ids that a client draws at random (a run of twelve
hexadecimal digits, or a UUID) are left out of the name.

A fault may last for several requests of the same name, for the CLI repeats what fails, and one alone would never be
seen. It is bounded all the same: after FAULTS_EACH faulty requests, a name always passes, so that whoever tries again
gets through. A small part are refusals, which no repetition changes; a name gets at most one of them.
"""

import collections
import hashlib
import re
import threading

from .faults import Fault

FAULTS_EACH = 8
LENGTHS = (1, 1, 1, 2, 4, 5)  # of requests in a row; the CLI sends one four times

# How often a fault begins, as a part of the percentage: reads are many, and their faults last, so that of all requests
# together about the percentage is faulty.
BEGINNING = {"read": 0.7}
# The part of the faults that are refusals.
REFUSALS = {"read": 0.04}
REFUSALS_WRITE = 0.15

RETRY_AFTER = 1
SECONDS = {"slow": 0.4, "no-answer": 1.5, "in-progress": 1.5}

RANDOM_PART = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{12}\b", re.IGNORECASE)

# "throttle-bare" is a throttle that does not say when to come again.
BUSY = ("throttle", "throttle-bare", "error-500", "error-503")
LOST = ("no-answer", "drop-before")
DROPPED = ("drop-after",) * 3  # the one that is the worst to get right
PASSING = {
    "PUT": BUSY + LOST + DROPPED + ("retryable-429", "conflict-409", "slow", "in-progress"),
    "DELETE": BUSY + LOST + DROPPED + ("conflict-409", "slow", "in-progress"),
    "inside": BUSY + ("retryable-429", "conflict-409", "slow", "in-progress"),
    "read": BUSY + LOST + ("slow",),
    "preflight": (),
}
REFUSING = {
    "PUT": ("sku", "quota", "authorization", "policy", "fail-async"),
    "DELETE": ("authorization", "fail-async"),
    "inside": ("sku", "quota", "policy", "fail-async"),
    "read": ("authorization",),
    "preflight": ("sku", "quota", "policy"),
}


class History:
    """What became of the requests of one name so far."""

    def __init__(self):
        self.seen = 0
        self.faulty = 0
        self.refused = False
        self.kind = None  # of the fault that lasts, if one does
        self.left = 0     # how many requests more


class Storm:
    def __init__(self, percent, seed):
        if not 0 <= percent < 100:
            raise ValueError("--faults is a part of all requests, in percent: 0 to 99")
        self.percent = percent
        self.seed = seed
        self.lock = threading.Lock()
        self.histories = {}
        self.applied = collections.Counter()
        self.requests = 0

    def take(self, method, path, inside=False, preflight=False):
        """The fault for this request, or None."""
        role = "preflight" if preflight else "inside" if inside else method
        if role not in PASSING:
            role = "read"
        name = f"{role} {method} {RANDOM_PART.sub('*', path)}".lower()
        with self.lock:
            history = self.histories.setdefault(name, History())
            kind = self.fate(history, role, name)
            history.seen += 1
            self.requests += not preflight
            if kind is None:
                return None
            history.faulty += 1
            self.applied[kind] += 1
        return make(kind, preflight)

    def fate(self, history, role, name):
        """The kind of fault that the next request of this name gets, or None."""
        if history.faulty >= FAULTS_EACH:
            return None
        if history.left > 0:
            history.left -= 1
            return history.kind
        begins, refuses, which, length = self.draw(name, history.seen)
        if begins >= self.percent / 100 * BEGINNING.get(role, 1):
            return None
        if refuses < REFUSALS.get(role, REFUSALS_WRITE):
            if history.refused:
                return None
            history.refused = True
            return pick(REFUSING[role], which)
        if not PASSING[role]:
            return None
        history.kind = pick(PASSING[role], which)
        history.left = pick(LENGTHS, length) - 1
        return history.kind

    def draw(self, name, number):
        """Four numbers from 0 to 1, always the same for the same request."""
        digest = hashlib.sha256(f"{self.seed}\n{name}\n{number}".encode()).digest()
        return [int.from_bytes(digest[i:i + 8], "big") / 2**64 for i in range(0, 32, 8)]

    def show(self):
        with self.lock:
            return {"percent": self.percent, "seed": self.seed, "requests": self.requests,
                    "faulty": sum(self.applied.values())}


def pick(choices, number):
    return choices[int(number * len(choices))]


def make(kind, preflight):
    bare = kind == "throttle-bare"
    fault = Fault(0, {"match": "", "kind": "throttle" if bare else kind, "delay": SECONDS.get(kind),
                      "retry_after": RETRY_AFTER if kind in ("throttle", "retryable-429") else None,
                      "preflight": preflight})
    if bare:
        fault.retry_after = None
    return fault
