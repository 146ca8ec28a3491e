/*
 * Messages for the operator on stderr, one line each, the object first. Only
 * cli and engine log. This is not the audit record.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

void log_set_level(enum log_level level);
/*
 * Called before and after each line is written, so that a live display can
 * make room; NULL for none.
 */
void log_set_hooks(void (*before)(void), void (*after)(void));
/* subject may be NULL. Secrets in the text are masked, control characters in the text are shown as \xHH. */
void log_line(enum log_level level, const char *subject, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...) log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...) log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

#endif
