/*
 * What cJSON lacks: exact integers, canonical text for digests, paths, and a
 * parser that says where it stopped.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

DEFINE_CLEANUP(cJSON *, cJSON_Delete)
#define AUTO_JSON CLEANUP(cJSON_Delete_cleanup)

/* How deep a document may nest, and how long a number may be, before it is refused. */
#define JSON_MAX_DEPTH 64
#define JSON_MAX_NUMBER 63

/*
 * Parses LEN bytes as one JSON document of RFC 8259; refuses NULs (\u0000
 * too), invalid UTF-8, duplicate keys, trailing text and deep nesting, with
 * "line L, column C: ..." in the message, counted from 1. first_line is the
 * number of the text's first line in its file: 1 (or 0) if it stands alone.
 * The tree is the caller's own; NULL and ERR_INPUT otherwise.
 */
cJSON *json_parse(const char *text, size_t len, long first_line, struct err *e);

/* Compact text with the keys of every object sorted: equal values, equal text. The caller's own. */
char *json_canonical(const cJSON *value);
/* Compact text in the order that the tree has. The caller's own. */
char *json_text(const cJSON *value);
/*
 * Indented text with a newline at the end, for people too: what could steer a terminal
 * (see utf8_has_control()) is written as \uXXXX. The caller's own.
 */
char *json_pretty(const cJSON *value);

/*
 * The member at a path like "properties.outputs.id.value" or "value[0].id"
 * (case-sensitive); NULL if there is none.
 */
cJSON *json_at(const cJSON *root, const char *path);
/* The string at the path, or NULL if absent or not a string; borrowed. */
const char *json_str(const cJSON *root, const char *path);
/* The whole number at the path (see json_is_int), or fallback. */
int64_t json_int(const cJSON *root, const char *path, int64_t fallback);
bool json_bool(const cJSON *root, const char *path, bool fallback);
/*
 * True and *out (may be NULL) for a number without a fraction below 2^53: from
 * there on a double may stand for its neighbour.
 */
bool json_is_int(const cJSON *value, int64_t *out);
/* "string", "integer", "number", "boolean", "array", "object", "null". */
const char *json_type_name(const cJSON *value);

/*
 * cJSON_Add... that take NULL for "leave it out". Integers are written without
 * a fraction, digit by digit however large.
 */
void json_add_str(cJSON *object, const char *key, const char *value);
void json_add_int(cJSON *object, const char *key, int64_t value);
void json_add_bool(cJSON *object, const char *key, bool value);
void json_add_strv(cJSON *object, const char *key, const struct strv *list);
/* Appends the strings of an array; ignores members that are none. */
void json_get_strv(const cJSON *array, struct strv *out);

/* Adds text to out as a JSON string with quotes; bytes that are not UTF-8 become U+FFFD. */
struct buf;
void json_quote(struct buf *out, const char *text);
/*
 * The same text with every invalid UTF-8 byte replaced by U+FFFD and NULs by
 * U+2400; the caller's own.
 */
char *json_utf8(const char *bytes, size_t len);

#endif
