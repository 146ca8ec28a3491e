/*
 * A document that a person wrote, TOML or JSON or JSON lines, with the place
 * of every value, so that an error can point at it.
 */
#ifndef BASE_DOC_H
#define BASE_DOC_H

#include "base/err.h"
#include "base/json.h"
#include "base/toml.h"

#define PLACE_MAX 512 /* bytes of a place in messages, with its NUL */

enum doc_format { DOC_TOML, DOC_JSON, DOC_JSON_LINES };

struct doc {
	char *path; /* as the user named it; "-" is shown as "standard input" */
	enum doc_format format;
	cJSON *root; /* JSON lines: an array with one member a line */
	struct toml_places places;
	long *lines; /* JSON lines: the line number of each member */
};

/*
 * Reads at most max_bytes from path ("-": standard input). The format follows
 * from the name's ending (.toml, .json, .jsonl, .ndjson), else from how the
 * text begins ('{', '[{' and '[]' mean JSON; '[x]' is a TOML table). Text that
 * is one object a line, two or more, is taken as JSON lines whatever the name.
 * 0, or -1 with ERR_INPUT and the file's place in the message (ERR_NOT_FOUND
 * for a missing file); d is then empty.
 */
int doc_read(const char *path, size_t max_bytes, struct doc *d, struct err *e);
/* The same for text at hand; path is for messages only. */
int doc_parse(const char *path, const char *text, size_t len, struct doc *d, struct err *e);
void doc_clear(struct doc *d);

/*
 * "file.toml:12:3" or "file.json: objectives[3].parameters.size" or
 * "file.jsonl:17: parameters.size": where value stands. Borrowed buffer of the caller.
 */
const char *doc_where(const struct doc *d, const cJSON *value, char *out, size_t size);

#endif
