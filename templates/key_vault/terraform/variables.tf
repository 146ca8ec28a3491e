variable "name" {
  description = "The vault's name, unique in all of Azure."
  type        = string
}

variable "location" {
  description = "The region."
  type        = string
}

variable "resource_group" {
  description = "The resource group, which exists."
  type        = string
}

variable "tags" {
  description = "The tags of all resources."
  type        = map(string)
}

variable "sku" {
  description = "standard or premium."
  type        = string
}

variable "soft_delete_days" {
  description = "For how many days what was deleted can be had back."
  type        = number
}

variable "purge_protection" {
  description = "Whether nobody can shorten that."
  type        = bool
}

variable "public_access" {
  description = "Whether the vault can be reached from the Internet, by the addresses and subnets below."
  type        = bool
}

variable "allowed_ips" {
  description = "Addresses, and ranges such as 203.0.113.0/24."
  type        = list(string)
}

variable "allowed_subnet_ids" {
  description = "The full ids of subnets with the service endpoint Microsoft.KeyVault."
  type        = list(string)
}

variable "trusted_services" {
  description = "Whether services of Azure itself pass the network rules."
  type        = bool
}
