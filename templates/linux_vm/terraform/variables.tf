variable "name" {
  description = "The machines are named NAME-1, NAME-2 and so on."
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

variable "machine_count" {
  description = "How many."
  type        = number
}

variable "size" {
  description = "The size, such as Standard_B2s."
  type        = string
}

variable "zone" {
  description = "The availability zone; Azure chooses without it."
  type        = string
  default     = null
}

variable "image" {
  description = "A name of the table in main.tf, or publisher:offer:sku:version."
  type        = string
}

variable "os_disk_size_gb" {
  description = "The size of each system disk in GiB."
  type        = number
}

variable "os_disk_type" {
  description = "The kind of the system disks."
  type        = string
}

variable "admin_username" {
  description = "The user who may log in."
  type        = string
}

variable "ssh_public_key" {
  description = "The public key of that user."
  type        = string
}

variable "public_ip" {
  description = "Whether each machine has an address on the Internet."
  type        = bool
}

variable "subnet_id" {
  description = "The full id of the subnet."
  type        = string
}
