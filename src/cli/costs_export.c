/* Estimates as FOCUS rows, a page of reservations at a time; nothing is given out before all is made. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cli/costs.h"
#include "cli/reserved.h"
#include "cli/say.h"
#include "cli/text.h"
#include "pricing/focus.h"
#include "store/ledger.h"

#define EXPORT_MAX (1024u * 1024 * 1024)

struct exporting {
	struct store *store;
	const struct library *library;
	struct buf rows;
	month_t month;
	int64_t n_rows, left_out; /* components without a price */
};

/*
 * What the price list calls the service of a component; NULL if the capability
 * does not name one any more.
 */
static const char *
service_of(const struct library *l, const char *capability, const char *component)
{
	const struct capability *c = library_find(l, capability);

	for (size_t i = 0; c != NULL && component != NULL && i < c->cost.n_rows; i++) {
		const struct cost_row *row = &c->cost.rows[i];
		const char *service = row->texts[COST_SERVICE];

		if (strcmp(row->name, component) != 0)
			continue;
		if (row->texts[COST_VM] != NULL)
			return "Virtual Machines";
		return service != NULL && strchr(service, '{') == NULL ? service : NULL;
	}
	return NULL;
}

/* The part of the month in which it stands, or is taken to. */
static void
set_period(const struct reservation *v, struct focus_charge *c)
{
	int64_t first = month_start_ms(c->month), end = month_start_ms(c->month + 1);

	c->from_ms = v->stood_ms > 0 ? v->stood_ms : v->held_ms;
	c->to_ms = v->ended_ms > 0 ? v->ended_ms : end;
	if (c->from_ms < first)
		c->from_ms = first;
	if (c->to_ms > end)
		c->to_ms = end;
}

static int
export_reservation(void *data, const struct reservation *v, struct err *e)
{
	struct exporting *x = data;
	struct focus_charge c = {
		.account = store_id(x->store),
		.objective_id = v->objective_id,
		.batch = v->batch,
		.name = v->name,
		.capability = v->capability,
		.resource_group = v->resource_group,
		.state = reservation_state_name(v->state),
		.labels = v->labels,
		.currency = json_str(v->estimate, "currency"),
		.month = x->month,
	};

	set_period(v, &c);
	if (v->estimate == NULL && v->unpriced)
		x->left_out++;
	cJSON_ArrayForEach (c.component, json_at(v->estimate, "components")) {
		int rc;

		c.service = service_of(x->library, v->capability, json_str(c.component, "name"));
		rc = focus_add(&x->rows, &c, e);
		if (rc < 0)
			return -1;
		x->n_rows += rc;
		x->left_out += json_at(c.component, "monthly") == NULL;
	}
	return 0;
}

static int
export_all(struct exporting *x, struct err *e)
{
	const struct reservation_filter f = {
		.states = 1u << RESERVATION_HELD | 1u << RESERVATION_COMMITTED |
		    1u << RESERVATION_SETTLED,
		.from_ms = month_start_ms(x->month),
		.to_ms = month_start_ms(x->month + 1),
	};

	focus_header(&x->rows);
	if (x->store != NULL && reserved_each(x->store, &f, export_reservation, x, e) < 0)
		return -1;
	if (buf_is_cut(&x->rows))
		return err_set(e, ERR_INPUT, "there are more rows than fit into one file");
	return 0;
}

/* As the specification wants it beside the data. */
static int
write_metadata(const char *path, const struct exporting *x, struct err *e)
{
	AUTO_FREE char *beside = xasprintf("%s.metadata.json", path), *text = NULL;
	AUTO_JSON cJSON *json = cJSON_CreateObject();
	char created[CLOCK_TEXT_SIZE], month[MONTH_TEXT_SIZE];

	json_add_str(json, "FocusVersion", FOCUS_VERSION);
	json_add_str(json, "DataGenerator", PACKAGE_STRING);
	json_add_str(json, "CreationDate", text_second(clock_now_ms(), created));
	json_add_str(json, "x_Month", month_format(x->month, month));
	json_add_bool(json, "x_IsEstimate", true);
	text = json_pretty(json);
	return file_replace(beside, text, strlen(text), 0600, e);
}

static enum status
write_rows(const struct exporting *x, const char *path)
{
	struct err e = { 0 };

	if (path == NULL) {
		fwrite(x->rows.data, 1, x->rows.len, stdout);
		return STATUS_DONE;
	}
	if (file_replace(path, x->rows.data, x->rows.len, 0600, &e) < 0 ||
	    write_metadata(path, x, &e) < 0)
		return say_error(&e);
	say_done(
	    "%lld row%s exported to %s", (long long)x->n_rows, x->n_rows == 1 ? "" : "s", path);
	return STATUS_DONE;
}

/* A slip in a path is told before all rows are made. */
static int
check_output(const char *path, struct err *e)
{
	AUTO_FREE char *folder = xstrdup(path);
	char *slash = strrchr(folder, '/');
	struct stat status;

	if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
		return err_set(e, ERR_INPUT, "--output: %s is a folder: name a file", path);
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	if (stat(folder, &status) == 0 && S_ISDIR(status.st_mode))
		return 0;
	return err_set(e, ERR_INPUT, "--output %s: there is no folder %s", path, folder);
}

enum status
costs_export(struct cli *cli, const struct costs_options *o, month_t month)
{
	struct exporting x = {
		.library = &cli->library, .rows = BUF_INIT(EXPORT_MAX), .month = month
	};
	struct err e = { 0 };
	enum status status;

	if (!o->focus)
		return say_usage("costs", "export in which format? --focus is the one there is");
	if (o->output != NULL && check_output(o->output, &e) < 0)
		return say_error(&e);
	status = cli_need_library(cli);
	if (status != STATUS_DONE)
		return status;
	if (cli_open_any_store(cli, &e) < 0)
		return say_error(&e);
	x.store = cli->store;
	status = export_all(&x, &e) < 0 ? say_error(&e) : write_rows(&x, o->output);
	if (status == STATUS_DONE && x.left_out > 0)
		say("left out: %lld component%s without a known price", (long long)x.left_out,
		    x.left_out == 1 ? "" : "s");
	buf_clear(&x.rows);
	return status;
}
