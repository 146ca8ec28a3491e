/*
 * Lines that wait to be written to a socket, in order. It is known of each whether
 * a byte of it has gone: what is untouched can still be taken back.
 */
#ifndef DRIVER_OUTBOX_H
#define DRIVER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outbox {
	struct outgoing *first, **last;
	size_t bytes; /* of all that are not written whole */
};

void outbox_init(struct outbox *b);
void outbox_clear(struct outbox *b);
/*
 * TEXT, which has no newline, is copied and gets one. MARK is told with its first
 * byte; 0: it is not told.
 */
void outbox_add(struct outbox *b, const char *text, size_t len, int64_t mark);
/*
 * Writes to the socket, which does not wait, as much as it takes. 0: nothing is left,
 * 1: something is, -1 and errno: it takes nothing any more.
 */
int outbox_write(struct outbox *b, int socket, void (*begun)(int64_t mark, void *data), void *data);
/* Takes the line with this mark back; false if a byte of it has gone, or it is not there. */
bool outbox_drop(struct outbox *b, int64_t mark);

#endif
