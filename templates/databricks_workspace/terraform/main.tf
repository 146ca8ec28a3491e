resource "azurerm_resource_group" "main" {
  name     = var.resource_group_name
  location = var.location
  tags     = var.tags
}

# Its address can be reached from everywhere, with an Entra login only: without
# that, pool and cluster could not be made from here. Its machines have no
# public addresses.
resource "azurerm_databricks_workspace" "main" {
  name                          = var.name
  resource_group_name           = azurerm_resource_group.main.name
  location                      = azurerm_resource_group.main.location
  sku                           = var.tier
  public_network_access_enabled = true
  tags                          = var.tags

  custom_parameters {
    no_public_ip             = true
    storage_account_sku_name = "Standard_GRS"
  }
}

resource "databricks_instance_pool" "main" {
  instance_pool_name                    = "${var.name}-pool"
  node_type_id                          = var.node_size
  min_idle_instances                    = var.min_idle_nodes
  max_capacity                          = var.min_idle_nodes + var.max_workers + 1
  idle_instance_autotermination_minutes = 15
  preloaded_spark_versions              = [var.runtime]
  custom_tags                           = var.tags

  azure_attributes {
    availability = "ON_DEMAND_AZURE"
  }

  disk_spec {
    disk_count = 1
    disk_size  = var.disk_size_gb

    disk_type {
      azure_disk_volume_type = "PREMIUM_LRS"
    }
  }
}

# It has the tags of its pool; the same ones given here would be an error.
resource "databricks_cluster" "main" {
  cluster_name            = "${var.name}-cluster"
  spark_version           = var.runtime
  runtime_engine          = "STANDARD"
  instance_pool_id        = databricks_instance_pool.main.id
  autotermination_minutes = var.auto_termination_minutes

  autoscale {
    min_workers = var.min_workers
    max_workers = var.max_workers
  }
}
