terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.9"
    }
  }
}

# Subscription and credentials come from the environment.
provider "azurerm" {
  # Where blobs or queues are asked at all, it is by role and not by the account's key.
  storage_use_azuread = true

  features {
    storage {
      # Making an account takes no right to its data, and an account may be closed to us (4.9 on).
      data_plane_available = false
    }
  }
}
