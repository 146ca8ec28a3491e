variable "name" {
  description = "The group's name."
  type        = string
}

variable "location" {
  description = "The region."
  type        = string
}

variable "tags" {
  description = "The tags of the group."
  type        = map(string)
}
