/*
 * Reading a bill. Charges are summed while they are read: a month of an account
 * has a line for each resource, day and meter, and often several of these.
 */
#include "config.h"

#include "pricing/bill.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "pricing/bill_columns.h"
#include "pricing/bill_files.h"
#include "pricing/bill_value.h"

#define SLOTS_MIN 1024

/* A charge, and its amount as exactly as it was told. */
struct sum {
	uint64_t hash;
	__int128 exact;
};

/*
 * V and SUMS have the same index. Each slot is empty (0) or an index from 1; their
 * number is a power of two, and at least half of them are empty.
 */
struct bill {
	int64_t now_ms, lines;
	struct bill_files *files;
	struct charge *v;
	struct sum *sums;
	size_t len, cap, sums_cap;
	size_t *slots, n_slots;
};

/* One file while it is read. */
struct bill_file {
	struct csv csv;
	struct bill_layout layout;
	long ambiguous;    /* the first line with such a day; 0: none */
	bool months_first; /* and this settles it */
	char ambiguous_day[32];
};

struct bill *
bill_new(int64_t now_ms)
{
	struct bill *b = xcalloc(1, sizeof(*b));

	b->now_ms = now_ms;
	b->files = bill_files_new();
	b->n_slots = SLOTS_MIN;
	b->slots = xcalloc(b->n_slots, sizeof(*b->slots));
	return b;
}

static void
charge_clear(struct charge *c)
{
	free(c->account);
	free(c->resource);
	free(c->tagged);
	free(c->resource_group);
	free(c->service);
}

void
bill_free(struct bill *b)
{
	if (b == NULL)
		return;
	for (size_t i = 0; i < b->len; i++)
		charge_clear(&b->v[i]);
	bill_files_free(b->files);
	free(b->v);
	free(b->sums);
	free(b->slots);
	free(b);
}

/* ---- sums ---- */

/* FNV-1a over the text and its end, whatever its case. */
static uint64_t
hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (uint64_t)tolower((unsigned char)*text)) * UINT64_C(1099511628211);
	while (*text++ != '\0');
	return hash;
}

static uint64_t
hash_charge(const struct charge *c)
{
	uint64_t hash =
	    (UINT64_C(14695981039346656037) ^ (uint64_t)c->day_ms) * UINT64_C(1099511628211);

	hash = hash_text(hash, c->account);
	hash = hash_text(hash, c->resource);
	hash = hash_text(hash, c->tagged != NULL ? c->tagged : "");
	hash = hash_text(hash, c->resource_group);
	return hash_text(hash, c->service);
}

static bool
same_text(const char *a, const char *b)
{
	return strcasecmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static bool
same_charge(const struct charge *a, const struct charge *b)
{
	return a->day_ms == b->day_ms && same_text(a->resource, b->resource) &&
	    same_text(a->account, b->account) && same_text(a->tagged, b->tagged) &&
	    same_text(a->resource_group, b->resource_group) && same_text(a->service, b->service);
}

static size_t *
find_slot(const struct bill *b, const struct charge *c, uint64_t hash)
{
	size_t i = (size_t)hash & (b->n_slots - 1);

	for (; b->slots[i] != 0; i = (i + 1) & (b->n_slots - 1)) {
		size_t at = b->slots[i] - 1;

		if (b->sums[at].hash == hash && same_charge(&b->v[at], c))
			break;
	}
	return &b->slots[i];
}

static void
grow_slots(struct bill *b)
{
	if (b->len * 2 < b->n_slots)
		return;
	free(b->slots);
	b->n_slots *= 2;
	b->slots = xcalloc(b->n_slots, sizeof(*b->slots));
	for (size_t i = 0; i < b->len; i++) {
		size_t at = (size_t)b->sums[i].hash & (b->n_slots - 1);

		while (b->slots[at] != 0)
			at = (at + 1) & (b->n_slots - 1);
		b->slots[at] = i + 1;
	}
}

/* C is borrowed. */
static void
add_charge(struct bill *b, const struct charge *c, __int128 amount)
{
	uint64_t hash = hash_charge(c);
	size_t *slot = find_slot(b, c, hash);

	if (*slot != 0) {
		b->sums[*slot - 1].exact += amount;
		return;
	}
	b->v = xgrow(b->v, b->len, &b->cap, sizeof(*b->v));
	b->sums = xgrow(b->sums, b->len, &b->sums_cap, sizeof(*b->sums));
	b->v[b->len] = (struct charge){
		.account = xstrdup(c->account),
		.day_ms = c->day_ms,
		.resource = xstrdup(c->resource),
		.tagged = xstrdup(c->tagged),
		.resource_group = xstrdup(c->resource_group),
		.service = xstrdup(c->service),
	};
	b->sums[b->len] = (struct sum){ .hash = hash, .exact = amount };
	*slot = ++b->len;
	grow_slots(b);
}

int
bill_charges(struct bill *b, const struct charge **v, size_t *len, struct err *e)
{
	for (size_t i = 0; i < b->len; i++) {
		if (bill_amount_round(b->sums[i].exact, &b->v[i].amount, e) < 0)
			return err_in(e, "%s", b->v[i].resource);
	}
	*v = b->v;
	*len = b->len;
	return 0;
}

int64_t
bill_lines(const struct bill *b)
{
	return b->lines;
}

/* ---- lines ---- */

/* What the column of the record at hand should be. */
static int
odd_value(const struct bill_file *r, enum bill_column column, const char *expected, struct err *e)
{
	return csv_fault(&r->csv, e, "%s: \"%.80s\": expected %s",
	    bill_column_name(&r->layout, column), bill_field(&r->layout, &r->csv, column),
	    expected);
}

static int
read_day(const struct bill *b, struct bill_file *r, int64_t *day_ms, struct err *e)
{
	static const enum bill_column periods[] = { BILL_PERIOD_START, BILL_PERIOD_END };
	const char *text = bill_field(&r->layout, &r->csv, BILL_DAY);
	enum bill_day kind = bill_day_parse(text, day_ms);
	int64_t other;

	if (kind == BILL_DAY_NONE)
		return odd_value(r, BILL_DAY, "a day as MM/DD/YYYY or YYYY-MM-DD", e);
	if (kind == BILL_DAY_AMBIGUOUS && r->ambiguous == 0) {
		r->ambiguous = r->csv.line;
		snprintf(r->ambiguous_day, sizeof(r->ambiguous_day), "%s", text);
	}
	r->months_first = r->months_first || kind == BILL_DAY_PROOF;
	for (size_t i = 0; i < COUNT_OF(periods) && !r->months_first && kind != BILL_DAY_CLEAR; i++)
		r->months_first = bill_day_parse(bill_field(&r->layout, &r->csv, periods[i]),
				      &other) == BILL_DAY_PROOF;
	if (*day_ms > b->now_ms)
		return odd_value(r, BILL_DAY, "a day that is not in the future", e);
	return 0;
}

static int
read_amount(const struct bill_file *r, __int128 *amount, struct err *e)
{
	if (strcmp(bill_field(&r->layout, &r->csv, BILL_CURRENCY), BILL_CURRENCY_CODE) != 0)
		return odd_value(
		    r, BILL_CURRENCY, BILL_CURRENCY_CODE ", the currency of prices and limits", e);
	if (!bill_amount_parse(bill_field(&r->layout, &r->csv, BILL_AMOUNT), amount))
		return odd_value(r, BILL_AMOUNT, "an amount such as 12.34, -0.5 or 4.5E-07", e);
	return 0;
}

static int
read_account(const struct bill_file *r, char **account, struct err *e)
{
	const char *text = bill_field(&r->layout, &r->csv, BILL_SUBSCRIPTION);

	if (*text == '\0')
		text = bill_field(&r->layout, &r->csv, BILL_PAYER);
	*account = bill_account_name(text);
	if (**account != '\0')
		return 0;
	return odd_value(r, r->layout.at[BILL_SUBSCRIPTION] >= 0 ? BILL_SUBSCRIPTION : BILL_PAYER,
	    "the id of a subscription or billing account", e);
}

/* What purser exports itself looks like a bill, and nobody has to pay it. */
static int
check_charge(const struct bill_file *r, struct err *e)
{
	if (strcasecmp(bill_field(&r->layout, &r->csv, BILL_ESTIMATE), "true") != 0)
		return 0;
	return odd_value(r, BILL_ESTIMATE,
	    "charges; this is a file of estimates, such as \"purser costs export\" writes", e);
}

/* FOCUS 1.0 has no column for it, but an id of a resource has it. The caller's own. */
static char *
read_group(const struct bill_file *r)
{
	static const char folder[] = "/resourceGroups/";
	const char *group = bill_field(&r->layout, &r->csv, BILL_GROUP);
	const char *at = strcasestr(bill_field(&r->layout, &r->csv, BILL_RESOURCE), folder);

	if (*group != '\0' || at == NULL)
		return xstrdup(group);
	at += strlen(folder);
	return xstrndup(at, strcspn(at, "/"));
}

static int
read_line(struct bill *b, struct bill_file *r, struct err *e)
{
	AUTO_FREE char *account = NULL, *tagged = NULL, *group = NULL;
	struct charge c = {
		.resource = r->csv.fields[r->layout.at[BILL_RESOURCE]],
	};
	struct err odd;
	__int128 amount;

	if (r->csv.n != r->layout.names.len) {
		return csv_fault(&r->csv, e,
		    "%zu fields, and the header has %zu: it is cut off or damaged", r->csv.n,
		    r->layout.names.len);
	}
	if (check_charge(r, e) < 0 || read_day(b, r, &c.day_ms, e) < 0 ||
	    read_amount(r, &amount, e) < 0 || read_account(r, &account, e) < 0 ||
	    bill_files_line(b->files, &r->csv, account, c.day_ms, e) < 0)
		return -1;
	if (bill_tag_find(bill_field(&r->layout, &r->csv, BILL_TAGS), &tagged, &odd) < 0)
		return csv_fault(&r->csv, e, "%s: expected a JSON object of tags: %.200s",
		    bill_column_name(&r->layout, BILL_TAGS), odd.msg);
	c.account = account;
	c.tagged = tagged;
	c.resource_group = group = read_group(r);
	c.service = (char *)(uintptr_t)bill_field(&r->layout, &r->csv, BILL_SERVICE);
	add_charge(b, &c, amount);
	b->lines++;
	return 0;
}

/* ---- files ---- */

/* Files that hold the right thing in the wrong dress. */
static const struct {
	const char *magic;
	size_t len;
	const char *what;
} dresses[] = {
	{ "\x1f\x8b", 2, "it is compressed by gzip: unpack it first (gzip -dk)" },
	{ "PK\x03\x04", 4, "it is a zip archive or a workbook: CSV is expected" },
	{ "PAR1", 4, "it is in the Parquet format: ask for an export as CSV" },
	{ "\xff\xfe", 2, "it is in UTF-16: save it as UTF-8" },
	{ "\xfe\xff", 2, "it is in UTF-16: save it as UTF-8" },
};

static long
count_lines(const struct buf *text)
{
	long lines = 1;

	for (size_t i = 0; i < text->len; i++)
		lines += text->data[i] == '\n';
	return lines;
}

static int
check_text(const char *path, const struct buf *text, struct err *e)
{
	for (size_t i = 0; i < COUNT_OF(dresses); i++) {
		if (text->len >= dresses[i].len &&
		    memcmp(text->data, dresses[i].magic, dresses[i].len) == 0)
			return err_set(e, ERR_INPUT, "%s: %s", path, dresses[i].what);
	}
	if (text->len == 0)
		return err_set(e, ERR_INPUT, "%s: it is empty", path);
	/* The last amount may be the half of one. */
	if (text->data[text->len - 1] != '\n')
		return err_set(e, ERR_INPUT,
		    "%s:%ld: the last line has no end: the file is cut off, and nothing of it is taken",
		    path, count_lines(text));
	return 0;
}

static int
read_lines(struct bill *b, struct bill_file *r, struct err *e)
{
	int rc = csv_next(&r->csv, e);

	if (rc == 0)
		return err_set(e, ERR_INPUT, "%s: there are no columns in it", r->csv.name);
	if (rc < 0 || bill_layout_find(&r->layout, &r->csv, e) < 0)
		return -1;
	bill_files_header(b->files, &r->layout.names);
	while ((rc = csv_next(&r->csv, e)) == 1) {
		if (read_line(b, r, e) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	if (r->ambiguous == 0 || r->months_first)
		return 0;
	return err_set(e, ERR_INPUT,
	    "%s:%ld: %s: \"%s\" may be MM/DD or DD/MM, and nothing in the file tells which: expected "
	    "is YYYY-MM-DD, or a billing period with a day above 12",
	    r->csv.name, r->ambiguous, bill_column_name(&r->layout, BILL_DAY), r->ambiguous_day);
}

int
bill_read(struct bill *b, const char *path, enum bill_format *format, struct err *e)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(BILL_BYTES_MAX);
	AUTO_FREE struct bill_file *r = xcalloc(1, sizeof(*r));
	int rc;

	if (file_read(path, BILL_BYTES_MAX, &text, e) < 0 || check_text(path, &text, e) < 0 ||
	    bill_files_begin(b->files, path, &text, e) < 0)
		return -1;
	csv_init(&r->csv, path, &text);
	rc = read_lines(b, r, e);
	if (rc == 0)
		*format = r->layout.format;
	bill_layout_clear(&r->layout);
	return rc;
}
