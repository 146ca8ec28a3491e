/*
 * Inside redact(): what a name says of its value, and what a value looks like. Nobody else
 * includes this.
 */
#ifndef BASE_REDACT_PART_H
#define BASE_REDACT_PART_H

#include <stdbool.h>
#include <stddef.h>

struct redact_span {
	size_t at, len; /* len 0: nothing */
};

struct redact_text {
	char *text;
	size_t len;
};

/* ---- names (redact_name.c) ---- */

enum redact_name {
	NAME_PLAIN,  /* of nothing secret */
	NAME_SECRET, /* "adminPassword", "client_secret" */
	NAME_HEADER, /* "Authorization", "Cookie": secret to the end of its line */
	NAME_LINK,   /* "sig", "code": only within an address */
	NAME_WEAK,   /* "key1", "auth": only if the value looks like it */
};

/*
 * What the LEN bytes at NAME are the name of; spelling, "_", "-" and digits at the end
 * aside. *many: it is a plural, which only a list or an object makes secret.
 */
enum redact_name redact_name(const char *name, size_t len, bool *many);

/*
 * A value that is none, or only says where the secret is: null, ***, ${NAME}, env:NAME, an
 * address of a vault.
 */
bool redact_is_reference(const char *value, size_t len);
/*
 * The word at VALUE begins a sentence ("must be", "is not") and is no value. END is where
 * the text ends.
 */
bool redact_is_prose(const char *value, size_t len, const char *end);
/*
 * What begins at VALUE, of MAX bytes, is long, of letters and digits, and no identifier.
 * HEX: digits of hexadecimal will do.
 */
bool redact_is_random(const char *value, size_t max, bool hex);

/* ---- values (redact_value.c) ---- */

enum redact_mark {
	MARK_NONE,   /* there is no value */
	MARK_COLON,  /* name: value */
	MARK_EQUALS, /* name=value */
	MARK_TAG,    /* <name>value</name> */
	MARK_OPTION, /* --name value */
};

/* Backslashes before a quote: each level of JSON within JSON has twice as many and one more. */
#define REDACT_ESCAPES_MAX 63

/* What stands behind a name. */
struct redact_value {
	enum redact_mark mark;
	bool name_quoted;
	char quote;              /* 0: none */
	size_t escapes;          /* backslashes before the quote: it stands in a string */
	struct redact_span span; /* without quotes */
	char first;              /* of it; a bracket opens a list or an object */
};

/* The byte at I; 0 behind the end. */
char redact_at(const struct redact_text *t, size_t i);
/* The quote at I and the backslashes before it; 0 if there is none. */
char redact_quote_at(const struct redact_text *t, size_t i, size_t *escapes);
/*
 * Where a quoted value that begins at FROM ends: at the same quote with as many
 * backslashes (inside of JSON within JSON they double), else at the line's end. A quote
 * with fewer ends the string around it.
 */
size_t redact_quoted_end(const struct redact_text *t, size_t from, char quote, size_t escapes);
/* Where the line ends, or the string that it stands in. */
size_t redact_line_end(const struct redact_text *t, size_t from);

/* What is behind the name from NAME to END, but for the value's length. */
struct redact_value redact_value_of(const struct redact_text *t, size_t name, size_t end);
/* Its length. */
void redact_value_measure(const struct redact_text *t, size_t name, struct redact_value *v);
/* It is a value, as far as its way of writing tells: no reference, and no sentence. */
bool redact_value_is_secret(const struct redact_text *t, const struct redact_value *v);
bool redact_is_number(const char *text, size_t len);

/* ---- shapes (redact_shape.c) ---- */

bool redact_is_word_char(char c);   /* letters, digits, "_", "-" */
bool redact_is_token_char(char c);  /* those, "." and "~" */
bool redact_is_base64_char(char c); /* letters, digits, "+", "/" */

/*
 * The secret whose first byte is TEXT[AT], where a word begins in a token that began at
 * TOKEN and ends at END.
 */
struct redact_span redact_shape(const char *text, size_t len, size_t token, size_t at, size_t end);
/* A run of base64 with its padding, LEN bytes at TEXT[AT], is an account's key. */
bool redact_is_account_key(const char *text, size_t at, size_t len);
/* What is secret of the private key that begins at TEXT[AT]; *past is where to go on. */
struct redact_span redact_private_key(const char *text, size_t len, size_t at, size_t *past);
/* The password of the address whose "://" is at TEXT[AT]. */
struct redact_span redact_userinfo(const char *text, size_t len, size_t at);

#endif
