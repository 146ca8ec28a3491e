variable "name" {
  type        = string
  description = "The server's name, unique in all of Azure."
}

variable "resource_group_name" {
  type        = string
  description = "The resource group it is made in; it must exist."
}

variable "location" {
  type        = string
  description = "The region."
}

# "version" is a word of terraform's own.
variable "engine_version" {
  type        = string
  description = "The major version of PostgreSQL."
}

variable "sku" {
  type        = string
  description = "Tier and size, such as GP_Standard_D4ds_v5."
}

variable "storage_gb" {
  type        = number
  description = "Its disk in GiB."
}

variable "backup_retention_days" {
  type        = number
  description = "For how many days it can be set back."
}

variable "geo_redundant_backup" {
  type        = bool
  description = "Keep the backups in a second region too."
}

variable "high_availability" {
  type        = string
  description = "Disabled, SameZone or ZoneRedundant."
}

variable "admin_user" {
  type        = string
  description = "The administrator."
}

variable "admin_password" {
  type        = string
  sensitive   = true
  description = "The administrator's password."
}

variable "databases" {
  type        = list(string)
  description = "Databases to create in it."
}

variable "public_access" {
  type        = bool
  description = "Give it an address on the Internet."
}

variable "subnet_id" {
  type        = string
  description = "A delegated subnet to stand in, or empty."
}

variable "private_dns_zone_id" {
  type        = string
  description = "The private DNS zone that names it, or empty."
}

variable "tags" {
  type        = map(string)
  description = "The tags of all resources."
}
