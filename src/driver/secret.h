/*
 * Secrets of a step: resolved when it starts, handed over in memory, never
 * stored.
 */
#ifndef DRIVER_SECRET_H
#define DRIVER_SECRET_H

#include <stdbool.h>

#include "base/buf.h"
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

/*
 * Adds to OUT what TEXT stands for: the secret if it is "env:NAME" or
 * "file:PATH", else the text itself. OUT must have room for it, so that nothing
 * is cut or left behind by growing; see secret_room(). -1 and ERR_INPUT as above.
 */
int secret_add(struct buf *out, const char *name, const char *text, struct err *e);
/* An empty buffer that holds LEN bytes without growing. */
void secret_room(struct buf *b, size_t len);
/* Wipes what is in it, and frees it. */
void secret_wipe(struct buf *b);
/* TEXT is a reference and no plain text. */
bool secret_is_reference(const char *text);

#endif
