output "id" {
  value = azurerm_storage_account.account.id
}

output "name" {
  value = azurerm_storage_account.account.name
}

output "blob_endpoint" {
  value = azurerm_storage_account.account.primary_blob_endpoint
}
