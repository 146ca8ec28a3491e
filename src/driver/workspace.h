/* The folder that an objective's steps share: the tool's own files and records, kept from call to call. */
#ifndef DRIVER_WORKSPACE_H
#define DRIVER_WORKSPACE_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"

/*
 * Makes FOLDER (0700) if it is not there, and brings FILES into it, name -> a
 * text, JSON, or true for a link to the descriptor with the secrets; 0600. What
 * is as it should be is left alone, and so is what the tool has made. Files of the
 * same kinds (*.tf, *.tf.json, *.tfvars.json) that FILES does not name go: they
 * are of an earlier plan. ERR_INPUT: a name leads out of the folder.
 */
int workspace_prepare(const char *folder, const cJSON *files, struct err *e);
/*
 * Before a call that changes what stands: keeps terraform's state, where FOLDER
 * has one, as terraform.tfstate.NUMBER (0600), if there is none of this number yet.
 */
int workspace_back_up(const char *folder, int number, struct err *e);
/*
 * Terraform writes its state in place: one that was killed meanwhile has left half
 * of it. It is set aside as terraform.tfstate.torn, and the last whole copy takes
 * its place, if there is one (terraform's own, or number NUMBER and lower). To be
 * called while no terraform can be at work there. *RESTORED: it was torn.
 */
int workspace_restore(const char *folder, int number, bool *restored, struct err *e);
/*
 * After a call that ended well: if its last argument is the state that terraform could not
 * save (errored.tfstate), that was pushed to where it belongs. Here it is renamed to
 * errored.tfstate.saved, and is the only record of nothing any more.
 */
int workspace_set_aside_pushed(const char *folder, const struct strv *argv, struct err *e);
/*
 * True if nothing in FOLDER is the only record of something that may stand: it has
 * no state of terraform that lists a resource, none that could not be saved, and
 * none that cannot be read.
 */
bool workspace_is_spent(const char *folder);

#endif
