variable "name" {
  type        = string
  description = "The name of the workspace."
}

variable "resource_group_name" {
  type        = string
  description = "The resource group that is made for it."
}

variable "location" {
  type        = string
  description = "The region."
}

variable "tier" {
  type        = string
  description = "standard or premium."
}

variable "node_size" {
  type        = string
  description = "The machines of the pool."
}

variable "min_workers" {
  type        = number
  description = "The running cluster never has fewer workers."
}

variable "max_workers" {
  type        = number
  description = "It never has more workers; above min_workers."
}

variable "min_idle_nodes" {
  type        = number
  description = "Machines that the pool keeps waiting."
}

variable "auto_termination_minutes" {
  type        = number
  description = "The cluster ends when nobody has used it for so long."
}

variable "runtime" {
  type        = string
  description = "The Databricks runtime."
}

variable "disk_size_gb" {
  type        = number
  description = "The data disk of each machine in GiB."
}

variable "tags" {
  type        = map(string)
  description = "The tags of all resources."
}
