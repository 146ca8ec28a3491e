data "azurerm_client_config" "current" {}

resource "azurerm_key_vault" "vault" {
  name                          = var.name
  location                      = var.location
  resource_group_name           = var.resource_group
  tenant_id                     = data.azurerm_client_config.current.tenant_id
  sku_name                      = var.sku
  rbac_authorization_enabled    = true
  soft_delete_retention_days    = var.soft_delete_days
  purge_protection_enabled      = var.purge_protection
  public_network_access_enabled = var.public_access
  tags                          = var.tags

  network_acls {
    default_action             = "Deny"
    bypass                     = var.trusted_services ? "AzureServices" : "None"
    ip_rules                   = var.allowed_ips
    virtual_network_subnet_ids = var.allowed_subnet_ids
  }
}
