resource "terraform_data" "thing" {
  count = var.things + var.extra

  input = {
    name  = "${var.journal}-${count.index}"
    size  = var.size
    token = var.token
  }

  # $WORLD/things/NAME is there for as long as it stands, and $WORLD/twice names what was made over it;
  # $WORLD/hook interferes once it is made, with NAME set.
  provisioner "local-exec" {
    command = "[ ! -e \"$WORLD/things/$NAME\" ] || echo \"$NAME\" >> \"$WORLD/twice\"; echo \"$ID\" > \"$WORLD/things/$NAME\"; if [ -e \"$WORLD/hook\" ]; then . \"$WORLD/hook\"; fi"

    environment = {
      ID   = self.id
      NAME = "${var.journal}-${count.index}"
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "rm -f \"$WORLD/things/$NAME\""

    environment = {
      NAME = self.input.name
    }
  }
}

resource "terraform_data" "other" {
  count = var.other
}
