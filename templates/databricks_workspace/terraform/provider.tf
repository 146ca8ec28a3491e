terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    databricks = {
      source  = "databricks/databricks"
      version = "~> 1.50"
    }
  }
}

# Subscription and login come from the environment: ARM_SUBSCRIPTION_ID and the
# login of az, or that of a service principal.
provider "azurerm" {
  features {
    resource_group {
      # What others have put into the group is not deleted with it.
      prevent_deletion_if_contains_resources = true
    }
  }
}

# The same login, in the workspace that the module makes.
provider "databricks" {
  host                        = azurerm_databricks_workspace.main.workspace_url
  azure_workspace_resource_id = azurerm_databricks_workspace.main.id
}
