/*
 * Names of resources. The table says what is allowed; checking and fitting read
 * nothing else, so that a further kind is a row. All names are ASCII: Azure
 * would take other letters in some, and no tool shows them alike.
 */
#include <config.h>

#include "core/naming.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/strv.h"
#include "core/capability.h"
#include "core/objective.h"

#define NAME_MAX_BYTES 4096

static const struct naming_kind kinds[] = {
	{ .name = "resource_group",
	    .what = "a resource group",
	    .min = 1,
	    .max = 90,
	    .others = "-_.()",
	    .first = "-_.()",
	    .last = "-_()",
	    .rule = "1 to 90 letters, digits and -_.(), not ending in a period" },
	{ .name = "virtual_network",
	    .what = "a virtual network",
	    .min = 2,
	    .max = 64,
	    .others = "-_.",
	    .first = "",
	    .last = "_",
	    .rule = "2 to 64 letters, digits and -_., beginning with a letter or digit and ending "
		    "with one or _" },
	{ .name = "subnet",
	    .what = "a subnet",
	    .min = 1,
	    .max = 80,
	    .others = "-_.",
	    .first = "",
	    .last = "_",
	    .inner = true,
	    .rule = "1 to 80 letters, digits and -_., beginning with a letter or digit and ending "
		    "with one or _" },
	{ .name = "network_security_group",
	    .what = "a network security group",
	    .min = 1,
	    .max = 80,
	    .others = "-_.",
	    .first = "",
	    .last = "_",
	    .rule = "1 to 80 letters, digits and -_., beginning with a letter or digit and ending "
		    "with one or _" },
	{ .name = "public_ip",
	    .what = "a public IP address",
	    .min = 1,
	    .max = 80,
	    .others = "-_.",
	    .first = "",
	    .last = "_",
	    .rule = "1 to 80 letters, digits and -_., beginning with a letter or digit and ending "
		    "with one or _" },
	{ .name = "virtual_machine_linux",
	    .what = "a Linux machine",
	    .min = 1,
	    .max = 64,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .rule = "1 to 64 letters, digits and -, with no - at either end" },
	{ .name = "virtual_machine_windows",
	    .what = "a Windows machine",
	    .min = 1,
	    .max = 15,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .not_only_digits = true,
	    .rule = "1 to 15 letters, digits and -, with no - at either end and not digits only" },
	{ .name = "vm_scale_set",
	    .what = "a scale set of machines",
	    .min = 1,
	    .max = 64,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .rule = "1 to 64 letters, digits and -, with no - at either end" },
	{ .name = "aks_cluster",
	    .what = "a Kubernetes cluster",
	    .min = 1,
	    .max = 63,
	    .others = "-_",
	    .first = "",
	    .last = "",
	    .rule = "1 to 63 letters, digits and -_, with a letter or digit at both ends" },
	{ .name = "storage_account",
	    .what = "a storage account",
	    .min = 3,
	    .max = 24,
	    .others = "",
	    .first = "",
	    .last = "",
	    .lower = true,
	    .global = true,
	    .rule = "3 to 24 of a-z and 0-9" },
	{ .name = "managed_disk",
	    .what = "a managed disk",
	    .min = 1,
	    .max = 80,
	    .others = "-_.",
	    .first = "",
	    .last = "_",
	    .rule = "1 to 80 letters, digits and -_., beginning with a letter or digit and ending "
		    "with one or _" },
	{ .name = "postgresql_flexible",
	    .what = "a PostgreSQL server",
	    .min = 3,
	    .max = 63,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .lower = true,
	    .global = true,
	    .rule = "3 to 63 of a-z, 0-9 and -, with no - at either end" },
	{ .name = "key_vault",
	    .what = "a key vault",
	    .min = 3,
	    .max = 24,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .letter_first = true,
	    .no_double_hyphen = true,
	    .global = true,
	    .rule = "3 to 24 letters, digits and -, beginning with a letter, ending with a letter "
		    "or digit, and no two - in a row" },
	{ .name = "openai_account",
	    .what = "an OpenAI account",
	    .min = 2,
	    .max = 64,
	    .others = "-",
	    .first = "",
	    .last = "",
	    .global = true,
	    .rule = "2 to 64 letters, digits and -, with no - at either end" },
	{ .name = "databricks_workspace",
	    .what = "a Databricks workspace",
	    .min = 3,
	    .max = 64,
	    .others = "-_",
	    .first = "-_",
	    .last = "-_",
	    .rule = "3 to 64 letters, digits and -_" },
};

/* Made names that would begin with a digit where a letter must stand begin with this. */
static const char some_letter[] = "n";

const struct naming_kind *
naming_kind_at(size_t n)
{
	return n < COUNT_OF(kinds) ? &kinds[n] : NULL;
}

const struct naming_kind *
naming_kind_find(const char *name)
{
	for (size_t i = 0; i < COUNT_OF(kinds); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

/* ---- what is allowed ---- */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_letter(char c)
{
	return is_capital(c) || (c >= 'a' && c <= 'z');
}

static bool
is_one_of(char c, const char *others)
{
	return is_letter(c) || is_digit(c) || (c != '\0' && strchr(others, c) != NULL);
}

static bool
is_only_digits(const char *text)
{
	return text[strspn(text, "0123456789")] == '\0';
}

bool
naming_is_valid(const struct naming_kind *kind, const char *text)
{
	size_t len = strlen(text);

	if (len < kind->min || len > kind->max)
		return false;
	for (const char *c = text; *c; c++)
		if (!is_one_of(*c, kind->others) || (kind->lower && is_capital(*c)))
			return false;
	if (!is_one_of(text[0], kind->first) || !is_one_of(text[len - 1], kind->last))
		return false;
	if (kind->letter_first && !is_letter(text[0]))
		return false;
	if (kind->no_double_hyphen && strstr(text, "--"))
		return false;
	return !kind->not_only_digits || !is_only_digits(text);
}

/* A hyphen stands last, where it is no range. */
static void
add_class(struct buf *out, const struct naming_kind *kind, const char *others, bool letter)
{
	buf_addf(out, "[%sa-z%s", kind->lower ? "" : "A-Z", letter ? "" : "0-9");
	for (const char *c = others; *c; c++)
		if (*c != '-')
			buf_addc(out, *c);
	buf_addf(out, "%s]", strchr(others, '-') ? "-" : "");
}

char *
naming_regex(const struct naming_kind *kind)
{
	struct buf out = BUF_INIT(NAME_MAX_BYTES);

	buf_addc(&out, '^');
	add_class(&out, kind, kind->first, kind->letter_first);
	buf_addc(&out, '(');
	add_class(&out, kind, kind->others, false);
	buf_addc(&out, '*');
	add_class(&out, kind, kind->last, false);
	buf_adds(&out, ")?$");
	return buf_take(&out);
}

/* ---- fitting ---- */

/* What may stand in the middle, with one hyphen, if it may be one, for each run of what may not. */
static void
add_allowed(struct buf *out, const struct naming_kind *kind, const char *text)
{
	bool hyphen = strchr(kind->others, '-') != NULL;

	for (; *text; text++) {
		char c = *text;
		bool kept = is_one_of(c, kind->others);
		bool after_hyphen = out->len > 0 && buf_str(out)[out->len - 1] == '-';

		if (kept && is_capital(c) && (kind->lower || kind->global))
			c = (char)(c - 'A' + 'a');
		if (!kept && (!hyphen || after_hyphen))
			continue;
		if (kept && c == '-' && after_hyphen && kind->no_double_hyphen)
			continue;
		buf_addc(out, kept ? c : '-');
	}
}

/* The text with what may not stand at its ends cut off. */
static char *
trimmed(const char *text, const char *first, const char *last)
{
	size_t len;

	while (*text && !is_one_of(*text, first))
		text++;
	for (len = strlen(text); len > 0 && !is_one_of(text[len - 1], last);)
		len--;
	return xstrndup(text, len);
}

/* As much of STEM as there is room for, a hyphen if there may be one, and the hash. */
static char *
with_hash(const struct naming_kind *kind, const char *stem, const char *hash, size_t limit)
{
	const char *hyphen = strchr(kind->others, '-') ? "-" : "";
	size_t need = strlen(hash) + strlen(hyphen);
	size_t room = limit > need ? limit - need : 0;
	AUTO_FREE char *cut = xstrndup(stem, room < strlen(stem) ? room : strlen(stem));
	AUTO_FREE char *clean = trimmed(cut, kind->first, "");

	if (*clean)
		return xasprintf("%s%s%s", clean, hyphen, hash);
	bool digits = kind->not_only_digits && is_only_digits(hash);
	const char *letter = kind->letter_first || digits ? some_letter : "";
	return xasprintf("%s%.*s", letter, (int)(limit - strlen(letter)), hash);
}

char *
naming_fit(const struct naming_kind *kind, const char *text, const char *hash, size_t max)
{
	size_t limit = max > 0 && max < kind->max ? max : kind->max;
	struct buf allowed = BUF_INIT(NAME_MAX_BYTES);

	add_allowed(&allowed, kind, text);
	AUTO_FREE char *stem = trimmed(buf_str(&allowed), kind->first, kind->last);
	buf_clear(&allowed);
	/* A name of nothing but hyphens would tell nothing. */
	if (stem[strspn(stem, "-_.()")] == '\0')
		*stem = '\0';
	if (kind->letter_first && is_digit(*stem)) {
		char *longer = xasprintf("%s%s", some_letter, stem);
		free(stem);
		stem = longer;
	}
	if (strlen(stem) <= limit && naming_is_valid(kind, stem) &&
	    (!kind->global || str_ends_with(stem, hash)))
		return take(stem);
	return with_hash(kind, stem, hash, limit);
}

/* ---- patterns ---- */

const char *
naming_pattern_fault(const char *pattern)
{
	struct placeholder found;
	const char *rest = pattern;

	if (strstr(pattern, "${"))
		return "cannot refer to an output";
	for (; placeholder_next(rest, &found); rest = found.start + found.len) {
		const char *brace = strpbrk(rest, "{}");

		if (found.spliced || brace < found.start)
			return "has a brace that belongs to no placeholder such as {team}";
		if (strcmp(found.name, NAMING_WORD) == 0)
			return "cannot be made of itself";
	}
	return strpbrk(rest, "{}") ? "has a brace that belongs to no placeholder such as {team}"
				   : NULL;
}

struct filling {
	struct objective_words words;
	const struct capability *c;
	struct naming_lack *lack;
};

/* The literal value of the parameter NAME, if it is of type string; else NULL. */
static const char *
parameter_text(struct filling *f, const char *name)
{
	const struct parameter *p = f->c ? capability_parameter(f->c, name) : NULL;
	struct placeholder found;

	if (!p || p->type != VALUE_STRING || p->secret)
		return NULL;
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(f->words.objective->parameters, name);
	const char *text = cJSON_GetStringValue(value ? value : p->default_value);
	if (!text || (!value && placeholder_next(text, &found)))
		return NULL;
	f->lack->refers = strstr(text, "${") != NULL;
	return f->lack->refers ? NULL : text;
}

static const char *
find_word(void *data, const char *name)
{
	static const char *const own[] = { "objective", "batch", "region", "hash" };
	struct filling *f = data;

	for (size_t i = 0; i < COUNT_OF(own); i++)
		if (strcmp(own[i], name) == 0)
			return objective_word(&f->words, name);
	/* Azure does not tell the tag "Team" from "team". */
	const char *label =
	    cJSON_GetStringValue(cJSON_GetObjectItem(f->words.objective->labels, name));
	return label ? label : parameter_text(f, name);
}

char *
naming_fill(const char *pattern, const struct objective *o, const struct capability *c,
    struct naming_lack *lack)
{
	struct filling f = { .words = { .objective = o }, .c = c, .lack = lack };
	struct buf out = BUF_INIT(NAME_MAX_BYTES);

	*lack = (struct naming_lack){ 0 };
	if (placeholder_fill(pattern, find_word, &f, &out, lack->word))
		return buf_take(&out);
	buf_clear(&out);
	return NULL;
}
