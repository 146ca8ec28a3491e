/*
 * What a capability costs: the [[cost]] rows of its capability.toml. Each row
 * is one thing on the bill, a machine or a meter of the price book, and how
 * much of it an objective's parameters ask for. Parsing and checking only;
 * pricing/estimate.h makes amounts of it.
 *
 *	cost = "none"                   instead of rows: it costs nothing by itself
 *
 *	[[cost]]
 *	name = "system_disks"           unique among the rows
 *	help = "what the guess assumes" optional, shown with the estimate
 *	vm = "{size}"                   a machine, with
 *	os = "linux"                      linux (if nothing is said) or windows, and
 *	spot = false                      true, false or "{PARAMETER}"
 *	service = ..., product = ..., sku = ..., meter = ...    or a meter: all four
 *	region = "{region}"             where it is priced; "Global" for some meters
 *	quantity = "{count}"            how many, how many GB, operations ...
 *	low = "50%"                     where usage is a guess: an amount, or a part
 *	high = "300%"                     of the quantity
 *	hours = 730                     a month, of what is paid by the hour
 *	when = "public_ip"              only where this boolean parameter is true; or
 *	when = { os_disk_type = ["Standard_LRS", "StandardSSD_LRS"] }
 *	[cost.words.tier]               {tier} in the texts of this row stands for
 *	of = "os_disk_type"             what this parameter (or "region") is mapped to:
 *	is = { Premium_LRS = "P", "Standard*" = "E" }   exactly, else by the longest beginning
 *	up_to = [[32, "4"], [64, "6"]]  or, of a number, the first that it is not above
 *
 * A quantity is a number, a text with a decimal number, "{PARAMETER}" of a
 * number, or an array of these, which are multiplied. A value that no entry of
 * a word fits has no known price.
 */
#ifndef CORE_COST_H
#define CORE_COST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/doc.h"
#include "base/faults.h"
#include "base/strv.h"
#include "core/money.h"
#include "core/parameter.h"

#define COST_HOURS_MAX 730 /* a month has no more */
#define COST_FACTORS_MAX 8 /* of one quantity */
#define COST_NONE_WORD "none"

/* The texts of a row in which placeholders may stand. */
enum cost_text {
	COST_VM,
	COST_OS,
	COST_SERVICE,
	COST_PRODUCT,
	COST_SKU,
	COST_METER,
	COST_REGION,
	COST_TEXTS
};

/* All text and values below are borrowed from the capability's document. */

struct cost_word {
	const char *name;
	const char *of;     /* a parameter, or "region" */
	const cJSON *is;    /* text -> text; NULL: up_to */
	const cJSON *up_to; /* [[number, text], ...], ascending */
};

struct cost_factor {
	const char *parameter; /* NULL: the number */
	decimal_t number;
};

enum cost_amount {
	COST_AMOUNT_SAME,  /* not given: that of "quantity" */
	COST_AMOUNT_SHARE, /* the one factor is a part of the quantity */
	COST_AMOUNT_GIVEN  /* the product of the factors */
};

struct cost_quantity {
	enum cost_amount amount;
	struct cost_factor factors[COST_FACTORS_MAX];
	size_t n;
};

struct cost_condition {
	const char *parameter;
	const cJSON *values; /* one of them, or the one; NULL: true */
};

struct cost_row {
	const char *name, *help;       /* help may be NULL */
	const char *texts[COST_TEXTS]; /* NULL: not of this kind */
	bool spot;
	const char *spot_parameter; /* NULL: as spot says */
	struct cost_quantity quantity, low, high;
	struct cost_quantity hours;
	struct cost_condition *when; /* all must hold */
	size_t n_when;
	struct cost_word *words;
	size_t n_words;
};

struct cost {
	bool none; /* it says that it costs nothing */
	struct cost_row *rows;
	size_t n_rows;     /* 0 without none: it says nothing, and what it costs is not known */
	struct strv reads; /* the parameters that any row reads */
};

/*
 * Reads VALUE, the key "cost" of a capability's document DOC (NULL: it says
 * nothing), whose parameters are those of P. All faults with their places. 0
 * or -1; cost_clear() is due either way.
 */
int cost_parse(struct cost *cost, const struct doc *doc, const cJSON *value,
    const struct parameter *p, size_t n_p, bool has_region, struct faults *faults);
void cost_clear(struct cost *cost);

/* True if a row reads the parameter: its value must be literal then, because an estimate comes before any output. */
bool cost_reads(const struct cost *cost, const char *parameter);
/* The word of ROW with this name; NULL if there is none. */
const struct cost_word *cost_word(const struct cost_row *row, const char *name);

#endif
