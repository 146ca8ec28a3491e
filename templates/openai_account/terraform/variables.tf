variable "name" {
  type        = string
  description = "The account's name and subdomain, unique in all of Azure."
}

variable "resource_group_name" {
  type        = string
  description = "The resource group it is made in; it must exist."
}

variable "location" {
  type        = string
  description = "The region."
}

variable "chat_model" {
  type        = string
  description = "A chat model of the table in main.tf, or none."
}

variable "chat_capacity" {
  type        = number
  description = "Thousands of tokens a minute."
}

variable "embedding_model" {
  type        = string
  description = "An embedding model of the table in main.tf, or none."
}

variable "embedding_capacity" {
  type        = number
  description = "Thousands of tokens a minute."
}

variable "deployment_type" {
  type        = string
  description = "GlobalStandard, DataZoneStandard or Standard."
}

variable "public_access" {
  type        = bool
  description = "Take requests from the Internet."
}

variable "allowed_ip_ranges" {
  type        = list(string)
  description = "The only addresses that may ask; empty: all."
}

variable "key_auth" {
  type        = bool
  description = "Take the account's keys too."
}

variable "tags" {
  type        = map(string)
  description = "The tags of all resources that have any."
}
