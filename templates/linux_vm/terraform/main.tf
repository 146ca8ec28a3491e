locals {
  images = {
    "debian-12"    = "Debian:debian-12:12-gen2:latest"
    "ubuntu-22.04" = "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest"
    "ubuntu-24.04" = "Canonical:ubuntu-24_04-lts:server:latest"
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

resource "azurerm_linux_virtual_machine" "machine" {
  for_each                        = toset(local.numbers)
  name                            = "${var.name}-${each.key}"
  computer_name                   = "${var.name}-${each.key}"
  location                        = var.location
  resource_group_name             = var.resource_group
  size                            = var.size
  zone                            = var.zone
  admin_username                  = var.admin_username
  disable_password_authentication = true
  network_interface_ids           = [azurerm_network_interface.interface[each.key].id]
  tags                            = var.tags

  admin_ssh_key {
    username   = var.admin_username
    public_key = var.ssh_public_key
  }

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
