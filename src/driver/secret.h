/*
 * Secrets of a step: resolved when it starts, handed over in memory, never
 * stored.
 */
#ifndef DRIVER_SECRET_H
#define DRIVER_SECRET_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"

/* More than any key or certificate chain has. */
#define SECRET_MAX_BYTES (64 * 1024)

/*
 * A sealed memfd with {"parameters": {NAME: {"value": ...}}} (the form of an
 * ARM parameters file), or if not FOR_ARM with {NAME: ...}, for REFERENCES, NAME -> "env:NAME" or "file:PATH"; the
 * caller's to close, under a number above those that a helper is given. -1 and
 * ERR_INPUT for a secret that cannot be read: the message names the parameter
 * and the reference, and never holds a value.
 */
int secret_open(const cJSON *references, bool for_arm, struct err *e);

#endif
