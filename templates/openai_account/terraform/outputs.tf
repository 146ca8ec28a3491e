output "id" {
  description = "The full id of the account."
  value       = azurerm_cognitive_account.main.id
}

output "name" {
  description = "The name of the account."
  value       = azurerm_cognitive_account.main.name
}

output "endpoint" {
  description = "The address of its API."
  value       = azurerm_cognitive_account.main.endpoint
}

output "chat_deployment" {
  description = "The name of the chat model's deployment; empty if there is none."
  value       = var.chat_model == "none" ? "" : azurerm_cognitive_deployment.chat[0].name
}

output "embedding_deployment" {
  description = "The name of the embedding model's deployment; empty if there is none."
  value       = var.embedding_model == "none" ? "" : azurerm_cognitive_deployment.embedding[0].name
}
