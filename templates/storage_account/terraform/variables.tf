variable "name" {
  description = "The account's name, unique in all of Azure."
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
  description = "How often and where the data is kept, such as Standard_LRS."
  type        = string
}

variable "kind" {
  description = "The kind of account."
  type        = string
}

variable "access_tier" {
  description = "Hot or Cool."
  type        = string
}

variable "https_only" {
  description = "Whether connections that are not encrypted are refused."
  type        = bool
}

variable "min_tls_version" {
  description = "The oldest TLS version that is accepted."
  type        = string
}

variable "allow_blob_public_access" {
  description = "Whether containers can be made readable for everybody."
  type        = bool
}
