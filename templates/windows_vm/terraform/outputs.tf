# In the order of the numbers: a map's own order has 10 before 2.
output "vm_ids" {
  value = [for n in local.numbers : azurerm_windows_virtual_machine.machine[n].id]
}

output "nic_ids" {
  value = [for n in local.numbers : azurerm_network_interface.interface[n].id]
}

output "private_ips" {
  value = [for n in local.numbers : azurerm_network_interface.interface[n].private_ip_address]
}

output "public_ips" {
  value = [for n in local.numbers : azurerm_public_ip.address[n].ip_address if var.public_ip]
}
