#include "config.h"

#include "driver/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"

struct outgoing {
	struct outgoing *next;
	int64_t mark;
	size_t len, written;
	char text[];
};

void
outbox_init(struct outbox *b)
{
	*b = (struct outbox){ .last = &b->first };
}

/* The line that *AT points to. */
static void
take_out(struct outbox *b, struct outgoing **at)
{
	struct outgoing *o = *at;

	*at = o->next;
	if (o->next == NULL)
		b->last = at;
	b->bytes -= o->len;
	free(o);
}

void
outbox_clear(struct outbox *b)
{
	while (b->first != NULL)
		take_out(b, &b->first);
}

void
outbox_add(struct outbox *b, const char *text, size_t len, int64_t mark)
{
	struct outgoing *o = xmalloc(sizeof *o + len + 1);

	*o = (struct outgoing){ .mark = mark, .len = len + 1 };
	memcpy(o->text, text, len);
	o->text[len] = '\n';
	*b->last = o;
	b->last = &o->next;
	b->bytes += o->len;
}

int
outbox_write(struct outbox *b, int socket, void (*begun)(int64_t mark, void *data), void *data)
{
	while (b->first != NULL) {
		struct outgoing *o = b->first;
		ssize_t n = send(socket, o->text + o->written, o->len - o->written, MSG_NOSIGNAL);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN ? 1 : -1;
		if (o->written == 0 && n > 0 && o->mark != 0)
			begun(o->mark, data);
		o->written += (size_t)n;
		if (o->written == o->len)
			take_out(b, &b->first);
	}
	return 0;
}

bool
outbox_drop(struct outbox *b, int64_t mark)
{
	for (struct outgoing **at = &b->first; *at != NULL; at = &(*at)->next)
		if ((*at)->mark == mark && (*at)->written == 0) {
			take_out(b, at);
			return true;
		}
	return false;
}
