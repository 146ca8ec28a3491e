/* The price book for people: what a thing costs, and how the book is brought up to date. */
#include "config.h"

#include "cli/prices.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"
#include "pricing/update.h"

#define LIMIT_DEFAULT 40
#define LIMIT_MAX 100000
#define QUERY_MAX 1024

struct prices_options {
	const char *region, *service;
	int64_t limit;
	bool json;
};

static const struct option_row prices_rows[] = {
	{ .name = "region",
	    .letter = 'r',
	    .kind = OPTION_TEXT,
	    .argument = "REGION",
	    .offset = offsetof(struct prices_options, region),
	    .help = "only this region, such as westeurope; Global for what has none" },
	{ .name = "service",
	    .letter = 's',
	    .kind = OPTION_TEXT,
	    .argument = "SERVICE",
	    .offset = offsetof(struct prices_options, service),
	    .help = "only this service, such as \"Virtual Machines\" or Storage" },
	{ .name = "limit",
	    .letter = 'n',
	    .kind = OPTION_COUNT,
	    .argument = "N",
	    .min = 1,
	    .max = LIMIT_MAX,
	    .offset = offsetof(struct prices_options, limit),
	    .help = "show: at most N sizes and N meters (default: 40)" },
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct prices_options, json),
	    .help = "as JSON, with amounts as text" },
	{ .name = NULL },
};

/* ---- the book ---- */

struct book *
prices_open(const struct cli *cli, struct err *e)
{
	return book_open_best(cli->paths.state, cli->paths.prices, e);
}

/* An update replaces the file, and a run of prices may be of the day that the book had before. */
static char *
state_of(const struct book *b)
{
	struct stat st;

	if (stat(book_path(b), &st) == -1)
		return xstrdup(book_path(b));
	return xasprintf("%s: %lld bytes of %lld.%09ld", book_path(b), (long long)st.st_size,
	    (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
}

void
tariff_clear(struct tariff *tariff)
{
	estimator_free(tariff->estimator);
	book_close(tariff->book);
	free(tariff->state);
	memset(tariff, 0, sizeof(*tariff));
}

int
tariff_renew(struct tariff *tariff, const struct cli *cli, struct planner *planner, struct err *e)
{
	struct tariff now = { .book = prices_open(cli, e) };

	if (now.book == NULL)
		return -1;
	now.state = state_of(now.book);
	if (tariff->state != NULL && strcmp(tariff->state, now.state) == 0) {
		tariff_clear(&now);
		return 0;
	}
	now.estimator = estimator_new(now.book);
	tariff_clear(tariff);
	*tariff = now;
	planner->estimator = now.estimator;
	planner->prices = now.state;
	return 0;
}

/* ---- show: text ---- */

static const struct table_column vm_columns[] = {
	{ .title = "SIZE", .give = 2, .min = 16 },
	{ .title = "REGION", .give = 1, .min = 10 },
	{ .title = "OS" },
	{ .title = "MARKET" },
	{ .title = "VCPUS", .right = true },
	{ .title = "GIB", .right = true },
	{ .title = "HOUR", .right = true },
	{ .title = "MONTH", .right = true },
};

static const struct table_column meter_columns[] = {
	{ .title = "SKU", .give = 2, .min = 8 },
	{ .title = "METER", .give = 3, .min = 14 },
	{ .title = "REGION", .give = 1, .min = 8 },
	{ .title = "UNIT" },
	{ .title = "FROM", .right = true },
	{ .title = "PRICE", .right = true },
};

static void
print_vms(const struct vm_prices *vms)
{
	char text[MONEY_TEXT_SIZE];
	struct table t;

	table_init(&t, vm_columns, COUNT_OF(vm_columns));
	for (size_t i = 0; i < vms->len; i++) {
		const struct vm_price *p = &vms->v[i];
		money_t month;

		table_add(&t, STYLE_PLAIN, p->size);
		table_add(&t, STYLE_PLAIN, p->region);
		table_add(&t, STYLE_PLAIN, vm_os_name(p->os));
		table_add(&t, STYLE_PLAIN, vm_market_name(p->market));
		table_add(&t, STYLE_DIM, p->vcpus > 0 ? decimal_format(p->vcpus, text) : "");
		table_add(
		    &t, STYLE_DIM, p->memory_gib > 0 ? decimal_format(p->memory_gib, text) : "");
		table_add(&t, STYLE_PLAIN, money_format(p->hourly, text));
		table_add(&t, STYLE_PLAIN,
		    money_mul(p->hourly, MONTH_HOURS_DECIMAL, &month, NULL) == 0
			? money_format_people(month, text)
			: "");
	}
	table_print(&t, stdout);
	table_clear(&t);
}

static void
add_meter(struct table *t, const struct meter_price *m)
{
	char text[MONEY_TEXT_SIZE];

	for (size_t k = 0; k < m->n_tiers; k++) {
		bool first = k == 0;

		table_add(t, STYLE_PLAIN, first ? m->sku : "");
		table_add(t, STYLE_PLAIN, first ? m->meter : "");
		table_add(t, STYLE_PLAIN, first ? m->region : "");
		table_add(t, STYLE_PLAIN, first ? m->unit.text : "");
		table_add(t, STYLE_DIM,
		    m->tiers[k].from > 0 ? decimal_format(m->tiers[k].from, text) : "");
		table_add(t, STYLE_PLAIN, money_format(m->tiers[k].price, text));
	}
}

static bool
same_product(const struct meter_price *a, const struct meter_price *b)
{
	return strcmp(a->product, b->product) == 0 && strcmp(a->service, b->service) == 0;
}

/* A table for each product: their names are long, and differ at the end. */
static void
print_meters(const struct meter_prices *meters)
{
	size_t next;

	for (size_t i = 0; i < meters->len; i = next) {
		const struct meter_price *first = &meters->v[i];
		AUTO_FREE char *service = text_visible(first->service);
		AUTO_FREE char *product = text_visible(first->product);
		struct table t;

		printf("%s%s%s / %s%s\n", i > 0 ? "\n" : "", style_on(STYLE_BOLD), service, product,
		    style_off(STYLE_BOLD));
		table_init(&t, meter_columns, COUNT_OF(meter_columns));
		for (next = i; next < meters->len && same_product(&meters->v[next], first); next++)
			add_meter(&t, &meters->v[next]);
		table_print(&t, stdout);
		table_clear(&t);
	}
}

/* The oldest and the newest day of the prices shown. */
struct days {
	const char *first, *last;
};

static void
add_day(struct days *days, const struct book_source *source)
{
	if (days->first == NULL || strcmp(source->as_of, days->first) < 0)
		days->first = source->as_of;
	if (days->last == NULL || strcmp(source->as_of, days->last) > 0)
		days->last = source->as_of;
}

static void
print_footer(const struct book *b, const struct vm_prices *vms, const struct meter_prices *meters)
{
	struct days days = { 0 };
	struct buf text = BUF_INIT(QUERY_MAX);

	for (size_t i = 0; i < vms->len; i++)
		add_day(&days, vms->v[i].source);
	for (size_t i = 0; i < meters->len; i++)
		add_day(&days, meters->v[i].source);
	buf_addf(&text, "Retail prices in %s of %s", book_currency(b), days.first);
	if (strcmp(days.first, days.last) != 0)
		buf_addf(&text, " to %s", days.last);
	if (vms->len > 0)
		buf_addf(&text, "; a month is %d hours", MONTH_HOURS);
	if (meters->len > 0)
		buf_adds(&text, "; prices and FROM are by the unit as it is sold");
	buf_addc(&text, '.');
	puts("");
	text_wrap(stdout, buf_str(&text), 0, style_text_columns());
	buf_clear(&text);
}

/* ---- show: JSON ---- */

/* What is not known is left out. */
static void
add_quantity(cJSON *object, const char *key, decimal_t quantity)
{
	char text[MONEY_TEXT_SIZE];

	if (quantity > 0)
		json_add_str(object, key, decimal_format(quantity, text));
}

static void
add_source(cJSON *object, const struct book_source *source)
{
	cJSON *json = cJSON_AddObjectToObject(object, "source");

	json_add_str(json, "as_of", source->as_of);
	json_add_str(json, "name", source->name);
	json_add_str(json, "about", source->about);
}

static cJSON *
vm_json(const struct vm_price *p)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "size", p->size);
	json_add_str(json, "region", p->region);
	json_add_str(json, "os", vm_os_name(p->os));
	json_add_str(json, "market", vm_market_name(p->market));
	json_add_money(json, "hourly", p->hourly);
	json_add_str(json, "family", p->family);
	add_quantity(json, "vcpus", p->vcpus);
	add_quantity(json, "memory_gib", p->memory_gib);
	json_add_str(json, "gpu", *p->gpu != '\0' ? p->gpu : NULL);
	add_quantity(json, "gpus", p->gpus);
	add_source(json, p->source);
	return json;
}

static cJSON *
meter_json(const struct meter_price *m)
{
	cJSON *json = cJSON_CreateObject(), *tiers;

	json_add_str(json, "service", m->service);
	json_add_str(json, "product", m->product);
	json_add_str(json, "sku", m->sku);
	json_add_str(json, "meter", m->meter);
	json_add_str(json, "region", m->region);
	json_add_str(json, "unit", m->unit.text);
	json_add_int(json, "block", m->unit.block);
	json_add_str(json, "amount", unit_amount_name(m->unit.amount));
	json_add_str(json, "time", unit_time_name(m->unit.time));
	tiers = cJSON_AddArrayToObject(json, "tiers");
	for (size_t i = 0; i < m->n_tiers; i++) {
		cJSON *tier = cJSON_CreateObject();
		char text[MONEY_TEXT_SIZE];

		json_add_str(tier, "from", decimal_format(m->tiers[i].from, text));
		json_add_money(tier, "price", m->tiers[i].price);
		cJSON_AddItemToArray(tiers, tier);
	}
	add_source(json, m->source);
	return json;
}

static void
print_json(const cJSON *json)
{
	AUTO_FREE char *text = json_pretty(json);

	fputs(text, stdout);
}

static void
print_found_json(
    const struct book *b, const struct vm_prices *vms, const struct meter_prices *meters, bool more)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	cJSON *list;

	json_add_str(json, "currency", book_currency(b));
	json_add_str(json, "book", book_path(b));
	list = cJSON_AddArrayToObject(json, "virtual_machines");
	for (size_t i = 0; i < vms->len; i++)
		cJSON_AddItemToArray(list, vm_json(&vms->v[i]));
	list = cJSON_AddArrayToObject(json, "meters");
	for (size_t i = 0; i < meters->len; i++)
		cJSON_AddItemToArray(list, meter_json(&meters->v[i]));
	json_add_bool(json, "more", more);
	print_json(json);
}

/* ---- show ---- */

static enum status
print_found(const struct book *b, const char *query, const struct prices_options *o,
    const struct vm_prices *vms, const struct meter_prices *meters, bool more)
{
	if (o->json) {
		print_found_json(b, vms, meters, more);
		return STATUS_DONE;
	}
	if (vms->len == 0 && meters->len == 0) {
		AUTO_FREE char *shown = text_visible(query);

		say("no price is known that matches \"%s\"%s", shown,
		    o->region != NULL || o->service != NULL ? " there" : "");
		return STATUS_USAGE;
	}
	print_vms(vms);
	if (vms->len > 0 && meters->len > 0)
		puts("");
	print_meters(meters);
	print_footer(b, vms, meters);
	if (more)
		say_next("there are more: add words, --region, --service or --limit N");
	return STATUS_DONE;
}

static enum status
show(struct cli *cli, const struct prices_options *o, const struct strv *args)
{
	CLEANUP(buf_clear) struct buf query = BUF_INIT(QUERY_MAX);
	CLEANUP(vm_prices_clear) struct vm_prices vms = { 0 };
	CLEANUP(meter_prices_clear) struct meter_prices meters = { 0 };
	struct err e = { 0 };
	CLEANUP(book_close_cleanup) struct book *b = NULL;
	struct book_search search = {
		.region = o->region,
		.service = o->service,
		.limit = (size_t)(o->limit > 0 ? o->limit : LIMIT_DEFAULT),
	};
	bool more;

	for (size_t i = 1; i < args->len; i++)
		buf_addf(&query, "%s%s", i > 1 ? " " : "", args->v[i]);
	if (args->len < 2)
		return say_usage(
		    "prices", "what is to be shown? A size, or words of a meter's names");
	b = prices_open(cli, &e);
	if (b == NULL)
		return say_error(&e);
	search.text = buf_str(&query);
	if (book_search(b, &search, &vms, &meters, &more, &e) < 0)
		return say_error(&e);
	return print_found(b, search.text, o, &vms, &meters, more);
}

/* ---- update ---- */

/* A line that is written over while pages come; trouble stays. */
static void
tell(void *data, bool trouble, const char *text)
{
	const struct cli *cli = data;

	if (trouble)
		log_warn("prices", "%s", text);
	else if (cli->verbose)
		log_info("prices", "%s", text);
}

static void
print_result_json(const struct update_result *r)
{
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	cJSON *dropped;

	json_add_str(json, "as_of", r->as_of);
	json_add_int(json, "pages", (int64_t)r->pages);
	json_add_int(json, "resumed", (int64_t)r->resumed);
	json_add_int(json, "rows", (int64_t)r->rows);
	json_add_int(json, "kept", (int64_t)r->kept);
	json_add_int(json, "replaced", r->replaced);
	dropped = cJSON_AddObjectToObject(json, "dropped");
	for (int i = RETAIL_KEPT + 1; i < RETAIL_DROPS; i++) {
		if (r->dropped[i] > 0)
			json_add_int(
			    dropped, retail_drop_text((enum retail_drop)i), (int64_t)r->dropped[i]);
	}
	print_json(json);
}

static void
print_result(const struct update_result *r)
{
	struct buf text = BUF_INIT(QUERY_MAX);

	text_count(&text, (int64_t)r->kept, "price");
	buf_addf(&text, " of %s, of ", r->as_of);
	text_count(&text, (int64_t)r->rows, "row");
	buf_adds(&text, " on ");
	text_count(&text, (int64_t)r->pages, "page");
	if (r->resumed > 0)
		buf_addf(&text, " (%zu had been fetched before)", r->resumed);
	buf_addf(&text, "; %" PRId64 " replaced", r->replaced);
	say_done("%s", buf_str(&text));
	for (int i = RETAIL_KEPT + 1; i < RETAIL_DROPS; i++) {
		if (r->dropped[i] > 0)
			say_done("  left out: %zu %s", r->dropped[i],
			    retail_drop_text((enum retail_drop)i));
	}
	buf_clear(&text);
}

static enum status
check_scope(const struct prices_options *o)
{
	if (o->region != NULL) {
		const char *at = o->region;

		while (isalnum((unsigned char)*at) || *at == ' ')
			at++;
		if (at == o->region || *at != '\0')
			return say_usage(
			    "prices", "\"%s\" is no region such as westeurope", o->region);
	}
	if (o->service != NULL && *o->service == '\0')
		return say_usage("prices", "the service's name is empty");
	return STATUS_DONE;
}

static enum status
update(struct cli *cli, const struct prices_options *o, const struct strv *args)
{
	struct err e = { 0 };
	AUTO_FREE char *cache = paths_cache("prices", &e);
	const char *url = getenv("PURSER_PRICES_URL");
	struct update_result result;
	const struct update u = {
		.state = cli->paths.state,
		.installed = cli->paths.prices,
		.cache = cache,
		.url = url != NULL && *url != '\0' ? url : CLIENT_URL,
		.service = o->service,
		.region = o->region,
		.tell = tell,
		.data = cli,
	};

	if (args->len > 1)
		return say_usage(
		    "prices", "update takes no further words: use --region and --service");
	if (check_scope(o) != STATUS_DONE)
		return STATUS_USAGE;
	if (cache == NULL || update_run(&u, &result, &e) < 0) {
		enum status status = say_error(&e);

		if (e.kind != ERR_BUSY)
			return status;
		say_next("the same command goes on where this one stopped");
		return STATUS_LATER;
	}
	if (o->json)
		print_result_json(&result);
	else
		print_result(&result);
	return STATUS_DONE;
}

static enum status
run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct prices_options *o = options;

	if (strcmp(args->v[0], "show") == 0)
		return show(cli, o, args);
	if (strcmp(args->v[0], "update") == 0)
		return update(cli, o, args);
	return say_usage("prices", "\"%s\" is neither show nor update", args->v[0]);
}

const struct cmd cmd_prices = {
	.name = "prices",
	.usage = "show QUERY... | update [--region R] [--service S]",
	.summary = "look up prices, or fetch new ones",
	.about = "show lists the VM sizes and meters whose names hold all words of QUERY, with the "
		 "retail price in the price book. What is not listed has no known price, and an "
		 "objective that needs it is held.\n"
		 "\n"
		 "update asks the public Azure Retail Prices API, without an account, for one "
		 "region, one service, both or everything (some 700 pages), and makes a book of "
		 "your own beside the store, which goes before the installed one. What was "
		 "interrupted goes on where it stopped; until the last page is there the book "
		 "stays as it is. Reservations, low priority and whatever cannot be told apart are "
		 "left out and counted.",
	.examples = "purser prices show Standard_D2s_v5 --region westeurope\n"
		    "purser prices show blob hot lrs --service Storage\n"
		    "purser prices update --region westeurope --service \"Virtual Machines\"",
	.options = prices_rows,
	.options_size = sizeof(struct prices_options),
	.needs = CMD_CONFIG,
	.min_args = 1,
	.max_args = ARGS_ANY,
	.run = run,
};
