variable "name" {
  description = "The name of the network security group."
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

variable "rules" {
  description = "Each as NAME PRIORITY DIRECTION ACCESS PROTOCOL from SOURCE to DESTINATION port PORTS."
  type        = list(string)
}
