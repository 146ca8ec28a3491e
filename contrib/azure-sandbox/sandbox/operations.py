"""Long-running operations: accepted now, done some time later, asked about in between."""

import collections
import threading
import time
import uuid

from .errors import ArmError


class Operation:
    def __init__(self, id_):
        self.id = id_
        self.status = "InProgress"
        self.error = None
        self.result = None  # what the Location URL answers at the end, or None for 204

    @property
    def final(self):
        return self.status != "InProgress"

    def show(self):
        """The body that the Azure-AsyncOperation URL answers."""
        shown = {"name": self.id, "status": self.status}
        if self.error is not None:
            shown["error"] = self.error.body()
        return shown


class Operations:
    def __init__(self, latency):
        self.latency = latency
        self.lock = threading.Lock()
        self.all = {}
        self.begun = collections.Counter()

    def start(self, request, work, failed=None):
        """Start the operation of a request, which does work() after the latency; what work() returns is its result.

        A "stuck" fault keeps it from ending, and "in-progress" makes it last longer. A "fail-async" fault, or an
        ArmError from work(), ends it Failed, after calling failed() if it is given.
        """
        fault = request.fault
        with self.lock:
            # The n-th operation of the same request has the same id in every run, as storms want it.
            self.begun[request.path.lower()] += 1
            about = f"{request.method} {request.path.lower()} {self.begun[request.path.lower()]}"
            operation = Operation(uuid.uuid5(uuid.NAMESPACE_URL, about).hex)
            self.all[operation.id] = operation
        if fault is None or fault.kind != "stuck":
            threading.Thread(target=self.run, args=(operation, work, fault, failed), daemon=True).start()
        return operation

    def run(self, operation, work, fault, failed):
        time.sleep(self.latency + (fault.delay if fault is not None and fault.kind == "in-progress" else 0))
        try:
            if fault is not None and fault.kind == "fail-async":
                raise fault.operation_error()
            operation.result = work()
            operation.status = "Succeeded"
        except ArmError as error:
            if failed is not None:
                failed()
            operation.error = error
            operation.status = "Failed"

    def find(self, id_):
        with self.lock:
            return self.all.get(id_)
