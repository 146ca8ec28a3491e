"""Template deployments of resource groups: records, and the thread that carries one out.

A deployment is accepted after its template has been checked, and then goes on by itself, whether or not the client
lives. Resources are begun in the order of the template as soon as what they depend on stands. One that fails stops
those which depend on it; the others go on, what was made stays, and the deployment ends Failed.
"""

import copy
import re
import threading
import time
import traceback
import uuid

from . import clock, errors, ids, kinds
from .errors import ArmError, invalid_template
from .template import NotYet, Template, expand

TURN = 0.02  # seconds between two looks at what is running

FINAL = ("Succeeded", "Failed", "Canceled")

STATUS_CODES = {200: "OK", 201: "Created", 400: "BadRequest", 403: "Forbidden", 404: "NotFound", 409: "Conflict",
                429: "TooManyRequests", 500: "InternalServerError", 503: "ServiceUnavailable"}

FAILED_MESSAGE = ("At least one resource deployment operation failed. Please list deployment operations for details. "
                  "Please see https://aka.ms/arm-deployment-operations for usage details.")


class Step:
    """One operation of a deployment: the creation of one resource."""

    def __init__(self, rid, provisioning="Create"):
        self.id = uuid.uuid4().hex[:16].upper()
        self.rid = rid
        self.provisioning = provisioning
        self.state = "Running"
        self.status_code = None
        self.error = None
        self.timestamp = clock.now_text()
        self.started = time.monotonic()
        self.seconds = 0.0

    def end(self, state, status, error=None):
        self.state = state
        self.status_code = STATUS_CODES.get(status, str(status))
        self.error = error
        self.timestamp = clock.now_text()
        self.seconds = time.monotonic() - self.started

    def show(self, deployment_id):
        properties = {"provisioningOperation": self.provisioning, "provisioningState": self.state,
                      "timestamp": self.timestamp, "duration": f"PT{self.seconds:.7f}S",
                      "trackingId": str(uuid.uuid5(uuid.NAMESPACE_URL, self.id)),
                      "serviceRequestId": str(uuid.uuid5(uuid.NAMESPACE_URL, self.id + "r"))}
        if self.status_code is not None:
            properties["statusCode"] = self.status_code
        if self.rid is not None:
            properties["targetResource"] = {"id": self.rid.text, "resourceType": self.rid.type,
                                            "resourceName": self.rid.name}
        if self.error is not None:
            properties["statusMessage"] = {"status": "Failed", "error": self.error.body()}
        return {"id": f"{deployment_id}/operations/{self.id}", "operationId": self.id, "properties": properties}


class Context:
    """What the template language may know of the world (see Template)."""

    def __init__(self, deployments, group, name):
        self.deployments = deployments
        self.store = deployments.store
        self.group_name = group
        self.name = name
        self.tenant_id = deployments.tenant
        self.running = False    # only a running deployment can read the state of resources

    def group(self):
        return self.store.show_group(self.store.group(self.group_name))

    def subscription(self):
        return {"id": f"/subscriptions/{self.store.subscription}", "subscriptionId": self.store.subscription,
                "tenantId": self.tenant_id, "displayName": "Sandbox"}

    def tenant(self):
        return {"tenantId": self.tenant_id, "displayName": "Sandbox", "countryCode": "XX"}

    def environment(self):
        return {"name": "AzureCloud", "gallery": "https://gallery.azure.com/", "graph": "https://graph.windows.net/",
                "portal": "https://portal.azure.com", "resourceManager": "https://management.azure.com/",
                "suffixes": {"storage": "core.windows.net", "keyvaultDns": ".vault.azure.net",
                             "sqlServerHostname": ".database.windows.net",
                             "acrLoginServer": ".azurecr.io"},
                "authentication": {"loginEndpoint": "https://login.microsoftonline.com/",
                                   "audiences": ["https://management.core.windows.net/",
                                                 "https://management.azure.com/"],
                                   "tenant": "common", "identityProvider": "AAD"}}

    def deployment(self, template):
        return {"name": self.name, "properties": {"template": template, "mode": "Incremental",
                                                  "provisioningState": "Accepted"}}

    def read(self, rid):
        if not self.running:
            raise NotYet()
        if is_deployment(rid):
            return self.deployments.get(rid.group, rid.name).show()
        with self.store.lock:
            shown = self.store.show(self.store.get(rid))
        return {**shown, "subscriptionId": rid.subscription, "resourceGroupName": rid.group,
                "resourceId": rid.text.split("/providers/", 1)[1]}

    def list_keys(self, rid):
        if not self.running:
            raise NotYet()
        return list_keys(self.store, rid)


class Deployment:
    def __init__(self, id_, name, group, template, mode, context):
        self.id = id_
        self.name = name
        self.group = group
        self.template = template
        self.mode = mode
        self.context = context
        self.planned = []
        self.state = "Accepted"
        self.operation_id = str(uuid.uuid4())
        self.correlation = str(uuid.uuid4())
        self.timestamp = clock.now_text()
        self.started = time.monotonic()
        self.steps = []
        self.outputs = None
        self.error = None
        self.tags = None
        self.cancelled = threading.Event()
        self.ended = 0.0

    @property
    def final(self):
        return self.state in FINAL

    def end(self, state, error=None):
        self.error = error
        self.timestamp = clock.now_text()
        self.ended = time.monotonic()
        self.state = state

    def show(self):
        made = [{"id": step.rid.text} for step in self.steps if step.rid is not None and step.state == "Succeeded"
                and step.provisioning == "Create"]
        seconds = (self.ended or time.monotonic()) - self.started
        properties = {
            "provisioningState": self.state, "mode": self.mode, "timestamp": self.timestamp,
            "duration": f"PT{seconds:.7f}S", "correlationId": self.correlation, "templateHash": self.template.hash(),
            "parameters": self.template.shown_parameters(), "providers": self.show_providers(),
            "dependencies": self.show_dependencies(),
        }
        if self.state == "Succeeded":
            properties["outputResources"] = made
            properties["outputs"] = self.outputs or {}
        if self.error is not None:
            properties["error"] = self.error.body()
        shown = {"id": self.id, "name": self.name, "type": "Microsoft.Resources/deployments", "properties": properties}
        if self.tags:
            shown["tags"] = self.tags
        return shown

    def show_providers(self):
        found = {}
        for planned in self.planned:
            namespace, type_ = planned.type.split("/", 1)
            location = expand_or_none(planned, "location")
            found.setdefault(namespace, {}).setdefault(type_, set()).add(location)
        return [{"namespace": namespace, "resourceTypes": [
                    {"resourceType": type_, "locations": sorted(place for place in places if place) or [None]}
                    for type_, places in types.items()]} for namespace, types in found.items()]

    def show_dependencies(self):
        def brief(planned):
            return {"id": planned.id.text, "resourceType": planned.type, "resourceName": planned.name}
        return [{**brief(planned), "dependsOn": [brief(other) for other in planned.depends_on if other.condition]}
                for planned in self.planned if planned.depends_on]


def expand_or_none(planned, name):
    value = expand(planned.declaration.get(name), planned.scope, [])
    return value if isinstance(value, str) and not value.startswith("[") else None


class Deployments:
    """All deployment records, by group and name."""

    def __init__(self, store, operations, faults, journal, tenant):
        self.store = store
        self.operations = operations
        self.faults = faults
        self.journal = journal
        self.tenant = tenant
        self.lock = threading.RLock()
        self.records = {}

    # Records.

    @staticmethod
    def key(group, name):
        return group.lower(), name.lower()

    def get(self, group, name):
        with self.lock:
            record = self.records.get(self.key(group, name))
            if record is None:
                self.store.group(group)
                raise errors.deployment_not_found(name)
            return record

    def list(self, group):
        with self.lock:
            return [record for key, record in self.records.items() if key[0] == group.lower()]

    def forget(self, group, name):
        """Delete a record. Returns whether there was one."""
        with self.lock:
            record = self.records.get(self.key(group, name))
            if record is None:
                self.store.group(group)
                return False
            self.refuse_active(record)
            self.remove(record)
            return True

    def forget_group(self, group):
        with self.lock:
            for record in self.list(group):
                record.cancelled.set()
                self.remove(record)

    def remove(self, record):
        del self.records[self.key(record.group, record.name)]
        with self.store.lock:
            self.store.count(record.id).went()

    @staticmethod
    def refuse_active(record):
        if not record.final:
            raise errors.conflict(
                "DeploymentActiveAndUneditable", f"Unable to edit or replace deployment '{record.name}': previous "
                f"deployment from '{record.timestamp}' is still active. Please see https://aka.ms/arm-deploy for "
                "usage details.")

    # Checking and starting.

    def prepare(self, group, name, body):
        """A checked deployment that has not begun. ArmError says what is wrong with it."""
        if len(name) > 64:
            raise errors.bad_request("DeploymentNameLengthLimitExceeded", f"The deployment name '{name}' exceeds the "
                                     "maximum length of 64 characters.")
        if not re.fullmatch(r"[-\w._()]+", name):
            raise errors.bad_request("DeploymentNameInvalidCharacters", f"The deployment name '{name}' has characters "
                                     "that are not allowed.")
        self.store.writable_group(group)
        properties = (body or {}).get("properties") or {}
        if "template" not in properties:
            raise errors.bad_request("InvalidContentLink", "Unable to download the template: the sandbox reads "
                                     "no links. Give the template itself.")
        mode = str(properties.get("mode") or "Incremental").capitalize()
        if mode not in ("Incremental", "Complete"):
            raise errors.bad_request("InvalidDeploymentMode", f"The deployment mode '{mode}' is not valid.")
        context = Context(self, group, name)
        template = Template(copy.deepcopy(properties["template"]), properties.get("parameters") or {}, context)
        id_ = f"{ids.group_id(self.store.subscription, group)}/providers/Microsoft.Resources/deployments/{name}"
        deployment = Deployment(id_, name, group, template, mode, context)
        deployment.tags = body.get("tags")
        deployment.planned = [planned for planned in template.plan() if planned.condition and not planned.existing]
        template.outputs(deferred=[])
        self.preflight(deployment)
        return deployment

    def preflight(self, deployment):
        """The faults that are found while a template is checked, as ARM finds some of the real ones."""
        details = []
        for planned in deployment.planned:
            fault = self.faults.take("PUT", planned.id.text, inside=True, preflight=True)
            if fault is not None:
                details.append(fault.error(planned.id.text).body())
        if details:
            raise errors.bad_request("InvalidTemplateDeployment", f"The template deployment '{deployment.name}' "
                                     "is not valid according to the validation procedure. The tracking id is "
                                     f"'{deployment.correlation}'. See inner errors for details.", details=details)

    def start(self, group, name, body, fault=None):
        """Check a deployment and begin it. Returns it and whether the name is new."""
        with self.lock:
            old = self.records.get(self.key(group, name))
            if old is not None:
                self.store.writable_group(group)
                self.refuse_active(old)
            deployment = self.prepare(group, name, body)
            self.records[self.key(group, name)] = deployment
            with self.store.lock:
                self.store.count(deployment.id).wrote(old is None, "request", None)
        Runner(self, deployment, fault).start()
        return deployment, old is None

    def cancel(self, group, name):
        record = self.get(group, name)
        if record.final:
            raise errors.conflict("DeploymentCannotBeCancelled", f"The deployment '{name}' cannot be cancelled: its "
                                  f"provisioning state is '{record.state}'.")
        record.cancelled.set()

    # What would happen.

    def what_if(self, group, name, body):
        """The changes that a deployment would make."""
        deployment = self.prepare(group, name, body)
        only_ids = ((body["properties"].get("whatIfSettings") or {}).get("resultFormat") or "").lower() == \
            "resourceidonly"
        changes = []
        for planned in deployment.planned:
            change = self.change(planned)
            changes.append({name: change[name] for name in ("resourceId", "changeType")} if only_ids else change)
        mentioned = {planned.id.key for planned in deployment.planned}
        for resource in self.store.in_group(group):
            if resource.id.key in mentioned or not resource.location:
                continue
            change = {"resourceId": resource.id.text,
                      "changeType": "Delete" if deployment.mode == "Complete" else "Ignore"}
            if not only_ids:
                change["before"] = self.store.show(resource)
            if not only_ids and change["changeType"] == "Ignore":
                change["after"] = change["before"]
            changes.append(change)
        return {"status": "Succeeded", "properties": {
            "correlationId": deployment.correlation, "changes": masked(changes, deployment.template.secrets())}}

    def change(self, planned):
        body = planned.body([])
        after = {"apiVersion": planned.api_version, "id": planned.id.text, "type": planned.type,
                 "name": planned.name.split("/")[-1], **body}
        if planned.id.group:
            after["resourceGroup"] = planned.id.group
        resource = self.store.find(planned.id)
        if resource is None:
            return {"resourceId": planned.id.text, "changeType": "Create", "after": after}
        before = self.store.show(resource)
        delta = differences({name: before.get(name) for name in body}, body)
        change = {"resourceId": planned.id.text, "changeType": "Modify" if delta else "NoChange", "before": before,
                  "after": {**before, **after}}
        if delta:
            change["delta"] = delta
        return change


def masked(value, secrets):
    """A value without the secrets."""
    if isinstance(value, dict):
        return {name: masked(item, secrets) for name, item in value.items()}
    if isinstance(value, list):
        return [masked(item, secrets) for item in value]
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, "*******")
    return value


def differences(before, after, path=""):
    """What the template asks for and the resource does not have, in the form of what-if."""
    found = []
    for name, wanted in after.items():
        where = f"{path}.{name}" if path else name
        has = before.get(name) if isinstance(before, dict) else None
        if isinstance(wanted, str) and wanted.startswith("[") and wanted.endswith("]"):
            continue
        if name == "location" and isinstance(wanted, str):
            wanted = wanted.replace(" ", "").lower()
        if isinstance(wanted, dict) and isinstance(has, dict):
            found += differences(has, wanted, where)
        elif not covers(has, wanted):
            found.append({"path": where, "propertyChangeType": "Create" if has is None else "Modify",
                          "before": has, "after": wanted, "children": None})
    return found


def covers(has, wanted):
    """Whether a value has all that is wanted; the service may have added more."""
    if isinstance(wanted, dict) and isinstance(has, dict):
        return all(covers(has.get(name), value) for name, value in wanted.items())
    if isinstance(wanted, list) and isinstance(has, list):
        return len(has) == len(wanted) and all(covers(h, w) for h, w in zip(has, wanted))
    if isinstance(wanted, str) and wanted.startswith("[") and wanted.endswith("]"):
        return True
    return has == wanted


class Running:
    """A resource whose creation has begun."""

    def __init__(self, planned, step, created, fault, due):
        self.planned = planned
        self.step = step
        self.created = created
        self.fault = fault
        self.due = due
        self.resource = None
        self.generation = 0
        self.inner = None  # the deployment, if the resource is one

    def ready(self):
        if self.fault is not None and self.fault.kind == "stuck":
            return False
        if self.inner is not None:
            return self.inner.final
        return time.monotonic() >= self.due


class Runner(threading.Thread):
    """Carries out one deployment."""

    def __init__(self, deployments, deployment, fault):
        super().__init__(daemon=True, name=f"deployment {deployment.name}")
        self.all = deployments
        self.store = deployments.store
        self.deployment = deployment
        self.fault = fault
        self.waiting = list(deployment.planned)
        self.running = []
        self.done = set()
        self.failed = []

    def run(self):
        try:
            self.carry_out()
        except Exception:
            traceback.print_exc()
            self.deployment.end("Failed", ArmError(500, "InternalServerError",
                                                   "The sandbox itself failed; see its log."))

    def carry_out(self):
        deployment = self.deployment
        deployment.context.running = True
        deployment.state = "Running"
        if self.fault is not None and self.fault.kind == "fail-async":
            time.sleep(self.all.operations.latency)
            deployment.end("Failed", self.wrap([self.fault.operation_error().body()]))
            return
        if self.fault is not None and self.fault.kind == "in-progress":
            deployment.cancelled.wait(self.fault.delay)
        stuck = self.fault is not None and self.fault.kind == "stuck"
        while not deployment.cancelled.is_set() and (stuck or self.waiting or self.running):
            if not stuck:
                self.begin_ready()
                self.finish_ready()
            if stuck or self.running:
                deployment.cancelled.wait(TURN)
        if deployment.cancelled.is_set():
            self.end_cancelled()
        else:
            self.end()

    def begin_ready(self):
        present = set(self.deployment.planned)
        for planned in list(self.waiting):
            wanted = planned.depends_on & present
            if any(other in self.failed for other in wanted):
                # What depends on a failure is never begun, and what depends on that neither.
                self.waiting.remove(planned)
                self.failed.append(planned)
            elif wanted <= self.done:
                self.waiting.remove(planned)
                self.begin(planned)

    def begin(self, planned):
        rid = planned.id
        fault = self.all.faults.take("PUT", rid.text, inside=True)
        entry = self.all.journal.begin("PUT", rid.text, f"deployment {self.deployment.name}")
        step = Step(rid)
        self.deployment.steps.append(step)
        try:
            if fault is not None and fault.group == "answer":
                raise fault.error(rid.text)
            body = self.deployment.template.guard(planned.body, f"resource '{rid}'")
            due = time.monotonic() + self.all.operations.latency
            if fault is not None and (fault.group == "delay" or fault.kind == "in-progress"):
                due += fault.delay
            running = Running(planned, step, True, fault, due)
            if is_deployment(rid):
                running.inner, running.created = self.all.start(rid.group, rid.name, body)
            else:
                body.pop("apiVersion", None)
                running.resource, running.created = self.store.begin_put(
                    rid, body, by=f"deployment {self.deployment.name}")
                running.generation = running.resource.generation
            self.running.append(running)
            self.all.journal.end(entry, 201 if running.created else 200, fault and fault.kind)
        except ArmError as error:
            self.all.journal.end(entry, error.status, fault and fault.kind)
            step.end("Failed", error.status, error)
            self.failed.append(planned)

    def finish_ready(self):
        for running in [running for running in self.running if running.ready()]:
            self.running.remove(running)
            error = None
            if running.fault is not None and running.fault.kind == "fail-async":
                error = running.fault.operation_error()
            elif running.inner is not None and running.inner.state != "Succeeded":
                error = running.inner.error or ArmError(409, "DeploymentCanceled", "The deployment was canceled.")
            if running.resource is not None:
                self.store.finish(running.resource, running.generation, "Failed" if error else "Succeeded")
            if error is None:
                running.step.end("Succeeded", 201 if running.created else 200)
                self.done.add(running.planned)
                continue
            wrapped = ArmError(409, "ResourceDeploymentFailure", "The resource write operation failed to complete "
                               "successfully, because it reached terminal provisioning state 'Failed'.",
                               target=running.planned.id.text, details=[error.body()])
            running.step.end("Failed", 409, wrapped)
            self.failed.append(running.planned)

    def end(self):
        deployment = self.deployment
        details = [{**step.error.body(), "target": step.rid.text} for step in deployment.steps
                   if step.error is not None]
        if details:
            deployment.end("Failed", self.wrap(details))
            return
        refused = self.delete_others() if deployment.mode == "Complete" else []
        if refused:
            deployment.end("Failed", ArmError(409, "DeploymentFailedCleanUp", "Unable to delete resources that are not "
                                              "in the template.", target=deployment.id, details=refused))
            return
        try:
            deployment.outputs = deployment.template.outputs()
        except ArmError as error:
            deployment.end("Failed", ArmError(400, "DeploymentOutputEvaluationFailed", "Unable to evaluate template "
                                              "outputs. Please see error details and deployment operations.",
                                              details=[error.body()]))
            return
        step = Step(None, "EvaluateDeploymentOutput")
        step.end("Succeeded", 200)
        deployment.steps.append(step)
        deployment.end("Succeeded")

    def end_cancelled(self):
        for running in self.running:
            running.step.end("Canceled", 409)
            if running.resource is not None and not (running.fault and running.fault.kind == "stuck"):
                self.store.finish(running.resource, running.generation)
        self.deployment.end("Canceled", ArmError(409, "DeploymentCanceled", "The deployment was canceled."))

    def delete_others(self):
        """Complete mode: what the template does not mention goes, the users of a thing before the thing.

        Returns the errors of what could not be deleted.
        """
        mentioned = {planned.id.key for planned in self.deployment.template.planned}
        left = [resource for resource in self.store.in_group(self.deployment.group)
                if resource.id.key not in mentioned and not resource.id.parent and resource.location]
        refused = {}
        progress = True
        while left and progress:
            progress = False
            for resource in list(left):
                try:
                    self.delete_other(resource)
                    left.remove(resource)
                    progress = True
                except ArmError as error:
                    refused[resource.id.key] = error
        return [{**refused[resource.id.key].body(), "target": resource.id.text} for resource in left]

    def delete_other(self, resource):
        found = self.store.begin_delete(resource.id)
        if found is not None:
            self.store.finish_delete(found)
        step = Step(resource.id, "Delete")
        step.end("Succeeded", 200)
        self.deployment.steps.append(step)

    def wrap(self, details):
        return ArmError(409, "DeploymentFailed", FAILED_MESSAGE, target=self.deployment.id, details=details)


def is_deployment(rid):
    return rid.type.lower() == "microsoft.resources/deployments"


def list_keys(store, rid):
    """listKeys() of a storage account; the sandbox has no other keys."""
    resource = store.get(rid)
    if rid.type.lower() != "microsoft.storage/storageaccounts":
        raise invalid_template(f"listKeys is not simulated for the type '{rid.type}'")
    return kinds.StorageAccount.keys(resource)
