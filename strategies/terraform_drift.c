/*
 * Compares what a resource was with what it is, member by member and element by
 * element as long as both sides have the same shape; where they have not, all of
 * that attribute is what changed. Null and nothing are the same to terraform.
 */
#include <config.h>

#include "strategies/terraform_drift.h"

#include <string.h>

#include "base/buf.h"
#include "strategies/terraform_planned.h"

#define VERB "plan"
#define KEY_MAX 1024

/* ---- the calls ---- */

bool
terraform_drift_refresh(const struct step *step, struct strv *argv)
{
	if (step->workspace == NULL || !strv_has(&step->collect, VERB))
		return false;
	strv_copy(argv, &step->collect);
	strv_add(argv, "-detailed-exitcode");
	strv_add(argv, "-out={run}/" TERRAFORM_DRIFT_PLAN);
	return true;
}

bool
terraform_drift_show(const struct step *step, const char *path, struct strv *argv)
{
	if (step->workspace == NULL || !strv_has(&step->collect, VERB))
		return false;
	for (size_t i = 0; strcmp(step->collect.v[i], VERB) != 0; i++)
		strv_add(argv, step->collect.v[i]);
	strv_add(argv, "show");
	strv_add(argv, "-json");
	strv_add(argv, path);
	return true;
}

/* ---- the document ---- */

/* A value as it was or is, and the tree that says what of it is sensitive. */
struct side {
	const cJSON *value, *marks;
};

static bool
is_nothing(const cJSON *value)
{
	return value == NULL || cJSON_IsNull(value);
}

static bool
is_same(const cJSON *a, const cJSON *b)
{
	return is_nothing(a) || is_nothing(b) ? is_nothing(a) && is_nothing(b)
					      : cJSON_Compare(a, b, true);
}

/* Whether MARKS name anything at all. */
static bool
hides(const cJSON *marks)
{
	const cJSON *part;

	if (cJSON_IsTrue(marks))
		return true;
	cJSON_ArrayForEach (part, marks)
		if (hides(part))
			return true;
	return false;
}

static struct side
member(struct side of, const char *key)
{
	return (struct side){ cJSON_GetObjectItemCaseSensitive(of.value, key),
		cJSON_GetObjectItemCaseSensitive(of.marks, key) };
}

/* A key that could be read as a path stands in quotes. */
static char *
member_path(const char *path, const char *key)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	CLEANUP(buf_clear) struct buf quoted = BUF_INIT(KEY_MAX);

	if (*key != '\0' && key[strspn(key, plain)] == '\0')
		return xasprintf("%s%s%s", path, *path != '\0' ? "." : "", key);
	json_quote(&quoted, key);
	return xasprintf("%s[%s]", path, buf_str(&quoted));
}

static void
add_attribute(struct terraform_change *c, const char *path, struct side before, struct side after)
{
	bool sensitive = hides(before.marks) || hides(after.marks);

	c->v = xgrow(c->v, c->len, &c->cap, sizeof(*c->v));
	c->v[c->len++] = (struct terraform_attribute){
		.path = xstrdup(path),
		.sensitive = sensitive,
		.before = sensitive || is_nothing(before.value)
		    ? NULL
		    : cJSON_Duplicate(before.value, true),
		.after = sensitive || is_nothing(after.value) ? NULL
							      : cJSON_Duplicate(after.value, true),
	};
}

static void
compare(struct terraform_change *c, const char *path, struct side before, struct side after);

static void
compare_members(struct terraform_change *c, const char *path, struct side before, struct side after)
{
	const cJSON *one;

	cJSON_ArrayForEach (one, before.value) {
		AUTO_FREE char *at = member_path(path, one->string);

		compare(c, at, member(before, one->string), member(after, one->string));
	}
	cJSON_ArrayForEach (one, after.value) {
		AUTO_FREE char *at = member_path(path, one->string);

		if (member(before, one->string).value == NULL)
			compare(c, at, member(before, one->string), member(after, one->string));
	}
}

static void
compare_elements(
    struct terraform_change *c, const char *path, struct side before, struct side after)
{
	const cJSON *was = before.value->child, *is = after.value->child;

	for (int i = 0; was != NULL; i++, was = was->next, is = is->next) {
		AUTO_FREE char *at = xasprintf("%s[%d]", path, i);

		compare(c, at, (struct side){ was, cJSON_GetArrayItem(before.marks, i) },
		    (struct side){ is, cJSON_GetArrayItem(after.marks, i) });
	}
}

/* What is sensitive as a whole is not looked into: the names of its parts may tell too. */
static void
compare(struct terraform_change *c, const char *path, struct side before, struct side after)
{
	bool is_open = !cJSON_IsTrue(before.marks) && !cJSON_IsTrue(after.marks);

	if (is_same(before.value, after.value))
		return;
	if (is_open && cJSON_IsObject(before.value) && cJSON_IsObject(after.value))
		compare_members(c, path, before, after);
	else if (is_open && cJSON_IsArray(before.value) && cJSON_IsArray(after.value) &&
	    cJSON_GetArraySize(before.value) == cJSON_GetArraySize(after.value))
		compare_elements(c, path, before, after);
	else
		add_attribute(c, path, before, after);
}

/* What is gone has no attributes, and a deposed object is not the one that the address means. */
static void
read_resource(struct terraform_drift *d, const cJSON *resource)
{
	const char *address = json_str(resource, "address");
	const cJSON *change = json_at(resource, "change");
	struct side before = { json_at(change, "before"), json_at(change, "before_sensitive") };
	struct side after = { json_at(change, "after"), json_at(change, "after_sensitive") };

	if (address == NULL || json_str(resource, "deposed") != NULL ||
	    !cJSON_IsObject(before.value) || !cJSON_IsObject(after.value))
		return;
	d->v = xgrow(d->v, d->len, &d->cap, sizeof(*d->v));
	d->v[d->len] = (struct terraform_change){ .address = xstrdup(address) };
	compare(&d->v[d->len++], "", before, after);
}

bool
terraform_drift_read(struct terraform_drift *d, const struct result *r)
{
	AUTO_JSON cJSON *plan = terraform_planned_parse(r);
	const cJSON *resource;

	cJSON_ArrayForEach (resource, json_at(plan, "resource_drift"))
		read_resource(d, resource);
	return plan != NULL;
}

void
terraform_change_clear(struct terraform_change *c)
{
	for (size_t i = 0; i < c->len; i++) {
		free(c->v[i].path);
		cJSON_Delete(c->v[i].before);
		cJSON_Delete(c->v[i].after);
	}
	free(c->v);
	free(c->address);
	*c = (struct terraform_change){ 0 };
}

void
terraform_drift_clear(struct terraform_drift *d)
{
	for (size_t i = 0; i < d->len; i++)
		terraform_change_clear(&d->v[i]);
	free(d->v);
	*d = (struct terraform_drift){ 0 };
}
