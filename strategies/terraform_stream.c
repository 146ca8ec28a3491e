#include <config.h>

#include "strategies/terraform_stream.h"

#include <string.h>

#include "base/mem.h"

/* Some resources have no id of their own: what is in a state only is no thing that stands. */
static bool
is_id(const char *id)
{
	return id != NULL && *id != '\0' && strcmp(id, "none") != 0 && strcmp(id, "-") != 0;
}

/* Two resources may have one id, and the same one may be told of twice. */
static bool
is_noted(const struct terraform_resources *list, const char *address, const char *id)
{
	for (size_t i = 0; i < list->ids.len; i++)
		if (strcmp(list->addresses.v[i], address) == 0 && strcmp(list->ids.v[i], id) == 0)
			return true;
	return false;
}

static void
note(struct terraform_resources *list, const cJSON *hook)
{
	const char *address = json_str(hook, "resource.addr"), *id = json_str(hook, "id_value");

	if (address == NULL || !is_id(id) || is_noted(list, address, id))
		return;
	strv_add(&list->addresses, address);
	strv_add(&list->ids, id);
}

static bool
has_action(const cJSON *hook, const char *action)
{
	const char *has = json_str(hook, "action");

	return has != NULL && strcmp(has, action) == 0;
}

static void
note_known(struct terraform_stream *s, const cJSON *hook)
{
	s->stands = true;
	note(&s->known, hook);
}

static void
note_begin(struct terraform_stream *s, const cJSON *hook)
{
	s->began = true;
	if (has_action(hook, "delete"))
		note(&s->doomed, hook);
}

/* The end of a removal does not tell the id any more. */
static void
note_end(struct terraform_stream *s, const cJSON *hook)
{
	const char *address = json_str(hook, "resource.addr");

	if (has_action(hook, "create"))
		note(&s->made, hook);
	if (!has_action(hook, "delete") || address == NULL)
		return;
	for (size_t i = 0; i < s->doomed.ids.len; i++)
		if (strcmp(s->doomed.addresses.v[i], address) == 0) {
			strv_add(&s->removed.addresses, address);
			strv_add(&s->removed.ids, s->doomed.ids.v[i]);
		}
}

/* It tells which resources, and never which of their attributes. */
static void
note_drift(struct terraform_stream *s, const cJSON *change)
{
	const char *address = json_str(change, "resource.addr"),
		   *action = json_str(change, "action");
	struct terraform_resources *list;
	const char *id = "";

	if (address == NULL || action == NULL)
		return;
	if (strcmp(action, "delete") == 0)
		list = &s->gone;
	else if (strcmp(action, "update") == 0)
		list = &s->changed;
	else
		return;
	for (size_t i = 0; i < s->known.addresses.len; i++)
		if (strcmp(s->known.addresses.v[i], address) == 0)
			id = s->known.ids.v[i];
	strv_add(&list->addresses, address);
	strv_add(&list->ids, id);
}

static void
note_diagnostic(struct terraform_stream *s, const cJSON *diagnostic)
{
	const char *severity = json_str(diagnostic, "severity");

	if (severity == NULL || strcmp(severity, "error") != 0 || s->summary != NULL)
		return;
	s->summary = xstrdup(json_str(diagnostic, "summary"));
	s->detail = xstrdup(json_str(diagnostic, "detail"));
	s->address = xstrdup(json_str(diagnostic, "address"));
	if (s->summary == NULL)
		s->summary = xstrdup("terraform reported an error");
}

static void
note_changed_outputs(struct terraform_stream *s, const cJSON *outputs)
{
	const cJSON *output;

	cJSON_ArrayForEach (output, outputs) {
		const char *action = json_str(output, "action");

		if (action != NULL && strcmp(action, "noop") != 0)
			strv_add(&s->changed_outputs, output->string);
	}
}

/* Those of a plan have no values yet. */
static void
note_outputs(struct terraform_stream *s, const cJSON *outputs)
{
	const cJSON *output;
	bool has_values = cJSON_GetArraySize(outputs) == 0;

	cJSON_ArrayForEach (output, outputs)
		has_values = has_values || cJSON_HasObjectItem(output, "type");
	if (!has_values) {
		note_changed_outputs(s, outputs);
		return;
	}
	cJSON_Delete(s->outputs);
	s->outputs = cJSON_Duplicate(outputs, true);
}

static void
read_line(struct terraform_stream *s, const char *line, size_t len)
{
	AUTO_JSON cJSON *json = cJSON_ParseWithLength(line, len);
	const char *type = json_str(json, "type");
	const cJSON *hook = cJSON_GetObjectItemCaseSensitive(json, "hook");

	if (type == NULL)
		return;
	if (strcmp(type, "apply_start") == 0)
		note_begin(s, hook);
	else if (strcmp(type, "apply_complete") == 0)
		note_end(s, hook);
	else if (strcmp(type, "refresh_start") == 0)
		note_known(s, hook);
	else if (strcmp(type, "planned_change") == 0)
		s->planned = true;
	else if (strcmp(type, "resource_drift") == 0)
		note_drift(s, cJSON_GetObjectItemCaseSensitive(json, "change"));
	else if (strcmp(type, "refresh_complete") == 0)
		note(&s->found, hook);
	else if (strcmp(type, "outputs") == 0)
		note_outputs(s, cJSON_GetObjectItemCaseSensitive(json, "outputs"));
	else if (strcmp(type, "diagnostic") == 0)
		note_diagnostic(s, cJSON_GetObjectItemCaseSensitive(json, "diagnostic"));
}

void
terraform_stream_read(struct terraform_stream *s, const char *text)
{
	memset(s, 0, sizeof *s);
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "\n");

		if (*text == '{')
			read_line(s, text, len);
		text += len + (text[len] == '\n');
	}
}

static void
resources_clear(struct terraform_resources *list)
{
	strv_clear(&list->addresses);
	strv_clear(&list->ids);
}

void
terraform_stream_clear(struct terraform_stream *s)
{
	resources_clear(&s->made);
	resources_clear(&s->doomed);
	resources_clear(&s->removed);
	resources_clear(&s->found);
	resources_clear(&s->known);
	resources_clear(&s->changed);
	resources_clear(&s->gone);
	strv_clear(&s->changed_outputs);
	cJSON_Delete(s->outputs);
	free(s->summary);
	free(s->detail);
	free(s->address);
	memset(s, 0, sizeof *s);
}
