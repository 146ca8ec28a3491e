#include "config.h"

#include "cli/failures_scarce.h"

#include <inttypes.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/say.h"
#include "cli/table.h"
#include "cli/text.h"
#include "store/scarcity.h"

static const struct table_column columns[] = {
	{ .title = "SIZE", .give = 4, .min = 12 },
	{ .title = "REGION", .give = 3, .min = 8 },
	{ .title = "ZONE" },
	{ .title = "CODE", .give = 5, .min = 10 },
	{ .title = "TIMES", .right = true },
	{ .title = "LAST", .right = true },
	{ .title = "FORGOTTEN" },
};

static void
print_json(const struct scarcities *all)
{
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	AUTO_FREE char *text = NULL;

	for (size_t i = 0; i < all->len; i++)
		cJSON_AddItemToArray(list, scarcity_to_json(&all->v[i]));
	text = json_pretty(list);
	fputs(text, stdout);
}

static void
print_table(const struct scarcities *all, int64_t now_ms)
{
	struct table t;

	if (all->len == 0) {
		say_done("nothing is known to be scarce");
		return;
	}
	table_init(&t, columns, COUNT_OF(columns));
	for (size_t i = 0; i < all->len; i++) {
		const struct scarcity *s = &all->v[i];
		char age[32], when[64];

		table_add(&t, STYLE_PLAIN, s->size);
		table_add(&t, STYLE_PLAIN, s->region);
		table_add(&t, STYLE_PLAIN, s->zone);
		table_add(
		    &t, STYLE_PLAIN, s->code != NULL ? s->code : failure_class_name(s->class));
		table_addf(&t, STYLE_PLAIN, "%" PRId64, s->times);
		table_add(&t, STYLE_PLAIN, text_age(now_ms - s->seen_ms, age, sizeof(age)));
		table_add(&t, STYLE_PLAIN, text_when(s->until_ms, now_ms, when, sizeof(when)));
	}
	table_print(&t, stdout);
	table_clear(&t);
	fflush(stdout);
	say_next("purser failures forget %s   (where it is to be had again)", all->v[0].size);
}

enum status
failures_scarce(struct cli *cli, bool as_json)
{
	CLEANUP(scarcities_clear) struct scarcities all = { .len = 0 };
	int64_t now_ms = clock_now_ms();
	struct err e = { 0 };

	if (cli_open_any_store(cli, &e) < 0 ||
	    (cli->store != NULL && store_scarcities(cli->store, now_ms, &all, &e) < 0))
		return say_error(&e);
	if (as_json)
		print_json(&all);
	else
		print_table(&all, now_ms);
	return STATUS_DONE;
}

static int
forget(struct store *s, const char *size, const char *region, size_t *n, struct err *e)
{
	AUTO_FREE char *user = cli_user();

	if (store_begin_wait(s, CLI_WAIT_MS, e) < 0)
		return -1;
	if (store_scarcity_forget_size(s, size, region, user, clock_now_ms(), n, e) < 0) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

static void
tell_forgotten(const char *size, const char *region, size_t n, bool as_json)
{
	AUTO_JSON cJSON *json = NULL;
	AUTO_FREE char *text = NULL;

	if (!as_json) {
		say_done("%s will be tried again%s%s", size, region != NULL ? " in " : "",
		    region != NULL ? region : "");
		return;
	}
	json = cJSON_CreateObject();
	json_add_str(json, "size", size);
	json_add_str(json, "region", region);
	json_add_int(json, "forgotten", (int64_t)n);
	text = json_pretty(json);
	fputs(text, stdout);
}

enum status
failures_forget(struct cli *cli, const char *size, const char *where, bool as_json)
{
	AUTO_FREE char *region = where != NULL ? objective_region(where) : NULL;
	enum status status;
	struct err e = { 0 };
	size_t n;

	if (where != NULL && region == NULL)
		return say_usage("failures", "\"%s\" is no region", where);
	if ((status = cli_need_existing_store(cli)) != STATUS_DONE)
		return status;
	if (forget(cli->store, size, region, &n, &e) < 0)
		return say_error(&e);
	cli_settle(cli);
	if (n == 0) {
		err_set(&e, ERR_NOT_FOUND,
		    "%s is not known to be scarce%s%s: see \"purser failures scarce\"", size,
		    region != NULL ? " in " : "", region != NULL ? region : "");
		return say_error(&e);
	}
	tell_forgotten(size, region, n, as_json);
	return STATUS_DONE;
}
