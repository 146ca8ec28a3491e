/* Words that the messages of services are written with: as a name, one of them tells nothing. */
#ifndef CORE_WORDS_H
#define CORE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* In whatever case; any single letter is one. WORD needs no end. */
bool word_is_ordinary(const char *word, size_t len);

#endif
