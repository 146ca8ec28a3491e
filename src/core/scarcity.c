#include <config.h>

#include "core/scarcity.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/mem.h"

/* Where a capability lets its machine stand in one zone, its parameter is named so. */
#define ZONE "zone"

void
scarcity_clear(struct scarcity *s)
{
	free(s->size);
	free(s->region);
	free(s->zone);
	free(s->subscription);
	free(s->code);
	*s = (struct scarcity){ .times = 0 };
}

void
scarcities_clear(struct scarcities *all)
{
	for (size_t i = 0; i < all->len; i++)
		scarcity_clear(&all->v[i]);
	free(all->v);
	*all = (struct scarcities){ .len = 0 };
}

/* Some capabilities have a word for it. */
static const char *
zone_of(const struct objective *o)
{
	const char *zone = json_str(o->parameters, ZONE);

	return zone != NULL && strcmp(zone, "none") != 0 ? zone : "";
}

static const char *
text_or_none(const char *text)
{
	return text != NULL ? text : "";
}

bool
wanted_of(struct wanted *w, const struct capability *c, const struct objective *o,
    const char *subscription)
{
	const struct parameter *p = capability_size(c);
	const char *size = p != NULL ? json_str(o->parameters, p->name) : NULL;

	if (size == NULL || o->region == NULL)
		return false;
	*w = (struct wanted){
		.size = size,
		.region = o->region,
		.zone = zone_of(o),
		.subscription =
		    text_or_none(o->subscription != NULL ? o->subscription : subscription),
	};
	return true;
}

/* Whose it is may be unknown on either side. */
static bool
is_same_subscription(const char *a, const char *b)
{
	return *a == '\0' || *b == '\0' || strcasecmp(a, b) == 0;
}

const struct scarcity *
scarcity_find(const struct scarcities *all, const struct wanted *w)
{
	for (size_t i = 0; i < all->len; i++) {
		const struct scarcity *s = &all->v[i];

		if (strcasecmp(s->size, w->size) == 0 &&
		    strcmp(s->region, w->region) == 0 &&
		    (*s->zone == '\0' || strcmp(s->zone, w->zone) == 0) &&
		    is_same_subscription(s->subscription, w->subscription))
			return s;
	}
	return NULL;
}

char *
scarcity_text(const struct scarcity *s)
{
	char at[CLOCK_TEXT_SIZE];

	/* To the second. */
	return xasprintf("%s could not be had in %s%s%s at %.19sZ (%s)", s->size, s->region,
	    *s->zone != '\0' ? ", zone " : "", s->zone, clock_format(s->seen_ms, at),
	    s->code != NULL ? s->code : failure_class_name(s->class));
}

static void
add_time(cJSON *json, const char *name, int64_t ms)
{
	char text[CLOCK_TEXT_SIZE];

	json_add_str(json, name, clock_format(ms, text));
}

cJSON *
scarcity_to_json(const struct scarcity *s)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "size", s->size);
	json_add_str(json, "region", s->region);
	json_add_str(json, "zone", *s->zone != '\0' ? s->zone : NULL);
	json_add_str(json, "subscription", *s->subscription != '\0' ? s->subscription : NULL);
	json_add_str(json, "class", failure_class_name(s->class));
	json_add_str(json, "code", s->code);
	json_add_int(json, "times", s->times);
	add_time(json, "seen", s->seen_ms);
	add_time(json, "until", s->until_ms);
	return json;
}
