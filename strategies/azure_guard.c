/*
 * Reading guards. A list that was cut, or a member whose id or tags cannot be
 * read, tells nothing: what is not seen must not be deleted.
 */
#include <config.h>

#include "strategies/azure_guard.h"

#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/keys.h"
#include "strategies/azure_answer.h"

#define NAMED_MAX 3 /* of others' resources, in the failure */
#define NAMES_MAX 2000

/* Below one that is ours: subnets and extensions take no tags, what they belong to does. */
static bool
lies_below(const char *id, const struct strv *ours)
{
	for (size_t i = 0; i < ours->len; i++) {
		size_t len = strlen(ours->v[i]);
		if (strncasecmp(id, ours->v[i], len) == 0 && id[len] == '/')
			return true;
	}
	return false;
}

static bool
is_readable(const cJSON *list)
{
	const cJSON *item;

	if (!cJSON_IsArray(list))
		return false;
	cJSON_ArrayForEach (item, list) {
		const char *id = json_str(item, "id");
		const cJSON *tags = keys_get(item, "tags");
		if (!id || *id != '/' || (tags && !cJSON_IsObject(tags) && !cJSON_IsNull(tags)))
			return false;
	}
	return true;
}

static void
sort_out(const struct plan *plan, const cJSON *list, struct strv *ours, struct strv *others)
{
	const cJSON *item;

	cJSON_ArrayForEach (item, list)
		if (azure_answer_is_ours(keys_get(item, "tags"), plan->objective_id))
			strv_add(ours, json_str(item, "id"));
	cJSON_ArrayForEach (item, list) {
		const char *id = json_str(item, "id");
		if (!azure_answer_is_ours(keys_get(item, "tags"), plan->objective_id) &&
		    !lies_below(id, ours))
			strv_add(others, id);
	}
}

static void
tell_others(const struct step *step, const struct strv *others, struct reading *reading)
{
	struct buf names = BUF_INIT(NAMES_MAX);

	for (size_t i = 0; i < others->len && i < NAMED_MAX; i++)
		buf_addf(&names, "%s%s", i > 0 ? ", " : "", others->v[i]);
	if (others->len > NAMED_MAX)
		buf_addf(&names, " and %zu more", others->len - NAMED_MAX);
	failure_set(&reading->failure, FAILURE_CONFLICT, NULL, step->name,
	    "not undone, because that would take away what was not made for this objective: %s",
	    buf_str(&names));
	buf_clear(&names);
}

void
azure_guard_read(const struct failure_table *known, const struct plan *plan,
    const struct step *step, const struct result *result, struct reading *reading)
{
	struct strv ours = { 0 }, others = { 0 };

	reading->conclusive = true;
	if (!azure_answer_is_good(result)) {
		if (azure_answer_absence(known, step, result, reading))
			reading->answer = ANSWER_ABSENT;
		return;
	}
	AUTO_JSON cJSON *list = azure_answer_parse(result);
	if (!is_readable(list)) {
		failure_set(&reading->failure, FAILURE_UNKNOWN, NULL, step->name,
		    "the list of what the undo would take could not be read");
		return;
	}
	sort_out(plan, list, &ours, &others);
	if (others.len > 0) {
		reading->answer = ANSWER_FOREIGN;
		tell_others(step, &others, reading);
	} else {
		reading->answer = ANSWER_OURS_COMPLETE;
	}
	strv_clear(&ours);
	strv_clear(&others);
}
