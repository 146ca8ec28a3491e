#include "config.h"

#include "cli/option.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "cli/style.h"
#include "cli/text.h"
#include "core/suggest.h"

#define NAME_SIZE 64
#define HELP_INDENT 22

struct found {
	const struct option_row *row;
	void *values;
};

static int
store_count(const struct option_row *row, int64_t *to, const char *value, struct err *e)
{
	long long number;
	char *end;

	errno = 0;
	number = strtoll(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < row->min || number > row->max)
		return err_set(e, ERR_INPUT,
		    "--%s: \"%s\" is not a number from %" PRId64 " to %" PRId64, row->name, value,
		    row->min, row->max);
	*to = number;
	return 0;
}

static int
store_span(const struct option_row *row, int64_t *to, const char *value, struct err *e)
{
	struct err why = { 0 };

	/* A bare number would leave the unit to be guessed. */
	if (value[strspn(value, "0123456789")] == '\0' || clock_parse_span(value, to, &why) < 0)
		return err_set(e, ERR_INPUT,
		    "--%s: \"%s\" is not a duration such as \"90s\", \"5m\" or \"2h\"", row->name,
		    value);
	return 0;
}

static int
store_text(const struct option_row *row, const char **to, const char *value, struct err *e)
{
	/* Of two values one would be ignored, and nobody could say which was meant. */
	if (*to != NULL)
		return err_set(e, ERR_INPUT, "--%s is given twice", row->name);
	if (*value == '\0')
		return err_set(e, ERR_INPUT, "--%s: the value is empty", row->name);
	*to = value;
	return 0;
}

static int
store_element(const struct option_row *row, struct strv *to, const char *value, struct err *e)
{
	if (*value == '\0')
		return err_set(e, ERR_INPUT, "--%s: the value is empty", row->name);
	strv_add(to, value);
	return 0;
}

static int
store_value(const struct found *f, const char *value, struct err *e)
{
	void *to = (char *)f->values + f->row->offset;

	switch (f->row->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		return 0;
	case OPTION_TEXT:
		return store_text(f->row, to, value, e);
	case OPTION_COUNT:
		return store_count(f->row, to, value, e);
	case OPTION_SPAN:
		return store_span(f->row, to, value, e);
	case OPTION_LIST:
		return store_element(f->row, to, value, e);
	}
	assert(!"an option of no kind");
	return -1;
}

static bool
find_long(const struct option_set *sets, size_t n_sets, const char *name, struct found *f)
{
	for (size_t i = 0; i < n_sets; i++) {
		for (const struct option_row *row = sets[i].rows; row != NULL && row->name != NULL;
		     row++) {
			if (strcmp(row->name, name) == 0) {
				*f = (struct found){ row, sets[i].values };
				return true;
			}
		}
	}
	return false;
}

static bool
find_letter(const struct option_set *sets, size_t n_sets, char letter, struct found *f)
{
	for (size_t i = 0; i < n_sets; i++) {
		for (const struct option_row *row = sets[i].rows; row != NULL && row->name != NULL;
		     row++) {
			if (row->letter == letter) {
				*f = (struct found){ row, sets[i].values };
				return true;
			}
		}
	}
	return false;
}

static int
unknown_option(const struct option_set *sets, size_t n_sets, const char *name, struct err *e)
{
	struct suggest near;
	const char *best;

	suggest_init(&near, name);
	for (size_t i = 0; i < n_sets; i++) {
		for (const struct option_row *row = sets[i].rows; row != NULL && row->name != NULL;
		     row++)
			suggest_offer(&near, row->name);
	}
	best = suggest_best(&near);
	if (best != NULL)
		return err_set(
		    e, ERR_INPUT, "unknown option \"--%s\"; did you mean \"--%s\"?", name, best);
	return err_set(e, ERR_INPUT, "unknown option \"--%s\"", name);
}

/* The value of an option that needs one: the next element. */
static const char *
next_value(const struct option_row *row, int argc, char **argv, struct err *e)
{
	if (argc < 2) {
		err_set(e, ERR_INPUT, "--%s needs a value: %s", row->name, row->argument);
		return NULL;
	}
	/* "--batch --json": most likely the value was forgotten. */
	if (strncmp(argv[1], "--", 2) == 0) {
		err_set(e, ERR_INPUT, "--%s needs a value; write --%s=%s if that is meant to be it",
		    row->name, row->name, argv[1]);
		return NULL;
	}
	return argv[1];
}

static int
parse_long(const struct option_set *sets, size_t n_sets, int argc, char **argv, struct err *e)
{
	const char *text = argv[0] + 2, *equals = strchr(text, '='), *value;
	AUTO_FREE char *name =
	    equals != NULL ? xstrndup(text, (size_t)(equals - text)) : xstrdup(text);
	struct found f;

	if (!find_long(sets, n_sets, name, &f))
		return unknown_option(sets, n_sets, name, e);
	if (f.row->kind == OPTION_FLAG) {
		if (equals != NULL)
			return err_set(e, ERR_INPUT, "--%s takes no value", name);
		return store_value(&f, NULL, e) < 0 ? -1 : 1;
	}
	value = equals != NULL ? equals + 1 : next_value(f.row, argc, argv, e);
	if (value == NULL || store_value(&f, value, e) < 0)
		return -1;
	return equals != NULL ? 1 : 2;
}

/* "-qv", "-j4" or "-j 4". */
static int
parse_letters(const struct option_set *sets, size_t n_sets, int argc, char **argv, struct err *e)
{
	for (const char *p = argv[0] + 1; *p != '\0'; p++) {
		const char *value;
		struct found f;

		if (!find_letter(sets, n_sets, *p, &f))
			return err_set(e, ERR_INPUT, "unknown option \"-%c\"", *p);
		if (f.row->kind == OPTION_FLAG) {
			store_value(&f, NULL, e);
			continue;
		}
		value = p[1] != '\0' ? p + 1 : next_value(f.row, argc, argv, e);
		if (value == NULL || store_value(&f, value, e) < 0)
			return -1;
		return p[1] != '\0' ? 1 : 2;
	}
	return 1;
}

int
options_parse(const struct option_set *sets, size_t n_sets, int argc, char **argv, bool stop,
    struct strv *words, struct err *e)
{
	bool ended = false;
	int i = 0;

	while (i < argc) {
		int used = 1;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			if (stop)
				return i;
			strv_add(words, argv[i]);
		} else if (strcmp(argv[i], "--") == 0) {
			ended = true;
		} else if (argv[i][1] == '-') {
			used = parse_long(sets, n_sets, argc - i, argv + i, e);
		} else {
			used = parse_letters(sets, n_sets, argc - i, argv + i, e);
		}
		if (used < 0)
			return -1;
		i += used;
	}
	return i;
}

void
options_clear(const struct option_row *rows, void *values)
{
	for (const struct option_row *row = rows; row != NULL && row->name != NULL; row++) {
		if (row->kind == OPTION_LIST)
			strv_clear((struct strv *)(void *)((char *)values + row->offset));
	}
}

void
options_help(const struct option_row *rows, FILE *out)
{
	for (const struct option_row *row = rows; row != NULL && row->name != NULL; row++) {
		char left[NAME_SIZE], letter[5] = "    ";

		if (row->letter != 0)
			snprintf(letter, sizeof(letter), "-%c, ", row->letter);
		snprintf(left, sizeof(left), "%s--%s%s%s", letter, row->name,
		    row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
		if (strlen(left) + 4 > HELP_INDENT) {
			fprintf(out, "  %s\n", left);
			text_wrap(out, row->help, HELP_INDENT, style_text_columns());
		} else {
			AUTO_FREE char *padded = xasprintf("%-*s", HELP_INDENT - 2, left);

			fprintf(out, "  %s", padded);
			text_wrap_after(out, row->help, HELP_INDENT, style_text_columns());
		}
	}
}
