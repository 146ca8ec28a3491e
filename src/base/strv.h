/* Strings, and a vector of them, NULL-terminated: an argv, a list of names. */
#ifndef BASE_STRV_H
#define BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

struct strv {
	char **v; /* NULL-terminated once something was added; may be NULL before */
	size_t len;
	size_t cap;
};

void strv_clear(struct strv *s);
void strv_add(struct strv *s, const char *text); /* copies */
void strv_take(struct strv *s, char *text);      /* owns */
void strv_addf(struct strv *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void strv_copy(struct strv *to, const struct strv *from); /* appends */
bool strv_has(const struct strv *s, const char *text);
/* Joined with sep; the caller's own. */
char *strv_join(const struct strv *s, const char *sep);
/* As a person would type it in a shell: elements quoted where they need it. The caller's own. */
char *strv_shell(const struct strv *s);

bool str_ends_with(const char *text, const char *end);

#endif
