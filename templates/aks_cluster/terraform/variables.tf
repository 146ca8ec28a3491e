variable "name" {
  type        = string
  description = "The cluster's name."
}

variable "resource_group_name" {
  type        = string
  description = "The resource group it is made in; it must exist."
}

variable "location" {
  type        = string
  description = "The region."
}

variable "dns_prefix" {
  type        = string
  description = "How the address of its API server begins."
}

variable "kubernetes_version" {
  type        = string
  description = "Such as 1.33; empty: as Azure recommends."
}

variable "tier" {
  type        = string
  description = "Free or Standard."
}

variable "node_size" {
  type        = string
  description = "The size of the nodes."
}

variable "min_nodes" {
  type        = number
  description = "It never has fewer nodes."
}

variable "max_nodes" {
  type        = number
  description = "It never has more nodes."
}

variable "os_disk_size_gb" {
  type        = number
  description = "The system disk of each node in GiB."
}

variable "private_cluster" {
  type        = bool
  description = "The API server has a private address only."
}

variable "authorized_ip_ranges" {
  type        = list(string)
  description = "The only addresses that reach a public API server; empty: all."
}

variable "admin_group_ids" {
  type        = list(string)
  description = "Object ids of the Entra groups that administer it."
}

variable "tags" {
  type        = map(string)
  description = "The tags of all resources."
}
