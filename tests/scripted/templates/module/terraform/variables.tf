variable "things" {
  type = number
}

variable "word" {
  type = string
}

variable "journal" {
  type = string
}

variable "token" {
  type      = string
  default   = ""
  sensitive = true
}

variable "tags" {
  type = map(string)
}
