"""The Azure Resource Manager: from a request to an answer.

Arm.handle() picks the method for the shape of the path. Refusals are raised as ArmError and turned into answers by
the HTTP server.
"""

import re
import urllib.parse

from . import clock, errors, ids, kinds, providers
from .deployments import Deployments, list_keys
from .errors import ArmError
from .operations import Operations
from .store import Store

# What a virtual machine does after an action.
POWER_ACTIONS = {"start": "running", "restart": "running", "poweroff": "stopped", "deallocate": "deallocated"}

OPERATION_SEGMENTS = ("operations", "operationresults", "operationstatuses", "asyncoperations")


class Request:
    def __init__(self, method, path, query, body, headers):
        self.method = method
        self.path = path
        self.query = query      # names in lower case
        self.body = body        # the parsed JSON, or None
        self.headers = headers
        self.parts = [urllib.parse.unquote(part) for part in path.strip("/").split("/")]
        self.fault = None       # an "operation" or "delay" fault which the answer must heed


class Answer:
    def __init__(self, status, body=None, headers=None):
        self.status = status
        self.body = body
        self.headers = headers or {}


def parse_filter(text):
    """The conditions of a $filter as far as the CLI makes them: "name eq 'value' and ..."."""
    pairs = re.findall(r"([\w/]+)\s+eq\s+'((?:[^']|'')*)'", text or "")
    pairs += [("startswith:" + name, value)
              for name, value in re.findall(r"startswith\(\s*([\w/]+)\s*,\s*'((?:[^']|'')*)'\s*\)", text or "")]
    return {name.lower(): value.replace("''", "'") for name, value in pairs}


class Arm:
    def __init__(self, subscription, tenant, latency, faults, journal):
        self.subscription = subscription
        self.tenant = tenant
        self.base = ""  # the URL that clients reach the server by, known once it listens
        self.store = Store(subscription)
        self.operations = Operations(latency)
        self.deployments = Deployments(self.store, self.operations, faults, journal, tenant)
        # How long clients shall wait between two looks at an operation.
        self.poll_ms = max(50, min(1000, int(latency * 500)))

    # Routing.

    def handle(self, request):
        lower = [part.lower() for part in request.parts]
        if lower in (["tenants"], ["subscriptions"]):
            self.check_client(request)
            return Answer(200, {"value": [self.show_tenant() if lower == ["tenants"] else self.show_subscription()]})
        if lower[0] == "metadata" and len(lower) == 2:
            return Answer(200, {"authentication": {"loginEndpoint": self.base, "audiences": [self.base],
                                                   "tenant": "common"}})
        self.check_client(request)
        if lower[0] == "subscriptions" and len(lower) >= 2:
            if lower[1] != self.subscription.lower():
                raise ArmError(404, "SubscriptionNotFound",
                               f"The subscription '{request.parts[1]}' could not be found.")
            return self.in_subscription(request, lower)
        if lower[0] == "providers":
            return self.all_providers()
        raise ArmError(404, "NotFound", f"The sandbox has no {request.method} {request.path}.")

    @staticmethod
    def check_client(request):
        """What every request must have: a token (any will do) and an API version."""
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            raise ArmError(401, "AuthenticationFailed",
                           "Authentication failed. The 'Authorization' header is missing.")
        if "api-version" not in request.query:
            raise errors.bad_request("MissingApiVersionParameter", "The api-version query parameter "
                                     "(?api-version=) is required for all requests.")

    def in_subscription(self, request, lower):
        if len(lower) >= 3 and lower[-2] in OPERATION_SEGMENTS:
            answer = self.poll(request, lower)
            if answer is not None:
                return answer
        if len(lower) == 2:
            return Answer(200, self.show_subscription())
        if lower[2] == "resourcegroups":
            return self.in_groups(request, lower)
        if lower[2] == "locations":
            return Answer(200, {"value": [providers.show_location(self.subscription, name)
                                          for name in providers.LOCATIONS]})
        if lower[2] == "resources":
            return self.list_resources(request, None)
        if lower[2] == "tagnames":
            return self.tag_names()
        if lower[2] == "providers":
            return self.in_providers(request, lower)
        raise ArmError(404, "NotFound", f"The sandbox has no {request.method} {request.path}.")

    def in_groups(self, request, lower):
        if len(lower) == 3:
            return self.list_groups(request)
        name = request.parts[3]
        if len(lower) == 4:
            return self.on_group(request, name)
        if len(lower) == 5 and lower[4] == "resources":
            return self.list_resources(request, name)
        if len(lower) >= 7 and lower[4] == "deployments":
            # An older form of the path, which the CLI still uses to list operations.
            request.parts[4:4] = ["providers", "Microsoft.Resources"]
            return self.on_deployments(request, name)
        if lower[4] == "providers" and len(lower) >= 7:
            if lower[5] == "microsoft.resources" and lower[6] == "deployments":
                return self.on_deployments(request, name)
            if lower[5] == "microsoft.resources" and lower[6] == "tags":
                return self.on_tags(request, "/" + "/".join(request.parts[:4]))
            return self.on_resources(request, lower)
        raise ArmError(404, "NotFound", f"The sandbox has no {request.method} {request.path}.")

    # The subscription and its providers.

    def show_tenant(self):
        return {"id": f"/tenants/{self.tenant}", "tenantId": self.tenant, "displayName": "Sandbox"}

    def show_subscription(self):
        return {"id": f"/subscriptions/{self.subscription}", "subscriptionId": self.subscription,
                "tenantId": self.tenant, "displayName": "Sandbox", "state": "Enabled", "managedByTenants": [],
                "authorizationSource": "RoleBased",
                "subscriptionPolicies": {"locationPlacementId": "Public_2014-09-01", "quotaId": "Sandbox",
                                         "spendingLimit": "Off"}}

    def show_provider(self, namespace):
        with self.store.lock:
            seen = {resource.id.type.split("/", 1)[1] for resource in self.store.resources.values()
                    if resource.id.namespace.lower() == namespace.lower()}
        return providers.show(self.subscription, namespace, namespace.lower() not in self.store.unregistered,
                              sorted(seen))

    def all_providers(self):
        return Answer(200, {"value": [self.show_provider(name) for name in providers.names()]})

    def in_providers(self, request, lower):
        if len(lower) == 3:
            return self.all_providers()
        namespace = request.parts[3]
        if len(lower) == 4:
            return Answer(200, self.show_provider(namespace))
        if len(lower) == 5 and lower[4] in ("register", "unregister") and request.method == "POST":
            change = self.store.unregistered.discard if lower[4] == "register" else self.store.unregistered.add
            change(namespace.lower())
            return Answer(200, self.show_provider(namespace))
        if lower[3:] == ["microsoft.storage", "checknameavailability"]:
            return self.check_storage_name(request)
        if lower[3] == "microsoft.resources" and lower[4] == "tags":
            raise ArmError(404, "NotFound", "The sandbox has no tags on subscriptions.")
        return self.on_resources(request, lower)

    def check_storage_name(self, request):
        name = (request.body or {}).get("name", "")
        if kinds.StorageAccount.taken(self.store, name):
            return Answer(200, {"nameAvailable": False, "reason": "AlreadyExists",
                                "message": f"The storage account named {name} is already taken."})
        if not re.fullmatch(r"[a-z0-9]{3,24}", name):
            return Answer(200, {"nameAvailable": False, "reason": "AccountNameInvalid",
                                "message": f"{name} is not a valid storage account name."})
        return Answer(200, {"nameAvailable": True})

    def tag_names(self):
        values = {}
        with self.store.lock:
            bodies = [resource.body for resource in self.store.resources.values()]
            bodies += [{"tags": group.tags} for group in self.store.groups.values()]
            for body in bodies:
                for name, value in (body.get("tags") or {}).items():
                    values.setdefault(name, set()).add(value)
        return Answer(200, {"value": [{
            "id": f"/subscriptions/{self.subscription}/tagNames/{name}", "tagName": name,
            "values": [{"tagValue": value} for value in sorted(found)]} for name, found in sorted(values.items())]})

    # Long-running operations.

    def accepted(self, operation, scope, location=True):
        """The headers which tell a client where to ask how an operation goes.

        The pause between two looks is in milliseconds, since clients that find no pause, or 0, wait 30 seconds.
        """
        name, segment = "Azure-AsyncOperation", "operations"
        if location:
            name, segment = "Location", "operationresults"
        url = f"{self.base}{scope}/{segment}/{operation.id}?api-version=2021-04-01"
        return {name: url, **self.pause()}

    def pause(self):
        if self.poll_ms >= 1000:
            return {"Retry-After": "1"}
        return {"x-ms-retry-after-ms": str(self.poll_ms)}

    def service(self, rid, location):
        return f"/subscriptions/{self.subscription}/providers/{rid.namespace}/locations/{location or 'global'}"

    def poll(self, request, lower):
        """The answer to a look at an operation; None if the path is not one of an operation."""
        operation = self.operations.find(request.parts[-1])
        if operation is None:
            return None
        if lower[-2] == "operations":
            return Answer(200, operation.show(), {} if operation.final else self.pause())
        if not operation.final:
            return Answer(202, None, {"Location": f"{self.base}{request.path}?api-version=2021-04-01", **self.pause()})
        if operation.error is not None:
            raise operation.error
        return Answer(200 if operation.result is not None else 204, operation.result)

    # Resource groups.

    def list_groups(self, request):
        wanted = parse_filter(request.query.get("$filter"))
        with self.store.lock:
            shown = [self.store.show_group(group) for group in self.store.groups.values()
                     if tag_matches(group.tags, wanted)]
        return Answer(200, {"value": shown})

    def on_group(self, request, name):
        if request.method == "HEAD":
            return Answer(204 if name.lower() in self.store.groups else 404)
        if request.method == "GET":
            return Answer(200, self.store.show_group(self.store.group(name)))
        if request.method == "PUT":
            group, created = self.store.put_group(name, request.body or {})
            return Answer(201 if created else 200, self.store.show_group(group))
        if request.method == "PATCH":
            group = self.store.writable_group(name)
            if "tags" in (request.body or {}):
                group.tags = request.body["tags"]
            return Answer(200, self.store.show_group(group))
        if request.method == "DELETE":
            self.store.begin_delete_group(name)

            def work():
                self.deployments.forget_group(name)
                self.store.finish_delete_group(name)
            operation = self.operations.start(request, work, lambda: self.store.undelete_group(name))
            return Answer(202, None, self.accepted(operation, f"/subscriptions/{self.subscription}"))
        raise method_not_allowed(request)

    # Resources.

    def list_resources(self, request, group):
        wanted = parse_filter(request.query.get("$filter"))
        group = group or wanted.get("resourcegroup")
        with self.store.lock:
            if group is not None:
                self.store.group(group)
            shown = [self.store.show_brief(resource) for resource in self.store.resources.values()
                     if resource.location and listed(resource, group, wanted)]
        if "$top" in request.query:
            shown = shown[:int(request.query["$top"])]
        return Answer(200, {"value": shown})

    def on_resources(self, request, lower):
        """A resource, a list of resources of one type, or an action on a resource."""
        if lower[-3:] == ["microsoft.resources", "tags", "default"]:
            return self.on_tags(request, "/" + "/".join(request.parts[:-4]))
        if ids.is_resource_id(request.path):
            if request.method == "POST":
                raise method_not_allowed(request)
            return self.on_resource(request, ids.ResourceId("/".join(request.parts)))
        if request.method == "GET":
            return self.list_type(request)
        if request.method == "POST":
            return self.action(request, lower[-1])
        raise method_not_allowed(request)

    def list_type(self, request):
        """The resources of one type, in the subscription, a group or below a parent; or a view of one resource."""
        above = "/" + "/".join(request.parts[:-1])
        if request.parts[-1].lower() == "instanceview" and self.store.find(above):
            return Answer(200, self.instance_view(self.store.find(above)))
        if ids.is_resource_id(above):
            self.store.get(ids.ResourceId(above))
        prefix = request.path.lower().rstrip("/") + "/"
        at_subscription = len(request.parts) > 2 and request.parts[2].lower() == "providers"
        type_ = "/".join(request.parts[3:]).lower()
        with self.store.lock:
            found = [resource for key, resource in self.store.resources.items()
                     if (key.startswith(prefix) and key.count("/") == prefix.count("/"))
                     or (at_subscription and resource.id.type.lower() == type_)]
            return Answer(200, {"value": [self.store.show(resource) for resource in found]})

    def on_resource(self, request, rid):
        if request.method in ("GET", "HEAD"):
            with self.store.lock:
                resource = self.store.get(rid)
                return Answer(200 if request.method == "GET" else 204,
                              self.store.show(resource) if request.method == "GET" else None)
        if request.method == "PUT":
            resource, created = self.store.begin_put(rid, request.body)
            return self.writing(request, resource, created)
        if request.method == "PATCH":
            return self.writing(request, self.store.patch(rid, request.body or {}), False)
        if request.method == "DELETE":
            return self.delete(request, rid)
        raise method_not_allowed(request)

    def writing(self, request, resource, created):
        """The answer to a write that has begun: done at once, or a long-running operation."""
        store, generation = self.store, resource.generation
        if request.fault is None and (request.method == "PATCH" or resource.location is None):
            store.finish(resource, generation)
            return Answer(201 if created else 200, store.show(resource))

        def work():
            store.finish(resource, generation)
            return store.show(resource)
        operation = self.operations.start(request, work, lambda: store.finish(resource, generation, "Failed"))
        scope = self.service(resource.id, resource.location)
        if resource.kind.answers_202:
            return Answer(202, None, self.accepted(operation, scope))
        return Answer(201 if created else 200, store.show(resource), self.accepted(operation, scope, location=False))

    def delete(self, request, rid):
        if rid.group is not None:
            self.store.group(rid.group)
        resource = self.store.begin_delete(rid)
        if resource is None:
            return Answer(204)
        if request.fault is None and (resource.kind.deletes_at_once or resource.location is None):
            self.store.finish_delete(resource)
            return Answer(200)
        operation = self.operations.start(request, lambda: self.store.finish_delete(resource),
                                          lambda: self.store.finish(resource, resource.generation, "Failed"))
        return Answer(202, None, self.accepted(operation, self.service(rid, resource.location)))

    def action(self, request, name):
        """POST /resource/ACTION."""
        path = "/" + "/".join(request.parts[:-1])
        if not ids.is_resource_id(path):
            raise method_not_allowed(request)
        resource = self.store.get(ids.ResourceId(path))
        if name == "listkeys":
            return Answer(200, list_keys(self.store, resource.id))
        power = POWER_ACTIONS.get(name)
        if resource.id.type.lower() == "microsoft.compute/virtualmachines" and power:
            def work():
                resource.power = power
            operation = self.operations.start(request, work)
            # The CLI's client for actions knows no pauses in milliseconds.
            return Answer(202, None, {**self.accepted(operation, self.service(resource.id, resource.location)),
                                      "Retry-After": "1"})
        raise errors.bad_request("ActionNotSimulated", f"The sandbox has no action '{name}' for '{resource.id.type}'.")

    @staticmethod
    def instance_view(resource):
        power = resource.power
        return {"statuses": [
            {"code": f"ProvisioningState/{resource.state.lower()}", "level": "Info",
             "displayStatus": f"Provisioning {resource.state.lower()}", "time": clock.now_text()},
            {"code": f"PowerState/{power}", "level": "Info", "displayStatus": f"VM {power}"}]}

    # Tags as a resource of their own: az tag create, update, list, delete --resource-id.

    def on_tags(self, request, scope):
        group = ids.group_id(self.subscription, scope.rsplit("/", 1)[-1])
        if scope.lower() == group.lower():
            holder = self.store.group(scope.rsplit("/", 1)[-1])
            old = dict(holder.tags or {})
        else:
            holder = self.store.get(ids.ResourceId(scope))
            old = dict(holder.body.get("tags") or {})
        given = ((request.body or {}).get("properties") or {}).get("tags") or {}
        operation = str((request.body or {}).get("operation", "Replace")).lower()
        if request.method == "GET":
            new = old
        elif request.method == "DELETE":
            new = {}
        elif request.method == "PUT" or operation == "replace":
            new = given
        elif operation == "merge":
            new = {**old, **given}
        else:
            new = {name: value for name, value in old.items() if given.get(name) != value}
        if hasattr(holder, "body"):
            holder.body["tags"] = new
        else:
            holder.tags = new
        return Answer(200, None if request.method == "DELETE" else {
            "id": f"{scope}/providers/Microsoft.Resources/tags/default", "name": "default",
            "type": "Microsoft.Resources/tags", "properties": {"tags": new}})

    # Deployments.

    def on_deployments(self, request, group):
        """.../resourcegroups/GROUP/providers/Microsoft.Resources/deployments[/NAME[/WHAT[/ID]]]"""
        rest = request.parts[7:]
        if not rest:
            self.store.group(group)
            return self.list_deployments(request, group)
        name = rest[0]
        what = rest[1].lower() if len(rest) > 1 else ""
        if len(rest) == 1:
            return self.on_deployment(request, group, name)
        if what == "operations":
            return self.deployment_operations(group, name, rest[2:])
        if what == "operationstatuses":
            return self.deployment_status(group, name, rest[-1])
        if request.method != "POST":
            raise method_not_allowed(request)
        if what == "validate":
            return self.validate(request, group, name)
        if what == "whatif":
            result = self.deployments.what_if(group, name, request.body)
            operation = self.operations.start(request, lambda: result)
            return Answer(202, None, self.accepted(operation, f"/subscriptions/{self.subscription}"))
        if what == "cancel":
            self.deployments.cancel(group, name)
            return Answer(204)
        if what == "exporttemplate":
            return Answer(200, {"template": self.deployments.get(group, name).template.body})
        raise method_not_allowed(request)

    def list_deployments(self, request, group):
        wanted = parse_filter(request.query.get("$filter")).get("provisioningstate")
        shown = [record.show() for record in self.deployments.list(group) if wanted in (None, record.state)]
        return Answer(200, {"value": shown})

    def on_deployment(self, request, group, name):
        if request.method == "PUT":
            deployment, created = self.deployments.start(group, name, request.body, request.fault)
            shown = deployment.show()
            shown["properties"]["provisioningState"] = "Accepted"
            url = f"{self.base}{deployment.id}/operationStatuses/{deployment.operation_id}?api-version=2021-04-01"
            return Answer(201 if created else 200, shown, {"Azure-AsyncOperation": url, **self.pause()})
        if request.method == "DELETE":
            if not self.deployments.forget(group, name):
                return Answer(204)
            operation = self.operations.start(request, lambda: None)
            return Answer(202, None, self.accepted(operation, f"/subscriptions/{self.subscription}"))
        record = self.deployments.get(group, name)
        if request.method == "HEAD":
            return Answer(204)
        if request.method == "GET":
            return Answer(200, record.show())
        raise method_not_allowed(request)

    def deployment_operations(self, group, name, rest):
        record = self.deployments.get(group, name)
        shown = [step.show(record.id) for step in list(record.steps)]
        if not rest:
            return Answer(200, {"value": shown})
        found = next((step for step in shown if step["operationId"].lower() == rest[0].lower()), None)
        if found is None:
            raise ArmError(404, "DeploymentOperationNotFound", f"The operation '{rest[0]}' could not be found.")
        return Answer(200, found)

    def deployment_status(self, group, name, operation_id):
        record = self.deployments.get(group, name)
        if record.operation_id != operation_id:
            raise errors.deployment_not_found(name)
        body = {"status": record.state}
        if record.error is not None:
            body["error"] = record.error.body()
        return Answer(200, body, {} if record.final else self.pause())

    def validate(self, request, group, name):
        deployment = self.deployments.prepare(group, name, request.body)
        shown = deployment.show()
        shown["properties"].update(provisioningState="Succeeded",
                                   validatedResources=[{"id": planned.id.text} for planned in deployment.planned])
        return Answer(200, shown)


def method_not_allowed(request):
    return ArmError(405, "MethodNotAllowed", f"The sandbox has no {request.method} {request.path}.")


def tag_matches(tags, wanted):
    """Whether tags fulfil the tagName and tagValue of a filter."""
    if "tagname" not in wanted:
        return True
    tags = {name.lower(): value for name, value in (tags or {}).items()}
    name = wanted["tagname"].lower()
    return name in tags and wanted.get("tagvalue", tags[name]) == tags[name]


def listed(resource, group, wanted):
    """Whether a resource is in a list with this filter."""
    if group is not None and (resource.id.group or "").lower() != group.lower():
        return False
    for name, has in (("resourcetype", resource.id.type), ("name", resource.id.name),
                      ("location", resource.location)):
        if name in wanted and wanted[name].lower() != has.lower():
            return False
    return tag_matches(resource.body.get("tags"), wanted)
