/* The folder of one execution, as the tool finds it. */
#ifndef DRIVER_FOLDER_H
#define DRIVER_FOLDER_H

#include "base/err.h"
#include "base/json.h"

/* Makes the folder, which must not exist, and those above it; 0700. */
int folder_make(const char *folder, struct err *e);
/*
 * Writes the files of a step, name -> content, 0600. A name that leads out of
 * the folder or is one of the helper's own is ERR_INPUT. FILES may be NULL.
 */
int folder_write_files(const char *folder, const cJSON *files, struct err *e);

#endif
