/*
 * The signature of a failure: the same for the same failure of another machine, in another
 * group, region or night, so that what was learned of one serves for the next. It is made
 * of class, code, capability, step and the message, in which ids, names, times,
 * addresses and regions are replaced.
 */
#ifndef CORE_SIGNATURE_H
#define CORE_SIGNATURE_H

#include "base/strv.h"
#include "core/failure.h"

#define SIGNATURE_LEN 16
#define SIGNATURE_SIZE (SIGNATURE_LEN + 1)

/*
 * CAPABILITY may be NULL. NAMES are those that the objective is known to use (of itself, its
 * group, its region, its parameters' values); NULL: none. They help where a message has
 * a name without quotes, which nothing tells from a word. One that is an ordinary word
 * (core/words.h) helps nowhere, and does no harm.
 */
void signature_of(const struct failure *f, const char *capability, const struct strv *names,
    char out[static SIGNATURE_SIZE]);
/*
 * The failure's message as the signature sees it: words in lower case with blanks between, and "@" for
 * one or more that vary. For people it tells what a signature is about. The caller's own.
 */
char *signature_text(const struct failure *f, const struct strv *names);

#endif
