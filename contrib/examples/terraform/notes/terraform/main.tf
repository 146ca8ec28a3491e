resource "terraform_data" "note" {
  for_each = toset(var.names)

  input = "${var.folder}/${each.value}"

  provisioner "local-exec" {
    command = "echo \"written by terraform\" > \"$NOTE\""

    environment = {
      NOTE = self.input
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "rm -f \"$NOTE\""

    environment = {
      NOTE = self.input
    }
  }
}
