/*
 * A value comes from a message that a service wrote, so it is never taken for more than
 * one word of a command, which is quoted for the shell where it needs to be.
 */
#include <config.h>

#include "core/advice.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "core/placeholder.h"

#define WORD_MAX 4096
#define LOGIN "{login}"

/* Where a message has what a placeholder stands for: in the quotes behind these words. */
static const struct {
	const char *name, *before;
} told[] = {
	{ "action", "perform action" },
	{ "scope", "over scope" },
	{ "principal", "with object id" },
	{ "provider", "use namespace" },
	{ "provider", "the namespace" },
	{ "correlation", "correlation id" },
	{ "correlation", "tracking id" },
};

struct filler {
	const struct failure *failure;
	const struct advice_facts *facts;
	char value[WORD_MAX]; /* the last one that was made here */
};

static bool
is_value_char(char c)
{
	return isalnum((unsigned char)c) || (c != '\0' && strchr("-_./()*:", c) != NULL);
}

/* What stands behind BEFORE in the message, with or without quotes. */
static const char *
told_value(struct filler *f, const char *before)
{
	const char *message = f->failure->message != NULL ? f->failure->message : "", *at;
	size_t len = 0;

	if ((at = strcasestr(message, before)) == NULL)
		return NULL;
	at += strlen(before);
	at += strspn(at, " :'\"=");
	while (is_value_char(at[len]) && len < sizeof(f->value) - 1)
		len++;
	while (len > 0 && strchr(".:", at[len - 1]) != NULL)
		len--;
	if (len == 0)
		return NULL;
	memcpy(f->value, at, len);
	f->value[len] = '\0';
	return f->value;
}

/* The group that it stands in; NULL if that is not known. */
static const char *
own_scope(struct filler *f, const struct objective *o)
{
	if (f->facts->subscription == NULL || o->resource_group == NULL)
		return NULL;
	AUTO_FREE char *scope = xasprintf(
	    "/subscriptions/%s/resourceGroups/%s", f->facts->subscription, o->resource_group);

	if (strlen(scope) >= sizeof(f->value))
		return NULL;
	memcpy(f->value, scope, strlen(scope) + 1);
	return f->value;
}

/* Of the objective; NULL if it has none. */
static const char *
own_value(struct filler *f, const char *name)
{
	const struct objective *o = f->facts->objective;

	if (strcmp(name, "subscription") == 0)
		return f->facts->subscription;
	if (o == NULL)
		return NULL;
	if (strcmp(name, "region") == 0)
		return o->region;
	if (strcmp(name, "resource_group") == 0)
		return o->resource_group;
	if (strcmp(name, "provider") == 0)
		return o->provider;
	if (strcmp(name, "size") == 0)
		return f->facts->size;
	if (strcmp(name, "scope") == 0)
		return own_scope(f, o);
	return strcmp(name, "name") == 0 ? json_str(o->parameters, "name") : NULL;
}

static const char *
in_capitals(struct filler *f, const char *name)
{
	size_t i = 0;

	for (; name[i] != '\0' && i < sizeof(f->value) - 1; i++)
		f->value[i] = (char)toupper((unsigned char)name[i]);
	f->value[i] = '\0';
	return f->value;
}

static const char *
find_value(void *data, const char *name)
{
	struct filler *f = data;
	const char *value = NULL;

	for (size_t i = 0; i < COUNT_OF(told) && value == NULL; i++)
		if (strcmp(told[i].name, name) == 0)
			value = told_value(f, told[i].before);
	if (value == NULL)
		value = own_value(f, name);
	return value != NULL ? value : in_capitals(f, name);
}

static void
add_word(struct filler *f, const char *text, size_t len, struct strv *argv)
{
	CLEANUP(buf_clear) struct buf word = BUF_INIT(WORD_MAX * 2);
	AUTO_FREE char *form = xstrndup(text, len);
	char unknown[PLACEHOLDER_MAX + 1];

	placeholder_fill(form, find_value, f, &word, unknown);
	strv_add(argv, buf_str(&word));
}

/* What is about the account itself asks about all of its subscriptions. */
static bool
needs_subscription(const struct filler *f, const struct strv *argv)
{
	return f->facts->elsewhere && f->facts->subscription != NULL && argv->len > 1 &&
	    strcmp(argv->v[0], "az") == 0 && strcmp(argv->v[1], "account") != 0;
}

static void
add_command(struct advice *a, struct filler *f, const char *form)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };

	if (strcmp(form, LOGIN) == 0 && f->facts->login != NULL) {
		strv_copy(&argv, f->facts->login);
	} else if (strcmp(form, LOGIN) == 0) {
		strv_add(&argv, "az");
		strv_add(&argv, "login");
	} else {
		for (const char *p = form; *p != '\0'; p += strspn(p, " ")) {
			size_t len = strcspn(p, " ");

			add_word(f, p, len, &argv);
			p += len;
		}
		if (needs_subscription(f, &argv))
			strv_addf(&argv, "--subscription=%s", f->facts->subscription);
	}
	strv_take(&a->commands, strv_shell(&argv));
}

/*
 * The row that told what it is. Older records do not name it: then it is looked up by what is
 * left of the failure, which may tell another class, for what status told is not known any more.
 */
static const struct failure_rule *
find_rule(const struct failure_table *t, const struct failure *f)
{
	const char *const codes[] = { f->code };
	const struct tool_output said = {
		.codes = codes,
		.n_codes = f->code != NULL ? 1 : 0,
		.status = -1,
		.message = f->message != NULL ? f->message : "",
		.text = f->message != NULL ? f->message : "",
	};
	const struct failure_rule *rule = failure_table_rule(t, f->advice_id);

	if (rule == NULL)
		rule = failure_table_find(t, &said);
	return rule != NULL && rule->class == f->class ? rule : NULL;
}

void
advice_make(struct advice *a, const struct failure_table *t, const struct failure *f,
    const struct advice_facts *facts)
{
	struct filler filler = { .failure = f, .facts = facts };
	const struct failure_rule *rule = find_rule(t, f);
	const struct strv *commands = failure_table_commands(t, f);

	*a = (struct advice){ .text = NULL };
	if (rule != NULL) {
		a->id = rule->id;
		a->text = rule->advice;
		a->docs = rule->docs;
	}
	for (size_t i = 0; commands != NULL && i < commands->len; i++)
		add_command(a, &filler, commands->v[i]);
}

void
advice_clear(struct advice *a)
{
	strv_clear(&a->commands);
	*a = (struct advice){ .text = NULL };
}

void
advice_add_json(const struct advice *a, cJSON *object)
{
	json_add_str(object, "advice_id", a->id);
	json_add_str(object, "advice", a->text);
	json_add_str(object, "docs", a->docs);
	json_add_strv(object, "commands", &a->commands);
}
