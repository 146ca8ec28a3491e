"""What exists in the simulated subscription: resource groups, resources, and how often each was made.

All state is in memory, behind one lock. Writing a resource takes two calls, as the real service works in two
steps: begin_put() makes it exist (Creating or Updating), finish() ends that write (Succeeded or Failed). The same
holds for begin_delete() and finish_delete(). What is special about a type of resource is in kinds.py.
"""

import copy
import threading

from . import clock, errors, ids, kinds, providers


EVENTS_KEPT = 100


class Group:
    def __init__(self, name, location):
        self.name = name
        self.location = location
        self.tags = None
        self.state = "Succeeded"
        self.created = clock.now_text()


class Resource:
    def __init__(self, rid):
        self.id = rid
        self.body = {}
        self.state = "Creating"
        self.created = clock.now_text()
        self.changed = self.created
        self.power = "running"  # of a virtual machine
        self.generation = 0  # grows with each write, so that a late finish() of an earlier one is known

    @property
    def properties(self):
        return self.body.setdefault("properties", {})

    @property
    def location(self):
        return self.body.get("location")

    @property
    def kind(self):
        return kinds.of(self.id.type)


class Count:
    def __init__(self, id_):
        self.id = id_
        self.created = 0
        self.put = 0
        self.deleted = 0
        self.events = []  # the newest of them: what happened, on whose request, with which tags

    def wrote(self, created, by, tags):
        self.put += 1
        self.created += created
        self.event("created" if created else "updated", by, tags)

    def went(self):
        self.deleted += 1
        self.event("deleted", None, None)

    def event(self, what, by, tags):
        self.events = self.events[1 - EVENTS_KEPT:] + [
            {"time": clock.now_text(), "what": what, "by": by, "tags": dict(tags or {})}]


class Store:
    def __init__(self, subscription):
        self.subscription = subscription
        self.lock = threading.RLock()
        self.groups = {}
        self.resources = {}
        self.counts = {}
        self.unregistered = set()

    def count(self, id_):
        """The counters of an id; they outlive what they count."""
        return self.counts.setdefault(id_.lower(), Count(id_))

    # Resource groups.

    def group(self, name):
        with self.lock:
            group = self.groups.get(name.lower())
            if group is None:
                raise errors.group_not_found(name)
            return group

    def writable_group(self, name):
        group = self.group(name)
        if group.state == "Deleting":
            raise errors.group_being_deleted(name)
        return group

    def put_group(self, name, body):
        """Create or update a group. Returns it and whether it is new."""
        with self.lock:
            location = providers.location(body.get("location"))
            if location is None:
                raise errors.bad_request("LocationNotAvailableForResourceGroup", "The provided location "
                                         f"'{body.get('location')}' is not available for resource group. "
                                         f"List of available regions is '{','.join(providers.LOCATIONS)}'.")
            created = name.lower() not in self.groups
            if created:
                self.groups[name.lower()] = Group(name, location)
            group = self.writable_group(name)
            if group.location != location:
                raise errors.conflict("InvalidResourceGroupLocation", f"Invalid resource group location '{location}'. "
                                      f"The Resource group already exists in location '{group.location}'.")
            group.tags = body.get("tags")
            self.count(ids.group_id(self.subscription, name)).wrote(created, "request", group.tags)
            return group, created

    def begin_delete_group(self, name):
        with self.lock:
            group = self.group(name)
            group.state = "Deleting"
            for resource in self.in_group(name):
                resource.state = "Deleting"
                resource.generation += 1

    def undelete_group(self, name):
        """The deletion of a group has failed: what is still there stays."""
        with self.lock:
            self.group(name).state = "Succeeded"
            for resource in self.in_group(name):
                resource.state = "Succeeded"

    def finish_delete_group(self, name):
        with self.lock:
            if self.groups.pop(name.lower(), None) is None:
                return
            for resource in self.in_group(name):
                self.remove(resource)
            self.count(ids.group_id(self.subscription, name)).went()

    def show_group(self, group):
        shown = {"id": ids.group_id(self.subscription, group.name), "name": group.name,
                 "type": "Microsoft.Resources/resourceGroups", "location": group.location,
                 "properties": {"provisioningState": group.state}}
        if group.tags is not None:
            shown["tags"] = dict(group.tags)
        return shown

    # Finding resources.

    def find(self, id_):
        """The resource of an id (text or ResourceId), or None."""
        with self.lock:
            return self.resources.get(str(id_).lower())

    def get(self, rid):
        """The resource of an id, or the refusal that ARM gives."""
        with self.lock:
            resource = self.resources.get(rid.key)
            if resource is None:
                if rid.group is not None:
                    self.group(rid.group)
                raise errors.resource_not_found(rid)
            return resource

    def in_group(self, name):
        with self.lock:
            return [resource for resource in self.resources.values()
                    if (resource.id.group or "").lower() == name.lower()]

    def children(self, resource, type_name=None):
        """The resources directly below one; only those of a type ("subnets") if it is given."""
        with self.lock:
            found = [child for child in self.resources.values()
                     if child.id.parent and child.id.parent.lower() == resource.id.key]
            if type_name is None:
                return found
            return [child for child in found if child.id.type.split("/")[-1].lower() == type_name.lower()]

    def users_of(self, key):
        """The resources whose properties point at an id."""
        with self.lock:
            return [resource for resource in self.resources.values()
                    if resource.id.key != key and key in kinds.references(resource.body)]

    # Writing resources.

    def begin_put(self, rid, body, by="request"):
        """Create a resource or replace what it says. Returns it and whether it is new. ArmError: nothing changed.

        `by` says who does it: a client's own request, a deployment, or the resource that this one belongs to.
        """
        with self.lock:
            body = copy.deepcopy(body or {})
            old = self.resources.get(rid.key)
            self.check_put(rid, body, old)
            resource = old or Resource(rid)
            resource.kind.check(self, resource, body)
            resource.state = "Creating" if old is None else "Updating"
            resource.changed = clock.now_text()
            resource.generation += 1
            resource.body = resource.kind.prepare(self, resource, body)
            self.resources[rid.key] = resource
            self.count(rid.text).wrote(old is None, by, resource.body.get("tags"))
            resource.kind.after_put(self, resource)
            return resource, old is None

    def check_put(self, rid, body, old):
        """The refusals that are the same for all types."""
        if rid.namespace.lower() in self.unregistered:
            raise errors.conflict("MissingSubscriptionRegistration", "The subscription is not registered to use "
                                  f"namespace '{rid.namespace}'. See https://aka.ms/rps-not-found for how to register "
                                  "subscriptions.")
        if rid.group is not None:
            self.writable_group(rid.group)
        if rid.parent and ids.is_resource_id(rid.parent) and rid.parent.lower() not in self.resources:
            raise errors.parent_not_found(rid)
        if "location" in body and body["location"] is not None:
            location = providers.location(body["location"])
            if location is None:
                raise errors.bad_request("LocationNotAvailableForResourceType", f"The provided location "
                                         f"'{body['location']}' is not available for resource type '{rid.type}'. List "
                                         f"of available regions for the resource type is "
                                         f"'{','.join(providers.LOCATIONS)}'.")
            body["location"] = location
            if old is not None and old.location and old.location != location:
                raise errors.conflict("InvalidResourceLocation", f"The resource '{rid.name}' already exists in "
                                      f"location '{old.location}' in resource group '{rid.group}'. A resource with the "
                                      f"same name cannot be created in location '{location}'. Please select a new "
                                      "resource name.")
        elif rid.parent is None and rid.group is not None and not kinds.of(rid.type).placeless:
            raise errors.bad_request("LocationRequired", "The location property is required for this definition.")
        if old is not None and old.state == "Deleting":
            raise errors.conflict("AnotherOperationInProgress", "Another operation on this or dependent resource is "
                                  f"in progress. The resource '{rid}' is being deleted.")

    def patch(self, rid, body):
        """Change some values of a resource. Returns it."""
        with self.lock:
            resource = self.get(rid)
            merged = copy.deepcopy(resource.body)
            for name, value in body.items():
                if name == "properties" and isinstance(value, dict):
                    merged["properties"] = {**merged.get("properties", {}), **value}
                elif value is not None:
                    merged[name] = value
            return self.begin_put(rid, merged)[0]

    def finish(self, resource, generation, state="Succeeded"):
        """End the write which left the resource at this generation; a later write is not disturbed."""
        with self.lock:
            if resource.generation == generation:
                resource.state = state

    def begin_delete(self, rid):
        """Begin a deletion. Returns the resource, or None if there is none."""
        with self.lock:
            resource = self.resources.get(rid.key)
            if resource is None:
                return None
            if rid.group is not None:
                self.writable_group(rid.group)
            resource.kind.check_delete(self, resource)
            resource.state = "Deleting"
            resource.generation += 1
            return resource

    def finish_delete(self, resource):
        with self.lock:
            if self.resources.get(resource.id.key) is not resource:
                return
            for child in self.children(resource):
                self.finish_delete(child)
            self.remove(resource)
            resource.kind.after_delete(self, resource)

    def remove(self, resource):
        if self.resources.pop(resource.id.key, None) is not None:
            self.count(resource.id.text).went()

    # Showing resources.

    def show(self, resource):
        """A resource as a GET answers it."""
        with self.lock:
            body = copy.deepcopy(resource.body)
            shown = {"id": resource.id.text, "name": resource.id.names[-1], "type": resource.id.type}
            shown.update(body)
            properties = dict(body.get("properties") or {})
            properties["provisioningState"] = resource.state
            shown["properties"] = resource.kind.show(self, resource, properties)
            return shown

    def show_brief(self, resource):
        """A resource as a list of resources shows it."""
        with self.lock:
            shown = {"id": resource.id.text, "name": resource.id.name, "type": resource.id.type}
            for name in ("location", "tags", "sku", "kind", "identity", "zones", "managedBy", "plan"):
                if resource.body.get(name) is not None:
                    shown[name] = copy.deepcopy(resource.body[name])
            shown.update(provisioningState=resource.state, createdTime=resource.created, changedTime=resource.changed)
            return shown
