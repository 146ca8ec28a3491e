/* What show prints: titles, and below them labels with their texts, wrapped. */
#ifndef CLI_FIELD_H
#define CLI_FIELD_H

#include <stdint.h>

/* The column in which texts begin. */
#define FIELD_INDENT 18

void field_title(const char *text);
/* TEXT is made visible; nothing for NULL or "". */
void field(const char *label, const char *text);
void fieldf(const char *label, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/*
 * A command as one types it in a shell. The lines of a long one end in a backslash, so that
 * it can be copied as it stands.
 */
void field_command(const char *label, const char *command);
/* "2026-11-21T02:03:04Z (3 s ago)"; nothing for 0. */
void field_time(const char *label, int64_t ms, int64_t now_ms);

#endif
