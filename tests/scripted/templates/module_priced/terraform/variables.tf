variable "things" {
  type = number
}

variable "extra" {
  type = number
}

variable "size" {
  type = string
}

variable "other" {
  type = number
}

variable "journal" {
  type = string
}

variable "token" {
  type      = string
  default   = ""
  sensitive = true
}
