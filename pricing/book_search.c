/* The search for people: reads through everything, which takes a fifth of a second. */
#include "config.h"

#include <string.h>
#include <strings.h>

#include "base/strv.h"
#include "pricing/reader.h"

#define SEARCH_WORDS_MAX 16

static bool
contains(const char *text, const char *word)
{
	return strcasestr(text, word) != NULL;
}

/* Each word stands in at least one of the columns 0 to LAST. */
static bool
matches(sqlite3_stmt *stmt, int last, const struct strv *words)
{
	for (size_t i = 0; i < words->len; i++) {
		int column = 0;

		while (column <= last && !contains(book_column(stmt, column), words->v[i]))
			column++;
		if (column > last)
			return false;
	}
	return true;
}

static void
split(const char *text, struct strv *words)
{
	while (*text != '\0' && words->len < SEARCH_WORDS_MAX) {
		size_t len = strcspn(text, " \t\n");

		if (len > 0)
			strv_take(words, xstrndup(text, len));
		text += len;
		text += strspn(text, " \t\n");
	}
}

static int
search_vms(struct book *b, const struct book_search *search, const struct strv *words,
    struct vm_prices *out, bool *more, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_VM_ALL, e);
	size_t first = out->len;
	int rc;

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, search->region);
	while ((rc = book_step(b, stmt, e)) == 1) {
		if (!matches(stmt, 1, words))
			continue;
		if (out->len - first == search->limit) {
			*more = true;
			return 0;
		}
		if (vm_prices_add(b, stmt, out, e) < 0)
			return -1;
	}
	return rc;
}

static int
search_meters(struct book *b, const struct book_search *search, const struct strv *words,
    struct meter_prices *out, bool *more, struct err *e)
{
	AUTO_STMT stmt = book_start(b, SQL_METER_ALL, e);
	size_t first = out->len;
	int rc;

	if (stmt == NULL)
		return -1;
	book_bind(stmt, 1, search->region);
	while ((rc = book_step(b, stmt, e)) == 1) {
		if (search->service != NULL &&
		    strcasecmp(book_column(stmt, 0), search->service) != 0)
			continue;
		if (!matches(stmt, 4, words))
			continue;
		if (meter_prices_add_tier(out, first, stmt))
			continue;
		if (out->len - first == search->limit) {
			*more = true;
			return 0;
		}
		if (meter_prices_add(b, stmt, out, NULL, e) < 0)
			return -1;
	}
	return rc;
}

int
book_search(struct book *b, const struct book_search *search, struct vm_prices *vms,
    struct meter_prices *meters, bool *more, struct err *e)
{
	CLEANUP(strv_clear) struct strv words = { 0 };
	bool of_vms = search->service == NULL || strcasecmp(search->service, BOOK_VM_SERVICE) == 0;
	int rc = 0;

	*more = false;
	split(search->text, &words);
	if (of_vms)
		rc = search_vms(b, search, &words, vms, more, e);
	if (rc == 0 && (search->service == NULL || !of_vms))
		rc = search_meters(b, search, &words, meters, more, e);
	return rc;
}
