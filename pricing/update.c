/* The steps of an update in their order; each alone changes nothing that anybody else sees. */
#include "config.h"

#include "pricing/update.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "pricing/book_writer.h"

#define CURRENCY "USD"
#define SOURCE_NAME "Azure Retail Prices API"
#define LOCK_NAME "prices.lock"
#define BOOK_MODE 0600

/* One update at a time in a state folder and in a cache, which may be shared by several. */
static int
lock_folder(const char *folder, int *fd, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, LOCK_NAME);

	if (file_make_folder(folder, e) < 0)
		return -1;
	*fd = file_lock(path, e);
	if (*fd < 0 && e != NULL && e->kind == ERR_BUSY)
		return err_set(e, ERR_BUSY, "another update of the prices is under way (%s)", path);
	return *fd < 0 ? -1 : 0;
}

static int
gather(
    const struct update *u, const struct client_pages *pages, struct retail *retail, struct err *e)
{
	for (size_t i = 1; i <= pages->n; i++) {
		const cJSON *items;
		AUTO_JSON cJSON *page = client_page(pages, i, &items, e);

		if (page == NULL || retail_add(retail, items, e) < 0)
			return -1;
	}
	if (retail_count(retail) == 0)
		return err_set(e, ERR_NOT_FOUND,
		    "the service has no prices of %s in %s: names must be spelled as Azure spells them",
		    u->service != NULL ? u->service : "any service",
		    u->region != NULL ? u->region : "any region");
	return 0;
}

/* The old rows of the scope go, all others stay. */
static int
copy_old(const struct update *u, const char *own, struct book_writer *w,
    struct update_result *result, struct err *e)
{
	const char *from = file_exists(own) ? own : u->installed;

	if (!file_exists(from))
		return 0;
	if (book_writer_copy(w, from, e) < 0)
		return -1;
	return book_writer_forget(w, u->service, u->region, &result->replaced, e);
}

static int
write_book(
    const struct update *u, struct retail *retail, struct update_result *result, struct err *e)
{
	AUTO_FREE char *own = file_join(u->state, BOOK_NAME);
	AUTO_FREE char *about =
	    xasprintf("%s: %s, %s", u->url, u->service != NULL ? u->service : "all services",
		u->region != NULL ? u->region : "all regions");
	CLEANUP(book_writer_free_cleanup)
	struct book_writer *w = book_writer_new(own, CURRENCY, e);
	int64_t source;

	if (w == NULL || copy_old(u, own, w, result, e) < 0 ||
	    book_writer_source(w, result->as_of, SOURCE_NAME, about, &source, e) < 0 ||
	    retail_write(retail, w, source, &result->kept, result->dropped, e) < 0)
		return -1;
	if (result->kept == 0)
		return err_set(e, ERR_NOT_FOUND,
		    "none of the %zu rows is a price that can be used; the book is as it was",
		    retail_count(retail));
	return book_writer_finish(w, BOOK_MODE, e);
}

int
update_run(const struct update *u, struct update_result *out, struct err *e)
{
	const struct client client = {
		.question = { u->url, CURRENCY, u->service, u->region },
		.cache = u->cache,
		.tell = u->tell,
		.data = u->data,
	};
	CLEANUP(client_pages_clear) struct client_pages pages = { 0 };
	CLEANUP(retail_free_cleanup) struct retail *retail = NULL;
	CLEANUP(fd_cleanup) int state_lock = -1;
	CLEANUP(fd_cleanup) int cache_lock = -1;
	struct retail_scope scope = { CURRENCY, u->service, u->region, clock_now_ms() };
	char first[CLOCK_TEXT_SIZE];
	struct err why = { 0 };

	memset(out, 0, sizeof(*out));
	if (lock_folder(u->state, &state_lock, e) < 0 || lock_folder(u->cache, &cache_lock, e) < 0)
		return -1;
	retail = retail_new(&scope);
	if (client_fetch(&client, &pages, &why) < 0 || gather(u, &pages, retail, &why) < 0) {
		/* Answers that make no sense would only be read again. */
		if (pages.folder != NULL && (why.kind == ERR_INPUT || why.kind == ERR_NOT_FOUND))
			client_pages_remove(&pages, NULL);
		return err_set(e, why.kind, "%s", why.msg);
	}
	snprintf(out->as_of, sizeof(out->as_of), "%.10s", clock_format(pages.first_ms, first));
	out->pages = pages.n;
	out->resumed = pages.kept;
	out->rows = retail_count(retail);
	if (write_book(u, retail, out, e) < 0)
		return -1;
	return client_pages_remove(&pages, e);
}
