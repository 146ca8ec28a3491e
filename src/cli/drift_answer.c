/* What terraform answers, as drift: see the header. */
#include "config.h"

#include "cli/drift_answer.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "strategies/terraform_failure.h"
#include "strategies/terraform_planned.h"
#include "strategies/terraform_stream.h"

/* ---- the answers ---- */

static void
add_item(struct drift *d, enum drift_kind kind, const char *address, const char *id)
{
	d->items = xrealloc(d->items, d->n_items + 1, sizeof(*d->items));
	d->items[d->n_items++] = (struct drift_item){
		.kind = kind,
		.address = xstrdup(address),
		.id = id != NULL && *id != '\0' ? xstrdup(id) : NULL,
	};
}

static void
add_items(struct drift *d, enum drift_kind kind, const struct terraform_resources *list)
{
	for (size_t i = 0; i < list->addresses.len; i++)
		add_item(d, kind, list->addresses.v[i], list->ids.v[i]);
}

static bool
has_id(const struct strv *ids, const char *id)
{
	for (size_t i = 0; i < ids->len; i++) {
		if (strcasecmp(ids->v[i], id) == 0)
			return true;
	}
	return false;
}

/* What purser made and the state does not name: somebody took it out, or wrote another state. */
static void
add_unknown(const struct drift_question *q, const struct terraform_stream *s)
{
	for (size_t i = 0; i < q->n_resources; i++) {
		const struct resource *r = &q->resources[i];

		if (r->state != RESOURCE_LIVE)
			continue;
		q->drift->n_resources++;
		if (!has_id(&s->known.ids, r->id) && !has_id(&s->found.ids, r->id))
			add_item(q->drift, DRIFT_UNKNOWN, NULL, r->id);
	}
}

static void
fail_cut(const struct drift_question *q)
{
	failure_set(&q->drift->failure, FAILURE_UNKNOWN, NULL, q->step->name,
	    "it told more than is kept, and the middle of it is not known");
}

void
drift_take_refresh(const struct drift_question *q, const struct result *r)
{
	struct drift *d = q->drift;
	struct terraform_stream s;

	terraform_stream_read(&s, r->out);
	if (r->ending != END_EXITED || (r->code != 0 && r->code != 2)) {
		terraform_failure(q->cli->failures, q->step, r, &s, &d->failure);
	} else if (r->out_cut) {
		fail_cut(q);
	} else {
		add_items(d, DRIFT_GONE, &s.gone);
		add_items(d, DRIFT_CHANGED, &s.changed);
		add_unknown(q, &s);
		strv_copy(&d->outputs, &s.changed_outputs);
	}
	terraform_stream_clear(&s);
}

static void
take_change(struct drift_item *item, struct terraform_drift *told)
{
	for (size_t i = 0; i < told->len; i++) {
		struct terraform_change *c = &told->v[i];

		if (c->address == NULL || strcmp(c->address, item->address) != 0)
			continue;
		item->change = *c;
		*c = (struct terraform_change){ 0 };
		return;
	}
}

static void
take_changes(struct drift *d, struct terraform_drift *told)
{
	for (size_t i = 0; i < d->n_items; i++) {
		if (d->items[i].kind == DRIFT_CHANGED)
			take_change(&d->items[i], told);
	}
}

static void
read_document(const struct drift_question *q, const struct result *r)
{
	CLEANUP(terraform_drift_clear) struct terraform_drift told = { 0 };
	AUTO_JSON cJSON *plan = terraform_planned_parse(r);
	AUTO_JSON cJSON *standing = NULL;
	struct drift *d = q->drift;

	if (!terraform_drift_read(&told, r)) {
		failure_set(&d->failure, FAILURE_INVALID, "PlanUnreadable", q->step->name,
		    "terraform did not tell what it found in a form that is known");
		return;
	}
	take_changes(d, &told);
	if (q->step->planned != NULL)
		standing = terraform_planned_read_state(q->step->planned, plan, r->out);
	drift_price(q->cli, standing, d);
}

void
drift_take_document(const struct drift_question *q, const struct result *r)
{
	if (r->ending != END_EXITED || r->code != 0)
		terraform_failure(q->cli->failures, q->step, r, NULL, &q->drift->failure);
	else if (r->out_cut)
		fail_cut(q);
	else
		read_document(q, r);
}

/* ---- what they make ---- */

const char *
drift_name(enum drift_kind kind)
{
	static const char *const names[DRIFT_KINDS] = {
		[DRIFT_CHANGED] = "changed",
		[DRIFT_GONE] = "gone",
		[DRIFT_UNKNOWN] = "not in the state",
	};

	return names[kind];
}

void
drift_init(struct drift *d)
{
	memset(d, 0, sizeof(*d));
	objective_init(&d->objective);
}

void
drift_forget(struct drift *d)
{
	for (size_t i = 0; i < d->n_items; i++) {
		free(d->items[i].address);
		free(d->items[i].id);
		terraform_change_clear(&d->items[i].change);
	}
	free(take(d->items));
	d->n_items = 0;
	strv_clear(&d->outputs);
	free(d->now.why);
	d->now = (struct drift_cost){ 0 };
}

void
drift_clear(struct drift *d)
{
	objective_clear(&d->objective);
	drift_forget(d);
	failure_clear(&d->failure);
	drift_init(d);
}

bool
drift_is_any(const struct drift *d)
{
	return d->n_items > 0 || d->outputs.len > 0;
}

size_t
drift_count(const struct drift *d, enum drift_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n_items; i++)
		n += d->items[i].kind == kind;
	return n;
}
