/*
 * Descriptors for a helper are kept above the numbers that it is to find them
 * at: then none of them can be in the way of another while they are put in
 * their places.
 */
#ifndef DRIVER_DESCRIPTOR_H
#define DRIVER_DESCRIPTOR_H

#include "base/err.h"

/*
 * FD under a number above STEP_SECRETS_FD, O_CLOEXEC; the old number is closed
 * in any case. -1 stays -1.
 */
int descriptor_raise(int fd, struct err *e);

#endif
