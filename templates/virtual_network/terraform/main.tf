resource "azurerm_virtual_network" "network" {
  name                = var.name
  location            = var.location
  resource_group_name = var.resource_group
  address_space       = [var.address_space]
  tags                = var.tags

  subnet {
    name             = var.subnet_name
    address_prefixes = [var.subnet_prefix]
    security_group   = var.security_group_id
  }
}
