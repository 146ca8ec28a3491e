locals {
  versions = {
    "none"                   = ""
    "gpt-5"                  = "2025-08-07"
    "gpt-5-mini"             = "2025-08-07"
    "gpt-5-nano"             = "2025-08-07"
    "gpt-4.1"                = "2025-04-14"
    "gpt-4.1-mini"           = "2025-04-14"
    "gpt-4.1-nano"           = "2025-04-14"
    "text-embedding-3-small" = "1"
    "text-embedding-3-large" = "1"
  }
}

resource "azurerm_cognitive_account" "main" {
  name                          = var.name
  resource_group_name           = var.resource_group_name
  location                      = var.location
  kind                          = "OpenAI"
  sku_name                      = "S0"
  custom_subdomain_name         = var.name
  public_network_access_enabled = var.public_access
  local_auth_enabled            = var.key_auth
  tags                          = var.tags

  network_acls {
    default_action = var.public_access && length(var.allowed_ip_ranges) == 0 ? "Allow" : "Deny"
    ip_rules       = var.allowed_ip_ranges
  }
}

# Azure changes one deployment of an account at a time; the provider sees to that.
resource "azurerm_cognitive_deployment" "chat" {
  count = var.chat_model == "none" ? 0 : 1

  name                   = var.chat_model
  cognitive_account_id   = azurerm_cognitive_account.main.id
  version_upgrade_option = "OnceCurrentVersionExpired"

  model {
    format  = "OpenAI"
    name    = var.chat_model
    version = local.versions[var.chat_model]
  }

  sku {
    name     = var.deployment_type
    capacity = var.chat_capacity
  }
}

resource "azurerm_cognitive_deployment" "embedding" {
  count = var.embedding_model == "none" ? 0 : 1

  name                   = var.embedding_model
  cognitive_account_id   = azurerm_cognitive_account.main.id
  version_upgrade_option = "OnceCurrentVersionExpired"

  model {
    format  = "OpenAI"
    name    = var.embedding_model
    version = local.versions[var.embedding_model]
  }

  sku {
    name     = var.deployment_type
    capacity = var.embedding_capacity
  }
}
