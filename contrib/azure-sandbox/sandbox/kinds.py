"""What is special about single types of resources.

A Kind answers for one type. Most types need nothing special: the resource is what was PUT. The others add what
the service would fill in, make or remove what belongs to the resource, and refuse what the service refuses.
"""

import hashlib
import re
import uuid

from . import errors, ids


def references(value):
    """The ids, in lower case, that an object points at: the values of its "id" members, at any depth."""
    found = set()
    if isinstance(value, dict):
        for name, item in value.items():
            if name.lower() == "id" and isinstance(item, str) and item.startswith("/"):
                found.add(item.lower())
            else:
                found |= references(item)
    elif isinstance(value, list):
        for item in value:
            found |= references(item)
    return found


def digits(*parts):
    """A number which depends only on the arguments, to make addresses and names of."""
    return int.from_bytes(hashlib.sha256("|".join(parts).encode()).digest()[:4], "big")


def in_use(resource, users, types):
    """The first of the users which is of one of the types, or None."""
    return next((user for user in users if user.id.type.lower() in types), None)


class Kind:
    """A type with nothing special."""

    placeless = False       # a top-level resource without a location
    answers_202 = False     # PUT answers 202 and Location instead of 201 and Azure-AsyncOperation
    deletes_at_once = False
    needs = ()              # types which the resource may point at and which must exist

    def check(self, store, resource, body):
        """Refuse what the service would refuse, before anything is changed."""
        for key in references(body.get("properties")):
            if not ids.is_resource_id(key):
                continue
            rid = ids.ResourceId(key)
            if rid.type.lower() in self.needs and store.find(key) is None:
                raise errors.bad_request(
                    "InvalidResourceReference", f"Resource {key} referenced by resource {resource.id} was not found. "
                    "Please make sure that the referenced resource exists, and that both resources are in the same "
                    "region.")

    def prepare(self, store, resource, body):
        """The body to keep for the one that was PUT: with what the service fills in, without secrets."""
        body.setdefault("properties", {})
        return body

    def after_put(self, store, resource):
        """Make what comes with the resource."""

    def check_delete(self, store, resource):
        """Refuse the deletion of what is in use."""

    def after_delete(self, store, resource):
        """Remove what goes with the resource."""

    def show(self, store, resource, properties):
        """The properties as a GET shows them."""
        return properties


class StorageAccount(Kind):
    answers_202 = True
    deletes_at_once = True

    def check(self, store, resource, body):
        name = resource.id.name
        if not re.fullmatch(r"[a-z0-9]{3,24}", name):
            raise errors.bad_request("AccountNameInvalid", f"{name} is not a valid storage account name. Storage "
                                     "account name must be between 3 and 24 characters in length and use numbers and "
                                     "lower-case letters only.")
        if self.taken(store, name, resource.id.key):
            raise errors.conflict("StorageAccountAlreadyTaken", f"The storage account named {name} is already taken.")

    @staticmethod
    def taken(store, name, except_key=None):
        """Whether another account has the name: it is global."""
        return any(other.id.name.lower() == name.lower() and other.id.key != except_key
                   for other in store.resources.values()
                   if other.id.type.lower() == "microsoft.storage/storageaccounts")

    def prepare(self, store, resource, body):
        name = resource.id.name
        sku = body.get("sku") or {"name": "Standard_RAGRS"}
        body["sku"] = {"name": sku["name"], "tier": sku["name"].split("_")[0]}
        body.setdefault("kind", "StorageV2")
        body.setdefault("tags", {})
        given = body.get("properties") or {}
        body["properties"] = {
            "accessTier": "Hot", "supportsHttpsTrafficOnly": True, "minimumTlsVersion": "TLS1_0",
            "allowBlobPublicAccess": True, "creationTime": resource.created, "primaryLocation": body["location"],
            "statusOfPrimary": "available", "privateEndpointConnections": [],
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Allow", "ipRules": [],
                            "virtualNetworkRules": []},
            "primaryEndpoints": {service: f"https://{name}.{service}.core.windows.net/"
                                 for service in ("blob", "dfs", "file", "queue", "table", "web")},
            **given}
        return body

    @staticmethod
    def keys(resource):
        return {"keys": [{"keyName": f"key{n}", "permissions": "FULL", "creationTime": resource.created,
                          "value": hashlib.sha256(f"{resource.id.key}{n}".encode()).hexdigest()} for n in (1, 2)]}


class WithInlineChildren(Kind):
    """A type that lists its children in its own body, as a virtual network does with its subnets."""

    needs = ("microsoft.network/networksecuritygroups",)

    def __init__(self, member):
        self.member = member

    def check(self, store, resource, body):
        super().check(store, resource, body)
        for child in self.left_out(store, resource, body.get("properties") or {}):
            child.kind.check_delete(store, child)

    def left_out(self, store, resource, properties):
        """The children which a new body no longer lists: it replaces the old one, so these go."""
        if self.member not in properties:
            return []
        names = {item.get("name", "").lower() for item in properties[self.member] or []}
        return [child for child in store.children(resource, self.member) if child.id.names[-1].lower() not in names]

    def after_put(self, store, resource):
        for child in self.left_out(store, resource, resource.properties):
            store.finish_delete(child)
        for item in resource.properties.pop(self.member, None) or []:
            rid = ids.ResourceId(f"{resource.id}/{self.member}/{item['name']}")
            child, _ = store.begin_put(rid, {"properties": item.get("properties") or {}}, by="parent")
            store.finish(child, child.generation)

    def check_delete(self, store, resource):
        for child in store.children(resource):
            child.kind.check_delete(store, child)

    def show(self, store, resource, properties):
        shown = [store.show(child) for child in store.children(resource, self.member)]
        return {**properties, self.member: shown}


class Subnet(Kind):
    needs = ("microsoft.network/networksecuritygroups",)

    def check_delete(self, store, resource):
        user = in_use(resource, store.users_of(resource.id.key), ("microsoft.network/networkinterfaces",))
        if user:
            raise errors.bad_request("InUseSubnetCannotBeDeleted", f"Subnet {resource.id.names[-1]} is in use by "
                                     f"{user.id} and cannot be deleted. In order to delete the subnet, delete all the "
                                     "resources within the subnet. See aka.ms/deletesubnet.")


class SecurityGroup(WithInlineChildren):
    def check_delete(self, store, resource):
        user = in_use(resource, store.users_of(resource.id.key),
                      ("microsoft.network/networkinterfaces", "microsoft.network/virtualnetworks/subnets"))
        if user:
            raise errors.bad_request(
                "InUseNetworkSecurityGroupCannotBeDeleted", f"Network security group {resource.id} cannot be deleted "
                f"because it is in use by the following resources: {user.id}. In order to delete the Network security "
                "group, remove the association with the resource(s). To learn how to do this, see aka.ms/deletensg.")


class PublicAddress(Kind):
    def prepare(self, store, resource, body):
        number = digits(resource.id.key)
        body.setdefault("sku", {"name": "Standard", "tier": "Regional"})
        properties = body.setdefault("properties", {})
        properties.setdefault("publicIPAllocationMethod", "Static")
        properties.setdefault("publicIPAddressVersion", "IPv4")
        # 203.0.113.0/24 is set aside for documentation.
        properties["ipAddress"] = f"203.0.113.{number % 254 + 1}"
        return body

    def check_delete(self, store, resource):
        user = in_use(resource, store.users_of(resource.id.key), ("microsoft.network/networkinterfaces",))
        if user:
            raise errors.bad_request("PublicIPAddressCannotBeDeleted", f"Public IP address {resource.id} can not be "
                                     f"deleted since it is still allocated to resource {user.id}. In order to delete "
                                     "the public IP, disassociate/detach the Public IP address from the resource. To "
                                     "learn how to do this, see aka.ms/deletepublicip.")


class NetworkInterface(Kind):
    needs = ("microsoft.network/virtualnetworks/subnets", "microsoft.network/publicipaddresses",
             "microsoft.network/networksecuritygroups")

    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        for index, configuration in enumerate(properties.get("ipConfigurations") or []):
            configuration["id"] = f"{resource.id}/ipConfigurations/{configuration.get('name')}"
            inner = configuration.setdefault("properties", {})
            inner.setdefault("privateIPAllocationMethod", "Dynamic")
            inner.setdefault("privateIPAddress", f"10.0.0.{(digits(resource.id.key) + index) % 250 + 4}")
            inner.setdefault("primary", index == 0)
            inner["provisioningState"] = "Succeeded"
        number = digits(resource.id.key, "mac")
        properties["macAddress"] = "00-0D-3A-{:02X}-{:02X}-{:02X}".format(*number.to_bytes(4, "big")[:3])
        return body

    def check_delete(self, store, resource):
        user = in_use(resource, store.users_of(resource.id.key), ("microsoft.compute/virtualmachines",))
        if user:
            raise errors.bad_request("NicInUse", f"Network Interface {resource.id} is used by existing resource "
                                     f"{user.id}. In order to delete the network interface, it must be dissociated "
                                     "from the resource. To learn more, see aka.ms/deletenic.")


class Disk(Kind):
    answers_202 = True

    def prepare(self, store, resource, body):
        body.setdefault("sku", {"name": "Premium_LRS", "tier": "Premium"})
        properties = body.setdefault("properties", {})
        properties.setdefault("creationData", {"createOption": "Empty"})
        properties.setdefault("diskSizeGB", 30)
        properties.setdefault("timeCreated", resource.created)
        properties.setdefault("diskState", "Unattached")
        return body

    def check_delete(self, store, resource):
        user = in_use(resource, store.users_of(resource.id.key), ("microsoft.compute/virtualmachines",))
        if user:
            raise errors.conflict("OperationNotAllowed", f"Disk {resource.id.name} is attached to VM {user.id}.")

    def show(self, store, resource, properties):
        user = in_use(resource, store.users_of(resource.id.key), ("microsoft.compute/virtualmachines",))
        return {**properties, "diskState": "Attached" if user else "Unattached"}


class VirtualMachine(Kind):
    """Brings its managed disks with it; takes along when it goes what its deleteOption says."""

    needs = ("microsoft.network/networkinterfaces", "microsoft.compute/availabilitysets")

    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        if resource.properties.get("vmId"):
            properties["vmId"] = resource.properties["vmId"]
        properties.setdefault("vmId", str(machine_uuid(resource)))
        for secret in ("adminPassword", "customData"):
            (properties.get("osProfile") or {}).pop(secret, None)
        storage = properties.setdefault("storageProfile", {})
        old = (resource.properties.get("storageProfile") or {}) if resource.body else {}
        if storage.get("osDisk"):
            self.name_disk(resource, storage["osDisk"], old.get("osDisk"), "OsDisk_1")
        for disk in storage.get("dataDisks") or []:
            before = next((d for d in old.get("dataDisks") or [] if d.get("lun") == disk.get("lun")), None)
            self.name_disk(resource, disk, before, f"DataDisk_{disk.get('lun', 0)}")
        return body

    @staticmethod
    def name_disk(resource, disk, before, default):
        """Give a disk of the machine its name and its id, the same ones at each PUT."""
        managed = disk.setdefault("managedDisk", {}) or {}
        disk["managedDisk"] = managed
        if managed.get("id"):
            disk.setdefault("name", managed["id"].rsplit("/", 1)[-1])
            return
        if not disk.get("name"):
            suffix = f"{digits(resource.id.key, default):08x}"
            disk["name"] = before["name"] if before else f"{resource.id.name}_{default}_{suffix}"
        managed["id"] = ids.build(resource.id.subscription, resource.id.group, "Microsoft.Compute/disks",
                                  [disk["name"]])
        managed.setdefault("storageAccountType", "Premium_LRS")

    @staticmethod
    def disks(resource):
        storage = resource.properties.get("storageProfile") or {}
        return [disk for disk in [storage.get("osDisk")] + (storage.get("dataDisks") or []) if disk]

    def after_put(self, store, resource):
        for disk in self.disks(resource):
            made_here = str(disk.get("createOption", "FromImage")).lower() in ("fromimage", "empty")
            if not made_here or store.find(disk["managedDisk"]["id"]):
                continue
            body = {"location": resource.location, "tags": resource.body.get("tags"),
                    "sku": {"name": disk["managedDisk"]["storageAccountType"]},
                    "properties": {"creationData": {"createOption": disk.get("createOption", "FromImage")},
                                   "diskSizeGB": disk.get("diskSizeGB", 30)}}
            if resource.body.get("zones"):
                body["zones"] = resource.body["zones"]
            made, _ = store.begin_put(ids.ResourceId(disk["managedDisk"]["id"]), body, by="parent")
            store.finish(made, made.generation)

    def after_delete(self, store, resource):
        network = resource.properties.get("networkProfile") or {}
        going = [disk["managedDisk"]["id"] for disk in self.disks(resource)
                 if str(disk.get("deleteOption", "")).lower() == "delete"]
        going += [nic["id"] for nic in network.get("networkInterfaces") or []
                  if str((nic.get("properties") or {}).get("deleteOption", "")).lower() == "delete"]
        for id_ in going:
            found = store.find(id_)
            if found:
                store.finish_delete(found)


def machine_uuid(resource):
    """A UUID for a machine: another one each time it is made anew."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"{resource.id.key}{resource.created}")


class ManagedCluster(Kind):
    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        name, place = resource.id.name, body["location"]
        start = f"{properties.get('dnsPrefix', name)}-{digits(resource.id.key):08x}"
        private = (properties.get("apiServerAccessProfile") or {}).get("enablePrivateCluster")
        properties.setdefault("nodeResourceGroup", f"MC_{resource.id.group}_{name}_{place}"[:80])
        if private:
            properties["privateFQDN"] = f"{start}.{digits(resource.id.key, 'zone'):08x}.privatelink.{place}.azmk8s.io"
        else:
            properties["fqdn"] = f"{start}.hcp.{place}.azmk8s.io"
        return body


class PostgresServer(Kind):
    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        properties.pop("administratorLoginPassword", None)
        properties["fullyQualifiedDomainName"] = f"{resource.id.name}.postgres.database.azure.com"
        properties["state"] = "Ready"
        return body


class CognitiveAccount(Kind):
    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        domain = properties.get("customSubDomainName")
        properties["endpoint"] = (f"https://{domain}.openai.azure.com/" if domain
                                  else f"https://{body['location']}.api.cognitive.microsoft.com/")
        return body


class KeyVault(Kind):
    def check(self, store, resource, body):
        name = resource.id.name
        if len(name) > 24 or not re.fullmatch(r"[A-Za-z]([A-Za-z0-9]|-(?!-))+[A-Za-z0-9]", name):
            raise errors.bad_request("VaultNameNotValid", f"The vault name '{name}' is invalid. A vault's name must be "
                                     "between 3-24 alphanumeric characters. The name must begin with a letter, end with "
                                     "a letter or digit, and not contain consecutive hyphens.")
        if any(other.id.name.lower() == name.lower() and other.id.key != resource.id.key
               for other in store.resources.values() if other.id.type.lower() == "microsoft.keyvault/vaults"):
            raise errors.conflict("VaultAlreadyExists", f"The vault name '{name}' is already in use.")

    def prepare(self, store, resource, body):
        properties = body.setdefault("properties", {})
        properties["vaultUri"] = f"https://{resource.id.name.lower()}.vault.azure.net/"
        return body


class Placeless(Kind):
    placeless = True
    deletes_at_once = True


DEFAULT = Kind()

KINDS = {
    "microsoft.storage/storageaccounts": StorageAccount(),
    "microsoft.network/virtualnetworks": WithInlineChildren("subnets"),
    "microsoft.network/virtualnetworks/subnets": Subnet(),
    "microsoft.network/networksecuritygroups": SecurityGroup("securityRules"),
    "microsoft.network/routetables": WithInlineChildren("routes"),
    "microsoft.network/publicipaddresses": PublicAddress(),
    "microsoft.network/networkinterfaces": NetworkInterface(),
    "microsoft.compute/disks": Disk(),
    "microsoft.compute/virtualmachines": VirtualMachine(),
    "microsoft.keyvault/vaults": KeyVault(),
    "microsoft.containerservice/managedclusters": ManagedCluster(),
    "microsoft.dbforpostgresql/flexibleservers": PostgresServer(),
    "microsoft.cognitiveservices/accounts": CognitiveAccount(),
}

PLACELESS_NAMESPACES = ("microsoft.authorization", "microsoft.consumption", "microsoft.resources",
                        "microsoft.costmanagement")


def of(type_):
    """The Kind of a type."""
    kind = KINDS.get(type_.lower())
    if kind is None:
        kind = Placeless() if type_.split("/")[0].lower() in PLACELESS_NAMESPACES else DEFAULT
    return kind
