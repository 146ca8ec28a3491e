"""The resource providers and locations that the sandbox tells of.

The CLI looks up here which API versions a type has. Types that are not listed can be used as well; only then
the CLI wants --api-version.
"""

API_VERSION = "2023-07-01"

LOCATIONS = {
    "australiaeast": "Australia East", "brazilsouth": "Brazil South", "canadacentral": "Canada Central",
    "centralindia": "Central India", "centralus": "Central US", "eastasia": "East Asia", "eastus": "East US",
    "eastus2": "East US 2", "francecentral": "France Central", "germanywestcentral": "Germany West Central",
    "italynorth": "Italy North", "japaneast": "Japan East", "koreacentral": "Korea Central",
    "northcentralus": "North Central US", "northeurope": "North Europe", "norwayeast": "Norway East",
    "polandcentral": "Poland Central", "southafricanorth": "South Africa North",
    "southcentralus": "South Central US", "southeastasia": "Southeast Asia", "swedencentral": "Sweden Central",
    "switzerlandnorth": "Switzerland North", "uaenorth": "UAE North", "uksouth": "UK South", "ukwest": "UK West",
    "westcentralus": "West Central US", "westeurope": "West Europe", "westus": "West US", "westus2": "West US 2",
    "westus3": "West US 3",
}

PROVIDERS = {
    "Microsoft.App": "managedEnvironments containerApps jobs",
    "Microsoft.Authorization": "locks policyAssignments policyDefinitions roleAssignments roleDefinitions",
    "Microsoft.Automation": "automationAccounts",
    "Microsoft.Batch": "batchAccounts",
    "Microsoft.Cache": "redis",
    "Microsoft.CognitiveServices": "accounts accounts/deployments",
    "Microsoft.Compute": "availabilitySets disks images galleries proximityPlacementGroups snapshots sshPublicKeys "
                         "virtualMachines virtualMachines/extensions virtualMachineScaleSets "
                         "capacityReservationGroups diskEncryptionSets hostGroups",
    "Microsoft.Consumption": "budgets",
    "Microsoft.ContainerInstance": "containerGroups",
    "Microsoft.ContainerRegistry": "registries registries/replications registries/webhooks",
    "Microsoft.ContainerService": "managedClusters managedClusters/agentPools",
    "Microsoft.DBforMySQL": "flexibleServers flexibleServers/databases",
    "Microsoft.DBforPostgreSQL": "flexibleServers flexibleServers/databases flexibleServers/firewallRules",
    "Microsoft.DataFactory": "factories",
    "Microsoft.DocumentDB": "databaseAccounts databaseAccounts/sqlDatabases",
    "Microsoft.EventGrid": "topics systemTopics eventSubscriptions",
    "Microsoft.EventHub": "namespaces namespaces/eventhubs",
    "Microsoft.Insights": "actionGroups activityLogAlerts components metricAlerts diagnosticSettings",
    "Microsoft.KeyVault": "vaults vaults/secrets vaults/keys managedHSMs",
    "Microsoft.Logic": "workflows",
    "Microsoft.MachineLearningServices": "workspaces",
    "Microsoft.ManagedIdentity": "userAssignedIdentities userAssignedIdentities/federatedIdentityCredentials",
    "Microsoft.Network": "applicationGateways applicationSecurityGroups azureFirewalls bastionHosts dnsZones "
                         "loadBalancers natGateways networkInterfaces networkSecurityGroups "
                         "networkSecurityGroups/securityRules privateDnsZones privateDnsZones/virtualNetworkLinks "
                         "privateEndpoints publicIPAddresses publicIPPrefixes routeTables routeTables/routes "
                         "virtualNetworkGateways virtualNetworks virtualNetworks/subnets "
                         "virtualNetworks/virtualNetworkPeerings",
    "Microsoft.OperationalInsights": "workspaces",
    "Microsoft.RecoveryServices": "vaults",
    "Microsoft.Resources": "deployments resourceGroups subscriptions tags",
    "Microsoft.Search": "searchServices",
    "Microsoft.ServiceBus": "namespaces namespaces/queues namespaces/topics",
    "Microsoft.SignalRService": "signalR",
    "Microsoft.Sql": "servers servers/databases servers/firewallRules servers/elasticPools managedInstances",
    "Microsoft.Storage": "storageAccounts storageAccounts/blobServices storageAccounts/blobServices/containers "
                         "storageAccounts/fileServices storageAccounts/fileServices/shares "
                         "storageAccounts/managementPolicies",
    "Microsoft.Web": "serverfarms sites sites/config staticSites certificates",
}


def location(text):
    """The short name of a location given as "West Europe" or "westeurope"; None if there is none such."""
    name = str(text or "").replace(" ", "").lower()
    return name if name in LOCATIONS or name == "global" else None


def show_location(subscription, name):
    return {"id": f"/subscriptions/{subscription}/locations/{name}", "name": name, "displayName": LOCATIONS[name],
            "regionalDisplayName": LOCATIONS[name], "type": "Region",
            "metadata": {"regionType": "Physical", "regionCategory": "Recommended", "geographyGroup": "Sandbox"}}


def names():
    return list(PROVIDERS)


def show(subscription, namespace, registered, extra_types=()):
    """A provider as GET /subscriptions/S/providers/NAMESPACE shows it. Unknown ones have only the extra types."""
    known = next((name for name in PROVIDERS if name.lower() == namespace.lower()), namespace)
    types = PROVIDERS.get(known, "").split()
    types += [type_ for type_ in extra_types if type_.lower() not in [known_type.lower() for known_type in types]]
    return {
        "id": f"/subscriptions/{subscription}/providers/{known}", "namespace": known,
        "registrationPolicy": "RegistrationRequired",
        "registrationState": "Registered" if registered else "NotRegistered",
        "resourceTypes": [{
            "resourceType": type_, "locations": list(LOCATIONS.values()), "apiVersions": [API_VERSION],
            "defaultApiVersion": API_VERSION, "capabilities": "SupportsTags, SupportsLocation"} for type_ in types],
    }
