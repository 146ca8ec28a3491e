locals {
  images = {
    "windows-2019" = "MicrosoftWindowsServer:WindowsServer:2019-datacenter-gensecond:latest"
    "windows-2022" = "MicrosoftWindowsServer:WindowsServer:2022-datacenter-g2:latest"
    "windows-2025" = "MicrosoftWindowsServer:WindowsServer:2025-datacenter-g2:latest"
  }
  image_text  = lookup(local.images, var.image, var.image)
  image_parts = split(":", local.image_text)
  numbers     = [for i in range(var.machine_count) : tostring(i + 1)]
}

resource "azurerm_public_ip" "address" {
  for_each            = toset(var.public_ip ? local.numbers : [])
  name                = "pip-${var.name}-${each.key}"
  location            = var.location
  resource_group_name = var.resource_group
  allocation_method   = "Static"
  sku                 = "Standard"
  tags                = var.tags
}

resource "azurerm_network_interface" "interface" {
  for_each            = toset(local.numbers)
  name                = "nic-${var.name}-${each.key}"
  location            = var.location
  resource_group_name = var.resource_group
  tags                = var.tags

  ip_configuration {
    name                          = "primary"
    subnet_id                     = var.subnet_id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = var.public_ip ? azurerm_public_ip.address[each.key].id : null
  }
}

# Windows allows 15 characters in a computer's name: 11 of ours, and the number.
resource "azurerm_windows_virtual_machine" "machine" {
  for_each              = toset(local.numbers)
  name                  = "${var.name}-${each.key}"
  computer_name         = "${substr(var.name, 0, min(length(var.name), 11))}-${each.key}"
  location              = var.location
  resource_group_name   = var.resource_group
  size                  = var.size
  zone                  = var.zone
  admin_username        = var.admin_username
  admin_password        = var.admin_password
  license_type          = var.license == "hybrid" ? "Windows_Server" : null
  secure_boot_enabled   = var.trusted_launch ? true : null
  vtpm_enabled          = var.trusted_launch ? true : null
  network_interface_ids = [azurerm_network_interface.interface[each.key].id]
  tags                  = var.tags

  os_disk {
    name                 = "disk-${var.name}-${each.key}"
    caching              = "ReadWrite"
    storage_account_type = var.os_disk_type
    disk_size_gb         = var.os_disk_size_gb
  }

  source_image_reference {
    publisher = local.image_parts[0]
    offer     = local.image_parts[1]
    sku       = local.image_parts[2]
    version   = local.image_parts[3]
  }
}
