/*
 * The keys of a table that a person wrote: which there are, of what type, and
 * which must be there. One const table of rows describes them, ended by a row
 * without a name.
 */
#ifndef CORE_KEYS_H
#define CORE_KEYS_H

#include <stdbool.h>

#include "base/doc.h"
#include "base/faults.h"

enum key_type {
	KEY_ANY,
	KEY_STRING,
	KEY_INTEGER,
	KEY_NUMBER,
	KEY_BOOLEAN,
	KEY_STRINGS, /* an array of strings */
	KEY_OBJECT,
	KEY_OBJECTS, /* an array of objects */
};

struct key {
	const char *name;
	enum key_type type;
	bool required;
	const char *help; /* for schemas; may be NULL */
};

/*
 * Checks TABLE, which stands in DOC, against KEYS: unknown keys (with a
 * suggestion), wrong types, missing ones. WHAT names the table in messages
 * ("an objective"). 0, or -1 with every fault added.
 */
int keys_check(const struct doc *doc, const cJSON *table, const struct key *keys, const char *what,
    struct faults *faults);

/*
 * The member NAME of TABLE if it is there and of the type that its row in KEYS
 * says, else NULL: so that reading can go on after keys_check() has complained.
 */
const cJSON *keys_typed(const cJSON *table, const struct key *keys, const char *name);
/* The member NAME of TABLE whatever its type, or NULL. */
const cJSON *keys_get(const cJSON *table, const char *name);
/* The same if it is a string; borrowed. */
const char *keys_str(const cJSON *table, const char *name);
/* What VALUE is, for messages: "a string", "an integer", "null". */
const char *keys_kind(const cJSON *value);

#endif
