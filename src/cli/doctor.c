#include "config.h"

#include "cli/doctor.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/say.h"
#include "cli/set_aside.h"
#include "cli/style.h"
#include "cli/text.h"

#define TEXT_INDENT 20

struct doctor_options {
	bool json, set_aside;
};

static const struct option_row doctor_rows[] = {
	{ .name = "json",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct doctor_options, json),
	    .help = "as JSON" },
	{ .name = "set-aside",
	    .kind = OPTION_FLAG,
	    .offset = offsetof(struct doctor_options, set_aside),
	    .help =
		"move a damaged store, its log and its runs to a folder of today's date, so that purser can begin "
		"anew; refused while the store is sound, or while a runner or a step lives" },
	{ .name = NULL },
};

static const struct {
	const char *name;
	enum style style;
} healths[HEALTHS] = {
	[HEALTH_OK] = { "ok", STYLE_GOOD },
	[HEALTH_NOTE] = { "note", STYLE_BUSY },
	[HEALTH_WARN] = { "warn", STYLE_WARN },
	[HEALTH_FAIL] = { "fail", STYLE_BAD },
};

void
diagnosis_set(struct diagnosis *d, enum health health, const char *fmt, ...)
{
	va_list ap;

	free(d->text);
	va_start(ap, fmt);
	d->text = xvasprintf(fmt, ap);
	va_end(ap);
	d->health = health;
}

void
diagnosis_mend(struct diagnosis *d, const char *fmt, ...)
{
	va_list ap;

	free(d->mend);
	va_start(ap, fmt);
	d->mend = xvasprintf(fmt, ap);
	va_end(ap);
}

void
diagnosis_clear(struct diagnosis *d)
{
	free(d->text);
	free(d->mend);
	memset(d, 0, sizeof(*d));
}

static void
print_diagnosis(const char *name, const struct diagnosis *d)
{
	AUTO_FREE char *text = text_visible(d->text);
	AUTO_FREE char *mend = d->mend != NULL ? xasprintf("to mend: %s", d->mend) : NULL;
	AUTO_FREE char *shown = text_visible(mend);

	printf("%s%-5s%s %-*s", style_on(healths[d->health].style), healths[d->health].name,
	    style_off(healths[d->health].style), TEXT_INDENT - 6, name);
	text_wrap_after(stdout, text, TEXT_INDENT, style_text_columns());
	if (mend != NULL)
		text_wrap(stdout, shown, TEXT_INDENT, style_text_columns());
	/* The next check may take seconds. */
	fflush(stdout);
}

static void
add_json(cJSON *list, const char *name, const struct diagnosis *d)
{
	cJSON *json = cJSON_CreateObject();

	json_add_str(json, "check", name);
	json_add_str(json, "health", healths[d->health].name);
	json_add_str(json, "text", d->text);
	json_add_str(json, "mend", d->mend);
	cJSON_AddItemToArray(list, json);
}

static enum status
check_all(struct cli *cli, bool json)
{
	struct patient patient = { .cli = cli };
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	enum health worst = HEALTH_OK;

	for (const struct checkup *c = checkups; c->name != NULL; c++) {
		struct diagnosis d = { 0 };

		c->run(&patient, &d);
		if (json)
			add_json(list, c->name, &d);
		else
			print_diagnosis(c->name, &d);
		if (d.health > worst)
			worst = d.health;
		diagnosis_clear(&d);
	}
	if (json) {
		AUTO_FREE char *text = json_pretty(list);

		fputs(text, stdout);
	}
	store_close(patient.store);
	config_clear(&patient.config);
	return worst == HEALTH_FAIL ? STATUS_BROKEN : STATUS_DONE;
}

static enum status
doctor_run(struct cli *cli, const void *options, const struct strv *args)
{
	const struct doctor_options *o = options;

	(void)args;
	return o->set_aside ? set_aside(cli->paths.state) : check_all(cli, o->json);
}

const struct cmd cmd_doctor = {
	.name = "doctor",
	.usage = "[--json] [--set-aside]",
	.summary = "check tools, login, store and disk, and say how to mend each",
	.about =
	    "Looks at all that purser needs and changes nothing. Exit status 5 if something fails; notes and "
	    "warnings do not count. With --set-aside it moves a damaged store out of the way.",
	.examples = "purser doctor\n"
		    "purser doctor --set-aside",
	.options = doctor_rows,
	.options_size = sizeof(struct doctor_options),
	.needs = CMD_PATHS,
	.run = doctor_run,
};
