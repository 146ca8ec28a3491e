output "id" {
  value = azurerm_key_vault.vault.id
}

output "name" {
  value = azurerm_key_vault.vault.name
}

output "uri" {
  value = azurerm_key_vault.vault.vault_uri
}
