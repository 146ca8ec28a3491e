/*
 * References to what another objective of the batch gave: ${NAME.outputs.FIELD},
 * alone (the value keeps its type) or inside a text.
 */
#ifndef CORE_REFERENCE_H
#define CORE_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "core/objective.h"

#define REFERENCE_FIELD_MAX 64
/* The form of one, as an extended regular expression. */
#define REFERENCE_PATTERN "\\$\\{[a-z0-9][a-z0-9._-]*\\.outputs\\.[a-z0-9_]+\\}"

struct reference {
	const char *start; /* of the '$', in the text */
	size_t len;        /* from there past the closing brace */
	char name[OBJECTIVE_NAME_MAX + 1];
	char field[REFERENCE_FIELD_MAX + 1];
};

enum reference_found {
	REFERENCE_NONE, /* no more "${" in the text */
	REFERENCE_FOUND,
	REFERENCE_BROKEN, /* a "${" that is no reference; start and len say where */
};

/* Finds the first reference at or after TEXT. */
enum reference_found reference_next(const char *text, struct reference *r);
/* True if TEXT is one reference and nothing else. */
bool reference_is_whole(const char *text, struct reference *r);

#endif
