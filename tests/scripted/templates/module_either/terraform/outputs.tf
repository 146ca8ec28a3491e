output "id" {
  value = terraform_data.thing[0].id
}
