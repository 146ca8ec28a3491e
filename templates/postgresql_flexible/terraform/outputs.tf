output "id" {
  description = "The full id of the server."
  value       = azurerm_postgresql_flexible_server.main.id
}

output "name" {
  description = "The name of the server."
  value       = azurerm_postgresql_flexible_server.main.name
}

output "fqdn" {
  description = "The address by which it is reached, on port 5432."
  value       = azurerm_postgresql_flexible_server.main.fqdn
}
