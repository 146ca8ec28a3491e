terraform {
  required_version = ">= 1.5"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

# Subscription and login come from the environment: ARM_SUBSCRIPTION_ID and the
# login of az, or that of a service principal.
provider "azurerm" {
  features {}
}
