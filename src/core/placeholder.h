/*
 * Placeholders like {region} or {tags...} in a text. Only braces around one
 * such word are placeholders; all others stand as they are, so that a JMESPath
 * query may be written without any quoting. A value that was filled in is not
 * looked at again.
 */
#ifndef CORE_PLACEHOLDER_H
#define CORE_PLACEHOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define PLACEHOLDER_MAX 64

struct placeholder {
	const char *start; /* of the brace, in the text */
	size_t len;        /* with the braces */
	char name[PLACEHOLDER_MAX + 1];
	bool spliced; /* {name...} */
};

/* Finds the first placeholder at or after TEXT. */
bool placeholder_next(const char *text, struct placeholder *p);
/* True if TEXT is one placeholder and nothing else. */
bool placeholder_is_whole(const char *text, struct placeholder *p);

/* The text that stands for NAME, borrowed until the next call; NULL if there is none. */
typedef const char *placeholder_fn(void *data, const char *name);

/*
 * Adds TEXT to OUT with its placeholders replaced by what FIND answers. False
 * at the first that it does not know; *unknown (PLACEHOLDER_MAX + 1 bytes) is its name.
 */
bool placeholder_fill(
    const char *text, placeholder_fn *find, void *data, struct buf *out, char *unknown);

#endif
