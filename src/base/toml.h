/*
 * TOML into the same tree as JSON (the only C++ of this program, toml.cc).
 * Dates and times become strings in RFC 3339 form. Every value's place in the
 * file is kept beside the tree.
 */
#ifndef BASE_TOML_H
#define BASE_TOML_H

#include <stddef.h>

#include "base/json.h"

#ifdef __cplusplus
extern "C" {
#endif

struct toml_place {
	const cJSON *value;
	unsigned line, column; /* from 1: of the key for members of a table, else of the value */
};

struct toml_places {
	struct toml_place *v; /* sorted by value's address */
	size_t len;
};

void toml_places_clear(struct toml_places *places);

/*
 * The tree is the caller's own; on a syntax error NULL and ERR_INPUT with
 * "line L, column C: ..." in the message. PLACES may be NULL.
 */
cJSON *toml_parse(const char *text, size_t len, struct toml_places *places, struct err *e);

#ifdef __cplusplus
}
#endif

#endif
