/*
 * Masks what is known to be a secret, in what came back from where it was sent. Names
 * and shapes do not matter here, as they do to base/redact.h, which is to be used as well.
 */
#ifndef DRIVER_SECRET_MASK_H
#define DRIVER_SECRET_MASK_H

#include "base/json.h"
#include "base/strv.h"

/* What is shorter stands in too many texts by chance, and would take them along. */
#define SECRET_MASK_MIN 4 /* bytes */

/*
 * Writes '*' over each place where TEXT (UTF-8) says one of SECRETS, as it is or in JSON
 * within the text, and over a beginning of it at the end, where TEXT may have been cut.
 * All of them are looked for before any is masked, so that nothing is left of those that
 * overlap. Its length stays, and what was JSON in a string stays JSON.
 */
void secret_mask(char *text, const struct strv *secrets);
/* The same for every string and key of the tree. */
void secret_mask_json(cJSON *json, const struct strv *secrets);

#endif
