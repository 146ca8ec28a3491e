resource "azurerm_postgresql_flexible_server" "main" {
  name                          = var.name
  resource_group_name           = var.resource_group_name
  location                      = var.location
  version                       = var.engine_version
  sku_name                      = var.sku
  storage_mb                    = var.storage_gb * 1024
  auto_grow_enabled             = false
  backup_retention_days         = var.backup_retention_days
  geo_redundant_backup_enabled  = var.geo_redundant_backup
  administrator_login           = var.admin_user
  administrator_password        = var.admin_password
  public_network_access_enabled = var.public_access && var.subnet_id == ""
  delegated_subnet_id           = var.subnet_id == "" ? null : var.subnet_id
  private_dns_zone_id           = var.private_dns_zone_id == "" ? null : var.private_dns_zone_id
  tags                          = var.tags

  authentication {
    active_directory_auth_enabled = false
    password_auth_enabled         = true
  }

  dynamic "high_availability" {
    for_each = var.high_availability == "Disabled" ? [] : [var.high_availability]

    content {
      mode = high_availability.value
    }
  }

  # Azure chooses the zones, and swaps them when the standby takes over.
  lifecycle {
    ignore_changes = [zone, high_availability[0].standby_availability_zone]
  }
}

resource "azurerm_postgresql_flexible_server_database" "main" {
  for_each = toset(var.databases)

  name      = each.value
  server_id = azurerm_postgresql_flexible_server.main.id
  charset   = "UTF8"
  collation = "en_US.utf8"
}
