output "ids" {
  value = terraform_data.thing[*].id
}

output "word" {
  value = var.word
}
