variable "name" {
  description = "The network's name."
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

variable "address_space" {
  description = "The addresses of the network."
  type        = string
}

variable "subnet_name" {
  description = "The subnet's name."
  type        = string
}

variable "subnet_prefix" {
  description = "The addresses of the subnet."
  type        = string
}

variable "security_group_id" {
  description = "The full id of the subnet's network security group; null for none."
  type        = string
  default     = null
}
