/* What a capability costs: reading its [[cost]] rows. */
#include <config.h>

#include "core/cost.h"

#include <string.h>

#include "base/mem.h"
#include "core/keys.h"
#include "core/placeholder.h"
#include "core/suggest.h"

static const struct key row_keys[] = {
	{ "name", KEY_STRING, true, NULL },
	{ "help", KEY_STRING, false, NULL },
	{ "vm", KEY_STRING, false, NULL },
	{ "os", KEY_STRING, false, NULL },
	{ "spot", KEY_ANY, false, NULL },
	{ "service", KEY_STRING, false, NULL },
	{ "product", KEY_STRING, false, NULL },
	{ "sku", KEY_STRING, false, NULL },
	{ "meter", KEY_STRING, false, NULL },
	{ "region", KEY_STRING, false, NULL },
	{ "quantity", KEY_ANY, true, NULL },
	{ "low", KEY_ANY, false, NULL },
	{ "high", KEY_ANY, false, NULL },
	{ "hours", KEY_ANY, false, NULL },
	{ "when", KEY_ANY, false, NULL },
	{ "words", KEY_OBJECT, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const struct key word_keys[] = {
	{ "of", KEY_STRING, true, NULL },
	{ "is", KEY_OBJECT, false, NULL },
	{ "up_to", KEY_ANY, false, NULL },
	{ NULL, KEY_ANY, false, NULL },
};

static const char *const text_keys[COST_TEXTS] = {
	[COST_VM] = "vm",
	[COST_OS] = "os",
	[COST_SERVICE] = "service",
	[COST_PRODUCT] = "product",
	[COST_SKU] = "sku",
	[COST_METER] = "meter",
	[COST_REGION] = "region",
};

static const char region_word[] = "region";

struct reader {
	struct cost *cost;
	const struct doc *doc;
	const struct parameter *parameters;
	size_t n_parameters;
	bool has_region;
	struct faults *faults;
	char where[PLACE_MAX];
	int rc;
};

#define FAULT(r, value, ...)               \
	((r)->rc = faults_add((r)->faults, \
	     doc_where((r)->doc, (value), (r)->where, sizeof((r)->where)), __VA_ARGS__))

/* The parameter NAME, which is read from now on; NULL and a fault at VALUE if there is none. */
static const struct parameter *
read_parameter(struct reader *r, const cJSON *value, const char *name)
{
	char hint[PLACE_MAX];
	struct suggest suggest;

	suggest_init(&suggest, name);
	for (size_t i = 0; i < r->n_parameters; i++) {
		const struct parameter *p = &r->parameters[i];

		if (strcmp(p->name, name) != 0) {
			suggest_offer(&suggest, p->name);
			continue;
		}
		if (p->secret) {
			FAULT(r, value, "the cost depends on parameter \"%s\", which is a secret",
			    name);
			return NULL;
		}
		if (!strv_has(&r->cost->reads, name))
			strv_add(&r->cost->reads, name);
		return p;
	}
	FAULT(r, value, "there is no parameter \"%s\"%s", name,
	    suggest_text(&suggest, hint, sizeof(hint)));
	return NULL;
}

static void
check_region(struct reader *r, const cJSON *value)
{
	if (!r->has_region)
		FAULT(r, value, "a price by region needs requires = [\"region\"]");
}

/* ---- words ---- */

static void
check_is(struct reader *r, const cJSON *is)
{
	const cJSON *entry;

	if (!is->child)
		FAULT(r, is, "\"is\" has no entry");
	cJSON_ArrayForEach (entry, is)
		if (!cJSON_IsString(entry))
			FAULT(r, entry, "\"%s\" is %s, expected a string", entry->string,
			    keys_kind(entry));
}

static void
check_up_to(struct reader *r, const cJSON *up_to)
{
	const cJSON *entry, *before = NULL;

	if (!cJSON_IsArray(up_to) || !up_to->child) {
		FAULT(r, up_to, "\"up_to\" is %s, expected an array of [NUMBER, TEXT]",
		    cJSON_IsArray(up_to) ? "empty" : keys_kind(up_to));
		return;
	}
	cJSON_ArrayForEach (entry, up_to) {
		const cJSON *number = cJSON_IsArray(entry) ? entry->child : NULL;

		if (!number || cJSON_GetArraySize(entry) != 2 || !json_is_int(number, NULL) ||
		    !cJSON_IsString(number->next)) {
			FAULT(r, entry, "an entry of \"up_to\" is no [NUMBER, TEXT]");
			return;
		}
		if (before && before->valuedouble >= number->valuedouble)
			FAULT(r, entry, "the entries of \"up_to\" are not in ascending order");
		before = number;
	}
}

static void
check_word_source(struct reader *r, const cJSON *table, const struct cost_word *w)
{
	const cJSON *of = keys_get(table, "of");

	if (strcmp(w->of, region_word) == 0) {
		check_region(r, of);
		if (w->up_to)
			FAULT(r, w->up_to, "a region is no number: expected \"is\"");
		return;
	}
	const struct parameter *p = read_parameter(r, of, w->of);
	if (!p)
		return;
	if (p->type == VALUE_ARRAY || p->type == VALUE_OBJECT)
		FAULT(r, of, "parameter \"%s\" is of type %s, which cannot be mapped", w->of,
		    value_type_name(p->type));
	else if (w->up_to && p->type != VALUE_INTEGER && p->type != VALUE_NUMBER)
		FAULT(r, of, "parameter \"%s\" is of type %s, \"up_to\" needs a number", w->of,
		    value_type_name(p->type));
}

static void
read_word(struct reader *r, struct cost_row *row, const cJSON *table)
{
	struct cost_word w = { .name = table->string };

	if (!cJSON_IsObject(table)) {
		FAULT(r, table, "word \"%s\" is %s, expected a table", w.name, keys_kind(table));
		return;
	}
	if (!value_name_is_valid(w.name))
		FAULT(r, table, "the word \"%s\" is not of the form [a-z][a-z0-9_]*", w.name);
	if (keys_check(r->doc, table, word_keys, "a word of a cost", r->faults) < 0) {
		r->rc = -1;
		return;
	}
	w.of = keys_str(table, "of");
	w.is = keys_get(table, "is");
	w.up_to = keys_get(table, "up_to");
	if ((w.is != NULL) == (w.up_to != NULL))
		FAULT(r, table, "a word needs \"is\" or \"up_to\", and not both");
	if (w.is)
		check_is(r, w.is);
	if (w.up_to)
		check_up_to(r, w.up_to);
	check_word_source(r, table, &w);
	row->words[row->n_words++] = w;
}

static void
read_words(struct reader *r, struct cost_row *row, const cJSON *table)
{
	const cJSON *words = keys_get(table, "words"), *word;

	row->words = xcalloc((size_t)cJSON_GetArraySize(words) + 1, sizeof(*row->words));
	cJSON_ArrayForEach (word, words)
		read_word(r, row, word);
}

/* ---- texts ---- */

static void
check_text(struct reader *r, const struct cost_row *row, const cJSON *value)
{
	struct placeholder found;

	if (!*value->valuestring)
		FAULT(r, value, "\"%s\" is empty", value->string);
	for (const char *text = value->valuestring; placeholder_next(text, &found);
	     text = found.start + found.len) {
		if (found.spliced) {
			FAULT(r, value, "{%s...} has no meaning here", found.name);
		} else if (strcmp(found.name, region_word) == 0) {
			check_region(r, value);
		} else if (!cost_word(row, found.name)) {
			const struct parameter *p = read_parameter(r, value, found.name);

			if (p && (p->type == VALUE_ARRAY || p->type == VALUE_OBJECT))
				FAULT(r, value,
				    "parameter \"%s\" is of type %s, which does not fit into a text",
				    p->name, value_type_name(p->type));
		}
	}
}

/* Exactly one of a machine and a meter, with all that it needs. */
static void
check_kind(struct reader *r, const struct cost_row *row, const cJSON *table)
{
	size_t of_meter = 0;

	for (size_t i = COST_SERVICE; i <= COST_METER; i++)
		of_meter += row->texts[i] != NULL;
	if (row->texts[COST_VM] && of_meter > 0)
		FAULT(r, table, "a cost is that of a \"vm\" or of a meter, and not of both");
	else if (!row->texts[COST_VM] && of_meter == 0)
		FAULT(r, table,
		    "a cost needs \"vm\", or \"service\", \"product\", \"sku\" and \"meter\"");
	else if (!row->texts[COST_VM] && of_meter < 4)
		FAULT(r, table,
		    "a meter needs \"service\", \"product\", \"sku\" and \"meter\": all four");
	if (!row->texts[COST_VM] && keys_get(table, "os"))
		FAULT(r, keys_get(table, "os"), "\"os\" belongs to a \"vm\"");
	if (!row->texts[COST_VM] && keys_get(table, "spot"))
		FAULT(r, keys_get(table, "spot"), "\"spot\" belongs to a \"vm\"");
}

static void
read_texts(struct reader *r, struct cost_row *row, const cJSON *table)
{
	for (size_t i = 0; i < COST_TEXTS; i++) {
		const cJSON *value = keys_get(table, text_keys[i]);

		if (!value)
			continue;
		row->texts[i] = value->valuestring;
		check_text(r, row, value);
	}
	check_kind(r, row, table);
	const char *os = row->texts[COST_OS];
	if (os && !strchr(os, '{') && strcmp(os, "linux") != 0 && strcmp(os, "windows") != 0)
		FAULT(r, keys_get(table, "os"), "\"os\" is \"%s\", expected linux or windows", os);
	if (row->texts[COST_VM] && !os)
		row->texts[COST_OS] = "linux";
	if (!row->texts[COST_REGION]) {
		row->texts[COST_REGION] = "{region}";
		check_region(r, table);
	}
}

/* ---- quantities ---- */

/* The name in "{NAME}"; NULL if the text is none such. */
static const char *
whole_placeholder(const char *text, struct placeholder *found)
{
	return placeholder_is_whole(text, found) && !found->spliced ? found->name : NULL;
}

static void
read_factor(struct reader *r, const cJSON *value, struct cost_quantity *q)
{
	const char *text = cJSON_GetStringValue(value);
	struct cost_factor *f = &q->factors[q->n];
	struct placeholder found;
	struct err e = { 0 };

	if (text && whole_placeholder(text, &found)) {
		const struct parameter *p = read_parameter(r, value, found.name);

		if (!p)
			return;
		if (p->type != VALUE_INTEGER && p->type != VALUE_NUMBER)
			FAULT(r, value, "parameter \"%s\" is of type %s, expected a number",
			    p->name, value_type_name(p->type));
		f->parameter = p->name;
	} else if (decimal_from_json(value, &f->number, &e) < 0) {
		FAULT(r, value, "%s, expected a number or \"{PARAMETER}\"", e.msg);
		return;
	} else if (f->number < 0) {
		FAULT(r, value, "a quantity is not less than 0");
		return;
	}
	q->n++;
}

/* "150%" as 1.5; false if the text is none such. */
static bool
read_share(const char *text, struct cost_quantity *q)
{
	size_t len = strlen(text);
	struct err e = { 0 };
	decimal_t number;

	if (len < 2 || text[len - 1] != '%')
		return false;
	AUTO_FREE char *digits = xstrndup(text, len - 1);
	if (decimal_parse(digits, &number, &e) < 0 || number < 0 || number % 100 != 0)
		return false;
	q->amount = COST_AMOUNT_SHARE;
	q->factors[0] = (struct cost_factor){ .number = number / 100 };
	q->n = 1;
	return true;
}

static void
read_quantity(struct reader *r, const cJSON *value, struct cost_quantity *q)
{
	const cJSON *item;

	q->amount = COST_AMOUNT_GIVEN;
	if (!cJSON_IsArray(value)) {
		read_factor(r, value, q);
		return;
	}
	if (!value->child)
		FAULT(r, value, "\"%s\" is empty", value->string);
	cJSON_ArrayForEach (item, value) {
		if (q->n == COST_FACTORS_MAX) {
			FAULT(r, value, "more than %d factors", COST_FACTORS_MAX);
			return;
		}
		read_factor(r, item, q);
	}
}

static void
read_bound(struct reader *r, const cJSON *value, struct cost_quantity *q)
{
	const char *text = cJSON_GetStringValue(value);

	if (!value || (text && read_share(text, q)))
		return;
	if (text && strchr(text, '%'))
		FAULT(r, value, "\"%s\" is no share of the quantity such as \"50%%\"", text);
	else
		read_quantity(r, value, q);
}

/* A share below 100 % cannot be the high one, nor one above it the low one. */
static void
check_shares(struct reader *r, const cJSON *table, const struct cost_row *row)
{
	if (row->low.amount == COST_AMOUNT_SHARE && row->low.factors[0].number > DECIMAL_ONE)
		FAULT(r, keys_get(table, "low"), "\"low\" is more than the quantity");
	if (row->high.amount == COST_AMOUNT_SHARE && row->high.factors[0].number < DECIMAL_ONE)
		FAULT(r, keys_get(table, "high"), "\"high\" is less than the quantity");
}

static void
read_quantities(struct reader *r, struct cost_row *row, const cJSON *table)
{
	const cJSON *hours = keys_get(table, "hours");

	read_quantity(r, keys_get(table, "quantity"), &row->quantity);
	read_bound(r, keys_get(table, "low"), &row->low);
	read_bound(r, keys_get(table, "high"), &row->high);
	check_shares(r, table, row);
	if (!hours) {
		row->hours = (struct cost_quantity){ .amount = COST_AMOUNT_GIVEN,
			.factors = { { .number = COST_HOURS_MAX * DECIMAL_ONE } },
			.n = 1 };
		return;
	}
	read_quantity(r, hours, &row->hours);
	if (row->hours.n == 1 && !row->hours.factors[0].parameter &&
	    row->hours.factors[0].number > COST_HOURS_MAX * DECIMAL_ONE)
		FAULT(r, hours, "\"hours\" is above %d, the hours of a month", COST_HOURS_MAX);
}

/* ---- conditions ---- */

static void
add_condition(struct reader *r, struct cost_row *row, const cJSON *value, const char *name,
    const cJSON *values)
{
	const struct parameter *p = read_parameter(r, value, name);
	const cJSON *item;

	if (!p)
		return;
	if (!values && p->type != VALUE_BOOLEAN)
		FAULT(r, value, "parameter \"%s\" is of type %s, expected boolean", name,
		    value_type_name(p->type));
	if (values && !cJSON_IsArray(values) && !value_has_type(values, p->type))
		FAULT(r, values, "\"%s\" is %s, but the parameter is of type %s", name,
		    keys_kind(values), value_type_name(p->type));
	if (values && cJSON_IsArray(values) && !values->child)
		FAULT(r, values, "\"%s\" has no value", name);
	if (cJSON_IsArray(values))
		cJSON_ArrayForEach (item, values)
			if (!value_has_type(item, p->type))
				FAULT(r, item, "\"%s\" has %s, but the parameter is of type %s",
				    name, keys_kind(item), value_type_name(p->type));
	row->when[row->n_when++] =
	    (struct cost_condition){ .parameter = p->name, .values = values };
}

static void
read_when(struct reader *r, struct cost_row *row, const cJSON *table)
{
	const cJSON *when = keys_get(table, "when"), *values;

	row->when = xcalloc((size_t)cJSON_GetArraySize(when) + 1, sizeof(*row->when));
	if (cJSON_IsString(when))
		add_condition(r, row, when, when->valuestring, NULL);
	else if (cJSON_IsObject(when) && when->child)
		cJSON_ArrayForEach (values, when)
			add_condition(r, row, values, values->string, values);
	else if (when)
		FAULT(r, when,
		    "\"when\" is %s, expected the name of a boolean parameter or a table of values",
		    cJSON_IsObject(when) ? "empty" : keys_kind(when));
}

static void
read_spot(struct reader *r, struct cost_row *row, const cJSON *table)
{
	const cJSON *value = keys_get(table, "spot");
	const char *text = cJSON_GetStringValue(value);
	struct placeholder found;

	row->spot = cJSON_IsTrue(value);
	if (!value || cJSON_IsBool(value))
		return;
	if (!text || !whole_placeholder(text, &found)) {
		FAULT(r, value, "\"spot\" is %s, expected true, false or \"{PARAMETER}\"",
		    keys_kind(value));
		return;
	}
	const struct parameter *p = read_parameter(r, value, found.name);
	if (p && p->type != VALUE_BOOLEAN)
		FAULT(r, value, "parameter \"%s\" is of type %s, expected boolean", p->name,
		    value_type_name(p->type));
	row->spot_parameter = p ? p->name : NULL;
}

/* ---- rows ---- */

static void
read_name(struct reader *r, struct cost_row *row, const cJSON *table)
{
	const cJSON *value = keys_get(table, "name");

	row->name = value->valuestring;
	row->help = keys_str(table, "help");
	if (!value_name_is_valid(row->name))
		FAULT(r, value, "the name \"%s\" is not of the form [a-z][a-z0-9_]*", row->name);
	for (const struct cost_row *other = r->cost->rows; other < row; other++)
		if (other->name && strcmp(other->name, row->name) == 0)
			FAULT(r, value, "there is a cost \"%s\" already", row->name);
}

static void
read_row(struct reader *r, const cJSON *table)
{
	struct cost_row *row = &r->cost->rows[r->cost->n_rows++];

	if (keys_check(r->doc, table, row_keys, "a cost", r->faults) < 0) {
		r->rc = -1;
		return;
	}
	read_name(r, row, table);
	read_words(r, row, table);
	read_texts(r, row, table);
	read_spot(r, row, table);
	read_quantities(r, row, table);
	read_when(r, row, table);
}

int
cost_parse(struct cost *cost, const struct doc *doc, const cJSON *value,
    const struct parameter *parameters, size_t n_parameters, bool has_region, struct faults *faults)
{
	struct reader r = {
		.cost = cost,
		.doc = doc,
		.parameters = parameters,
		.n_parameters = n_parameters,
		.has_region = has_region,
		.faults = faults,
	};
	const char *text = cJSON_GetStringValue(value);
	const cJSON *row;

	*cost = (struct cost){ 0 };
	if (!value)
		return 0;
	if (text && strcmp(text, COST_NONE_WORD) == 0) {
		cost->none = true;
		return 0;
	}
	if (!cJSON_IsArray(value) || !value->child)
		return FAULT(&r, value,
		    "\"cost\" is %s, expected [[cost]] tables, or \"none\" for what costs nothing",
		    cJSON_IsArray(value) ? "empty"
			: text           ? "another text"
					 : keys_kind(value));
	cost->rows = xcalloc((size_t)cJSON_GetArraySize(value), sizeof(*cost->rows));
	cJSON_ArrayForEach (row, value) {
		if (cJSON_IsObject(row))
			read_row(&r, row);
		else
			FAULT(&r, row, "a cost is %s, expected a table", keys_kind(row));
	}
	return r.rc;
}

void
cost_clear(struct cost *cost)
{
	for (size_t i = 0; i < cost->n_rows; i++) {
		free(cost->rows[i].when);
		free(cost->rows[i].words);
	}
	free(cost->rows);
	strv_clear(&cost->reads);
	*cost = (struct cost){ 0 };
}

bool
cost_reads(const struct cost *cost, const char *parameter)
{
	return strv_has(&cost->reads, parameter);
}

const struct cost_word *
cost_word(const struct cost_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_words; i++)
		if (strcmp(row->words[i].name, name) == 0)
			return &row->words[i];
	return NULL;
}
