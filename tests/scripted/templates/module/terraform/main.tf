resource "terraform_data" "thing" {
  count = var.things

  input = {
    name = "${var.journal}-${count.index}"
    word = var.word
    tags = var.tags
  }

  # What the tests see of it, and where they interfere: $WORLD/hook is read with VERB and NAME set, and
  # $WORLD/things/NAME holds the id for as long as it stands.
  provisioner "local-exec" {
    command = "echo \"make $NAME\" >> \"$WORLD/terraform\"; if [ -e \"$WORLD/hook\" ]; then . \"$WORLD/hook\"; fi; [ ! -e \"$WORLD/things/$NAME\" ] || echo \"$NAME\" >> \"$WORLD/twice\"; echo \"$ID\" > \"$WORLD/things/$NAME\""

    environment = {
      ID   = self.id
      NAME = "${var.journal}-${count.index}"
      VERB = "make"
    }
  }

  provisioner "local-exec" {
    when    = destroy
    command = "if [ -e \"$WORLD/hook\" ]; then . \"$WORLD/hook\"; fi; rm -f \"$WORLD/things/$NAME\"; echo \"remove $NAME\" >> \"$WORLD/terraform\""

    environment = {
      NAME = self.input.name
      VERB = "remove"
    }
  }
}
