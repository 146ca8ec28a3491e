output "id" {
  value = azurerm_resource_group.group.id
}

output "name" {
  value = azurerm_resource_group.group.name
}
