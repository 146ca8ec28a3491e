output "id" {
  description = "The full id of the workspace."
  value       = azurerm_databricks_workspace.main.id
}

output "name" {
  description = "The name of the workspace."
  value       = azurerm_databricks_workspace.main.name
}

output "workspace_url" {
  description = "The address of the workspace, with https://."
  value       = "https://${azurerm_databricks_workspace.main.workspace_url}"
}

output "resource_group_id" {
  description = "The full id of its resource group."
  value       = azurerm_resource_group.main.id
}

output "instance_pool_id" {
  description = "The id of the pool, in Databricks."
  value       = databricks_instance_pool.main.id
}

output "cluster_id" {
  description = "The id of the cluster, in Databricks."
  value       = databricks_cluster.main.id
}
