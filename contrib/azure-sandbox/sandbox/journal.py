"""The journal: every request, in memory and as JSON lines in a file."""

import collections
import json
import threading

from . import clock

KEPT = 100000


class Journal:
    """The requests since the sandbox started. The file begins anew with it."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.number = 0
        self.entries = collections.deque(maxlen=KEPT)
        self.file = open(path, "w", encoding="utf-8", buffering=1)

    def begin(self, method, path, agent, **more):
        """An entry for a request that has just come in. It is written by end()."""
        with self.lock:
            self.number += 1
            return {"number": self.number, "time": clock.now_text(), "method": method, "path": path,
                    "status": None, "fault": None, "agent": agent, **more}

    def end(self, entry, status, fault=None):
        """Write an entry down. A status of None: the client got no answer."""
        with self.lock:
            entry["status"] = status
            entry["fault"] = fault
            self.entries.append(entry)
            self.file.write(json.dumps(entry) + "\n")

    def list(self):
        with self.lock:
            return list(self.entries)
