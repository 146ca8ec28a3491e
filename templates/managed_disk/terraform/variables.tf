variable "name" {
  description = "The disk's name."
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

variable "size_gb" {
  description = "Its size in GiB."
  type        = number
}

variable "sku" {
  description = "The kind, such as StandardSSD_LRS."
  type        = string
}

variable "zone" {
  description = "The availability zone, or none."
  type        = string
}

variable "network_access" {
  description = "DenyAll or AllowAll."
  type        = string
}
