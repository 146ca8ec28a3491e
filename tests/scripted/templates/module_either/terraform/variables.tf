variable "things" {
  type = number
}

variable "journal" {
  type = string
}

variable "tags" {
  type = map(string)
}
