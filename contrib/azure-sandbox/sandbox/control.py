"""The plain HTTP server: tokens for `az login --identity`, and the control of the sandbox by its own commands.

Control wants the key that stands in the state file of the sandbox, so that no other user of the machine, and no web
page, can use it.
"""

import base64
import hmac
import json
import re
import time

from . import storm
from .server import Handler


def make_token(tenant):
    """An unsigned token; the CLI looks into it for the tenant, and nobody checks it."""
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    now = int(time.time())
    claims = {"tid": tenant, "oid": "00000000-0000-0000-0000-00000000c11e", "sub": "sandbox", "iss": "sandbox",
              "aud": "https://management.core.windows.net/", "iat": now, "nbf": now, "exp": now + 86400}
    return ".".join([part({"alg": "none", "typ": "JWT"}), part(claims), ""])


class ControlHandler(Handler):
    arm = None
    faults = None
    journal = None
    key = ""

    def do_any(self):
        path, query = self.split()
        raw = self.read_body()
        if path.startswith("/msi"):
            self.send_token(query)
            return
        if not hmac.compare_digest(self.headers.get("X-Sandbox-Key", ""), self.key):
            self.send(403, {"error": "the key of the sandbox is missing or wrong"})
            return
        action = getattr(self, f"{self.command.lower()}_{path.strip('/')}", None)
        if action is None:
            self.send(404, {"error": f"no {self.command} {path}"})
            return
        action(raw)

    do_GET = do_POST = do_DELETE = do_any

    def send_token(self, query):
        now = int(time.time())
        self.send(200, {"access_token": make_token(self.arm.tenant), "token_type": "Bearer", "expires_in": "86400",
                        "expires_on": str(now + 86400), "not_before": str(now),
                        "resource": query.get("resource", "https://management.core.windows.net/")})

    def get_status(self, raw):
        store = self.arm.store
        self.send(200, {"groups": len(store.groups), "resources": len(store.resources),
                        "requests": self.journal.number, "faults": len(self.faults.list()),
                        "storm": self.faults.storm.show() if self.faults.storm else None})

    def get_dump(self, raw):
        store = self.arm.store
        with store.lock:
            groups = [{**store.show_group(group), "createdTime": group.created} for group in store.groups.values()]
            resources = [{**store.show(resource), "createdTime": resource.created, "changedTime": resource.changed}
                         for resource in store.resources.values()]
        deployments = [record.show() for group in groups for record in self.arm.deployments.list(group["name"])]
        self.send(200, {"groups": groups, "resources": resources, "deployments": deployments})

    def get_counts(self, raw):
        with self.arm.store.lock:
            counts = [dict(vars(count)) for count in self.arm.store.counts.values()]
        self.send(200, counts)

    def get_applied(self, raw):
        self.send(200, self.faults.counts())

    def get_journal(self, raw):
        self.send(200, self.journal.list())

    def get_faults(self, raw):
        self.send(200, self.faults.list())

    def post_faults(self, raw):
        try:
            self.send(200, self.faults.add(json.loads(raw)).show())
        except (ValueError, KeyError, re.error) as error:
            self.send(400, {"error": f"bad fault: {error}"})

    def post_storm(self, raw):
        given = json.loads(raw)
        self.faults.storm = storm.Storm(given["percent"], given["seed"])
        self.send(200, self.faults.storm.show())

    def delete_faults(self, raw):
        self.faults.clear()
        self.send(200, [])


def make_control_handler(arm, faults, journal, key):
    return type("BoundControlHandler", (ControlHandler,),
                {"arm": arm, "faults": faults, "journal": journal, "key": key})
