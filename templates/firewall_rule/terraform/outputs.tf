output "id" {
  value = azurerm_network_security_group.group.id
}

output "name" {
  value = azurerm_network_security_group.group.name
}

output "rule_ids" {
  value = [for rule in var.rules : azurerm_network_security_rule.rule[split(" ", rule)[0]].id]
}
