output "id" {
  value = azurerm_managed_disk.disk.id
}

output "name" {
  value = azurerm_managed_disk.disk.name
}
