"""Scripted faults: which request goes wrong, how, and how often.

A fault matches the path of a request (a regular expression, any case) and its method. Answering kinds refuse the
request with an ARM error; breaking kinds do something to the connection; ending kinds let a long operation begin
and then go wrong, or last longer. The PUTs which a template deployment does inside the service are matched too,
except by breaking kinds, for there is no connection to break.
"""

import collections
import random
import re
import threading

from . import ids
from .errors import ArmError


class Kind:
    def __init__(self, group, methods, summary, make=None):
        self.group = group      # "answer", "connection", "operation" or "delay"
        self.methods = methods  # the default of --method; "" is any
        self.summary = summary
        self.make = make        # for answers: function of (fault, path) to the ArmError


def name_of(path):
    """The name of the resource, group or deployment which a path is about."""
    return path.rstrip("/").rsplit("/", 1)[-1]


def type_of(path):
    if ids.is_resource_id(path):
        return ids.ResourceId(path).type
    return "Microsoft.Resources/subscriptions/resourceGroups"


def throttle(fault, path):
    return ArmError(429, "TooManyRequests", "The request is being throttled as the limit has been reached for "
                    "operation type. For more information, see - https://aka.ms/srpthrottlinglimits")


def retryable(fault, path):
    return ArmError(429, "RetryableErrorDueToAnotherOperation", f"Operation on resource {path} failed because of "
                    f"another operation in progress. The operation can be retried in {fault.retry_after} seconds.")


def error_500(fault, path):
    return ArmError(500, "InternalServerError", "Encountered internal server error. Diagnostic information: "
                    "timestamp and activity id are in the headers of this answer.")


def error_503(fault, path):
    return ArmError(503, "ServiceUnavailable", "The service is unavailable.")


def another_operation(fault, path):
    return ArmError(409, "AnotherOperationInProgress", "Another operation on this or dependent resource is in "
                    "progress. To retrieve status of the operation use uri in the headers of the first answer.")


def sku(fault, path):
    return ArmError(409, "SkuNotAvailable", "The requested VM size for resource 'Following SKUs have failed for "
                    f"Capacity Restrictions: {name_of(path)}' is currently not available in this location. Please try "
                    "another size or deploy to a different location or different zone. See "
                    "https://aka.ms/azureskunotavailable for details.", target=name_of(path))


def quota(fault, path):
    return ArmError(409, "QuotaExceeded", "Operation could not be completed as it results in exceeding approved Total "
                    "Regional Cores quota. Additional details - Deployment Model: Resource Manager, Current Limit: "
                    "10, Current Usage: 10, Additional Required: 2, (Minimum) New Limit Required: 12. Submit a "
                    "request for Quota increase.", target=name_of(path))


def authorization(fault, path):
    return ArmError(403, "AuthorizationFailed", "The client 'sandbox' with object id "
                    "'00000000-0000-0000-0000-00000000c11e' does not have authorization to perform action "
                    f"'{type_of(path)}/write' over scope '{path}' or the scope is invalid. If access was recently "
                    "granted, please refresh your credentials.")


def policy(fault, path):
    return ArmError(403, "RequestDisallowedByPolicy", f"Resource '{name_of(path)}' was disallowed by policy. Policy "
                    "identifiers: '[{\"policyAssignment\":{\"name\":\"Sandbox policy\"}}]'.", target=name_of(path),
                    info=[{"type": "PolicyViolation", "info": {"policyAssignmentName": "sandbox-policy",
                                                               "policyDefinitionEffect": "deny"}}])


KINDS = {
    "throttle": Kind("answer", "", "429 TooManyRequests, with Retry-After", throttle),
    "retryable-429": Kind("answer", "PUT", "429 RetryableErrorDueToAnotherOperation", retryable),
    "error-500": Kind("answer", "", "500 InternalServerError", error_500),
    "error-503": Kind("answer", "", "503 ServiceUnavailable", error_503),
    "conflict-409": Kind("answer", "PUT", "409 AnotherOperationInProgress", another_operation),
    "sku": Kind("answer", "PUT", "409 SkuNotAvailable", sku),
    "quota": Kind("answer", "PUT", "409 QuotaExceeded", quota),
    "authorization": Kind("answer", "", "403 AuthorizationFailed", authorization),
    "policy": Kind("answer", "PUT", "403 RequestDisallowedByPolicy", policy),
    "no-answer": Kind("connection", "", "takes the request, does nothing, and never answers, or "
                      "closes the connection after --delay seconds"),
    "drop-before": Kind("connection", "", "closes the connection, nothing done"),
    "drop-after": Kind("connection", "PUT", "does the request, then closes the connection without an answer"),
    "slow": Kind("delay", "", "waits --delay seconds, then proceeds"),
    "in-progress": Kind("operation", "PUT", "accepts, and the long-running operation takes --delay seconds longer"),
    "stuck": Kind("operation", "PUT", "accepts, and the long-running operation never ends"),
    "fail-async": Kind("operation", "PUT", "accepts, and the long-running operation ends Failed with --code"),
}

MESSAGES = {
    "AllocationFailed": "Allocation failed. We do not have sufficient capacity for the requested VM size in this "
                        "region. Read more about improving likelihood of allocation success at "
                        "http://aka.ms/allocation-guidance",
}


class Fault:
    """One scripted fault, and how often it matched and was applied."""

    def __init__(self, number, given):
        self.number = number
        self.match = given["match"]
        self.kind = given["kind"]
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")
        self.pattern = re.compile(self.match, re.IGNORECASE)
        methods = given.get("method") or KINDS[self.kind].methods
        self.methods = [] if methods.lower() == "any" else [m for m in methods.upper().split(",") if m]
        self.times = int(given.get("times") or 0)
        self.after = int(given.get("after") or 0)
        self.retry_after = given.get("retry_after")
        if self.retry_after is None and self.kind in ("throttle", "retryable-429"):
            self.retry_after = 1
        self.delay = float(given.get("delay") or (0 if self.kind == "no-answer" else 2))
        self.message = given.get("message")
        self.code = given.get("code")
        self.probability = given.get("probability")
        self.preflight = bool(given.get("preflight"))
        if self.preflight and self.group != "answer":
            raise ValueError("only kinds that answer with an error can be found beforehand")
        self.random = random.Random(given.get("seed"))
        self.matched = 0
        self.applied = 0

    @property
    def group(self):
        return KINDS[self.kind].group

    def hits(self, method, path):
        """Whether this request gets the fault; counts the request."""
        if (self.methods and method not in self.methods) or not self.pattern.search(path):
            return False
        if self.times and self.applied >= self.times:
            return False
        self.matched += 1
        if self.matched <= self.after:
            return False
        if self.probability is not None and self.random.random() >= float(self.probability):
            return False
        self.applied += 1
        return True

    def error(self, path):
        """The answer of an answering kind."""
        error = KINDS[self.kind].make(self, path)
        error.message = self.message or error.message
        error.code = self.code or error.code
        if self.retry_after is not None:
            error.headers["Retry-After"] = str(self.retry_after)
        return error

    def operation_error(self):
        """How an operation ends that fails late."""
        code = self.code or "AllocationFailed"
        message = self.message or MESSAGES.get(code, f"The operation failed with the code {code}.")
        return ArmError(409, code, message)

    def show(self):
        return {"number": self.number, "match": self.match, "kind": self.kind, "methods": self.methods,
                "times": self.times, "after": self.after, "probability": self.probability, "code": self.code,
                "preflight": self.preflight,
                "matched": self.matched, "applied": self.applied}


class Faults:
    def __init__(self):
        self.lock = threading.Lock()
        self.faults = []
        self.number = 0
        self.storm = None  # beside the scripted ones, which come first
        self.applied = collections.Counter()

    def add(self, given):
        """Add a fault given as an object. ValueError or re.error if it makes no sense."""
        with self.lock:
            fault = Fault(self.number + 1, given)
            self.number += 1
            self.faults.append(fault)
            return fault

    def clear(self):
        """No faults from now on; a storm ends too."""
        with self.lock:
            self.faults = []
            self.end_storm()

    def end_storm(self):
        if self.storm is not None:
            self.applied.update(self.storm.applied)
            self.storm = None

    def counts(self):
        """How often each kind was applied since the start, whether or not the faults still stand."""
        with self.lock:
            return dict(sorted((self.applied + (self.storm.applied if self.storm else collections.Counter())).items()))

    def list(self):
        with self.lock:
            return [fault.show() for fault in self.faults]

    def take(self, method, path, inside=False, preflight=False, more=""):
        """The first fault for a request, or None.

        `more`: what else tells this request from others of the same path. `inside`: the service's own request, not
        one of a client. `preflight`: not yet a request, but the check of a template which will lead to one; only the
        faults meant for that are taken then.
        """
        fault = self.take_scripted(method, path, inside, preflight)
        storm = self.storm
        if fault is None and storm is not None:
            fault = storm.take(method, path + more, inside, preflight)
        return fault

    def take_scripted(self, method, path, inside, preflight):
        with self.lock:
            for fault in self.faults:
                if fault.preflight != preflight or (inside and fault.group == "connection"):
                    continue
                if fault.hits(method, path):
                    self.applied[fault.kind] += 1
                    return fault
        return None
