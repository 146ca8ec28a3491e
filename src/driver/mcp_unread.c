/*
 * A server may refuse a request without a look at it, because it knows nothing of the
 * session any more or speaks another revision by now: in the next session it may take
 * it. A list is asked for again; a call is told to be due again, because the tool may be
 * another one there, and who calls looks first. A server that refuses each time must not
 * be asked for ever, so that both are counted: a call by what it says, because it comes
 * back as another request.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/digest.h"
#include "base/mem.h"
#include "driver/mcp_client.h"

#define RENEWALS_MAX 2 /* of a request */
/* Those of the oldest calls are forgotten first: they were given up. */
#define UNREAD_MAX ((size_t)MCP_CALLS_MAX * (RENEWALS_MAX + 1))

static void
digest_of(const struct request *r, char digest[static DIGEST_SIZE])
{
	AUTO_FREE char *text = json_text(r->params);

	digest_text(text, digest);
}

static int
count(const struct strv *list, const char *text)
{
	int n = 0;

	for (size_t i = 0; i < list->len; i++)
		n += strcmp(list->v[i], text) == 0;
	return n;
}

static void
remove_at(struct strv *list, size_t i)
{
	free(list->v[i]);
	memmove(&list->v[i], &list->v[i + 1], (list->len - i) * sizeof(*list->v));
	list->len--;
}

static bool
call_again(struct mcp *m, struct request *r)
{
	char digest[DIGEST_SIZE];
	struct err why = { 0 };

	digest_of(r, digest);
	if (count(&m->unread, digest) >= RENEWALS_MAX)
		return false;
	if (m->unread.len >= UNREAD_MAX)
		remove_at(&m->unread, 0);
	strv_add(&m->unread, digest);
	r->is_sent = false;
	err_set(&why, ERR_CONFLICT, "%s: its session ended, and the call was not looked at",
	    m->server->name);
	request_end(m, r, MCP_NOT_SENT, &why);
	return true;
}

bool
unread_send_again(struct mcp *m, struct request *r)
{
	if (r->rounds > 0)
		return false;
	if (request_is_call(r))
		return call_again(m, r);
	if (r->renewals >= RENEWALS_MAX)
		return false;
	r->renewals++;
	r->wire = 0;
	r->is_sent = false;
	return true;
}

void
unread_forget(struct mcp *m, const struct request *r)
{
	char digest[DIGEST_SIZE];

	if (!request_is_call(r) || m->unread.len == 0)
		return;
	digest_of(r, digest);
	for (size_t i = m->unread.len; i-- > 0;)
		if (strcmp(m->unread.v[i], digest) == 0)
			remove_at(&m->unread, i);
}
