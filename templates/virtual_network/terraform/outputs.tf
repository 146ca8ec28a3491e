output "id" {
  value = azurerm_virtual_network.network.id
}

output "name" {
  value = azurerm_virtual_network.network.name
}

# There is but one subnet.
output "subnet_id" {
  value = one(azurerm_virtual_network.network.subnet[*].id)
}
