/* Plain text of what was written as HTML or Markdown, by nobody that can be trusted. */
#ifndef CORE_PLAIN_H
#define CORE_PLAIN_H

#include <stddef.h>

/*
 * One line of at most MAX bytes (16 or more): without tags, marks, links' addresses,
 * sequences that steer a terminal and control characters. What is longer is cut between
 * words where it can be, and ends in "...". TEXT is UTF-8; of a long one the beginning is
 * looked at. The caller's own; NULL if nothing is left.
 */
char *plain_text(const char *text, size_t max);

#endif
