locals {
  # The words of each rule, by its name: see the pattern in capability.toml. A
  # list with commas goes where Azure takes several, all else where it takes one.
  rules = { for rule in var.rules : split(" ", rule)[0] => split(" ", rule) }
}

resource "azurerm_network_security_group" "group" {
  name                = var.name
  location            = var.location
  resource_group_name = var.resource_group
  tags                = var.tags
}

resource "azurerm_network_security_rule" "rule" {
  for_each                     = local.rules
  name                         = each.key
  resource_group_name          = var.resource_group
  network_security_group_name  = azurerm_network_security_group.group.name
  priority                     = tonumber(each.value[1])
  direction                    = each.value[2]
  access                       = each.value[3]
  protocol                     = each.value[4]
  source_port_range            = "*"
  source_address_prefix        = strcontains(each.value[6], ",") ? null : each.value[6]
  source_address_prefixes      = strcontains(each.value[6], ",") ? split(",", each.value[6]) : null
  destination_address_prefix   = strcontains(each.value[8], ",") ? null : each.value[8]
  destination_address_prefixes = strcontains(each.value[8], ",") ? split(",", each.value[8]) : null
  destination_port_range       = strcontains(each.value[10], ",") ? null : each.value[10]
  destination_port_ranges      = strcontains(each.value[10], ",") ? split(",", each.value[10]) : null
}
