locals {
  sku_parts = split("_", var.sku)
  # Premium accounts and those of the oldest kind have no access tier.
  tiered = local.sku_parts[0] == "Standard" && contains(["StorageV2", "BlobStorage"], var.kind)
}

resource "azurerm_storage_account" "account" {
  name                             = var.name
  location                         = var.location
  resource_group_name              = var.resource_group
  account_tier                     = local.sku_parts[0]
  account_replication_type         = local.sku_parts[1]
  account_kind                     = var.kind
  access_tier                      = local.tiered ? var.access_tier : null
  https_traffic_only_enabled       = var.https_only
  min_tls_version                  = var.min_tls_version
  allow_nested_items_to_be_public  = var.allow_blob_public_access
  cross_tenant_replication_enabled = false
  tags                             = var.tags
}
