resource "azurerm_managed_disk" "disk" {
  name                          = var.name
  location                      = var.location
  resource_group_name           = var.resource_group
  storage_account_type          = var.sku
  create_option                 = "Empty"
  disk_size_gb                  = var.size_gb
  zone                          = var.zone == "none" ? null : var.zone
  network_access_policy         = var.network_access
  public_network_access_enabled = var.network_access != "DenyAll"
  tags                          = var.tags
}
