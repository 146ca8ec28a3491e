variable "folder" {
  type = string
}

variable "names" {
  type = list(string)
}
