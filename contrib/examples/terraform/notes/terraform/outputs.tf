output "files" {
  value = [for note in terraform_data.note : note.input]
}
