output "id" {
  description = "The full id of the cluster."
  value       = azurerm_kubernetes_cluster.main.id
}

output "name" {
  description = "The name of the cluster."
  value       = azurerm_kubernetes_cluster.main.name
}

output "fqdn" {
  description = "The address of its API server."
  value       = var.private_cluster ? azurerm_kubernetes_cluster.main.private_fqdn : azurerm_kubernetes_cluster.main.fqdn
}

output "node_resource_group" {
  description = "The resource group in which Azure keeps its nodes."
  value       = azurerm_kubernetes_cluster.main.node_resource_group
}
