terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.42"
    }
  }
}

# Subscription and credentials come from the environment.
provider "azurerm" {
  features {
    key_vault {
      # What was deleted can be had back, and what stood before is not taken over.
      purge_soft_delete_on_destroy    = false
      recover_soft_deleted_key_vaults = false
    }
  }
}
