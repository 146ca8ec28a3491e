/*
 * Formats and columns of bills, as tables. Names are compared without regard to
 * case, blanks, "-" and "_": "Meter ID" and "meterId" are the same column.
 */
#include "config.h"

#include "pricing/bill_columns.h"

#include <ctype.h>
#include <string.h>

#include "base/buf.h"

#define NAMES_MAX 5
#define MARKS_MAX 4

/* What a column is called, the best first. */
struct column {
	const char *what; /* for messages */
	bool needed;
	const char *names[NAMES_MAX];
};

static const struct column focus_columns[BILL_COLUMNS] = {
	[BILL_DAY] = { "the day", true, { "ChargePeriodStart" } },
	[BILL_AMOUNT] = { "the amount", true, { "EffectiveCost" } },
	[BILL_CURRENCY] = { "the currency", true, { "BillingCurrency" } },
	[BILL_SUBSCRIPTION] = { "the subscription", false, { "SubAccountId" } },
	[BILL_PAYER] = { "the billing account", true, { "BillingAccountId" } },
	[BILL_RESOURCE] = { "the resource", true, { "ResourceId" } },
	[BILL_TAGS] = { "the tags", false, { "Tags" } },
	[BILL_GROUP] = { "the resource group", false, { "x_ResourceGroupName" } },
	[BILL_SERVICE] = { "the service", false, { "ServiceName", "x_SkuMeterCategory" } },
	[BILL_PERIOD_START] = { "the billing period", false, { "BillingPeriodStart" } },
	[BILL_PERIOD_END] = { "the billing period", false, { "BillingPeriodEnd" } },
	[BILL_ESTIMATE] = { "whether it is an estimate", false, { "x_IsEstimate" } },
};

static const struct column classic_columns[BILL_COLUMNS] = {
	[BILL_DAY] = { "the day", true, { "Date", "UsageDate", "UsageDateTime" } },
	[BILL_AMOUNT] = { "the amount", true,
	    { "CostInBillingCurrency", "Cost", "PreTaxCost", "ExtendedCost" } },
	[BILL_CURRENCY] = { "the currency", true,
	    { "BillingCurrency", "BillingCurrencyCode", "Currency" } },
	[BILL_SUBSCRIPTION] = { "the subscription", true,
	    { "SubscriptionId", "SubscriptionGuid", "SubAccountId" } },
	[BILL_PAYER] = { "the billing account", false,
	    { "BillingAccountId", "EnrollmentNumber", "BillingProfileId", "AccountId" } },
	[BILL_RESOURCE] = { "the resource", true, { "ResourceId", "InstanceId" } },
	[BILL_TAGS] = { "the tags", false, { "Tags" } },
	[BILL_GROUP] = { "the resource group", false, { "ResourceGroup", "ResourceGroupName" } },
	[BILL_SERVICE] = { "the service", false,
	    { "MeterCategory", "ServiceName", "ConsumedService" } },
	[BILL_PERIOD_START] = { "the billing period", false, { "BillingPeriodStartDate" } },
	[BILL_PERIOD_END] = { "the billing period", false, { "BillingPeriodEndDate" } },
	[BILL_ESTIMATE] = { "whether it is an estimate", false, { "x_IsEstimate" } },
};

/* The first whose marks are all there is taken. */
static const struct {
	const char *name;
	const char *marks[MARKS_MAX];
	const struct column *columns;
} formats[BILL_FORMATS] = {
	[BILL_FOCUS] = { "FOCUS", { "ChargePeriodStart", "BilledCost" }, focus_columns },
	[BILL_MCA] = { "MCA", { "CostInBillingCurrency", "ServicePeriodStartDate" },
	    classic_columns },
	[BILL_EA] = { "EA", { "CostInBillingCurrency", "MeterId" }, classic_columns },
	[BILL_USAGE] = { "usage", { "MeterId" }, classic_columns },
};

const char *
bill_format_name(enum bill_format format)
{
	return formats[format].name;
}

static bool
is_filler(char c)
{
	return c == ' ' || c == '-' || c == '_';
}

static bool
same_name(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (is_filler(*a))
			a++;
		while (is_filler(*b))
			b++;
		if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
			return false;
		if (*a == '\0')
			return true;
	}
}

/* -1: there is none; -2: there are two. */
static int
find_name(const struct strv *names, const char *wanted)
{
	int found = -1;

	for (size_t i = 0; i < names->len; i++) {
		if (!same_name(names->v[i], wanted))
			continue;
		if (found >= 0)
			return -2;
		found = (int)i;
	}
	return found;
}

static bool
has_marks(const struct strv *names, const char *const *marks)
{
	for (size_t i = 0; i < MARKS_MAX && marks[i] != NULL; i++) {
		if (find_name(names, marks[i]) == -1)
			return false;
	}
	return true;
}

static int
find_column(struct bill_layout *l, const struct csv *c, enum bill_column which, struct err *e)
{
	const struct column *column = &formats[l->format].columns[which];
	struct buf names = BUF_INIT(512);

	l->at[which] = -1;
	for (size_t i = 0; i < NAMES_MAX && column->names[i] != NULL; i++) {
		int at = find_name(&l->names, column->names[i]);

		if (at == -2)
			return csv_fault(c, e, "there are two columns %s", column->names[i]);
		if (at >= 0) {
			l->at[which] = at;
			return 0;
		}
	}
	if (!column->needed)
		return 0;
	for (size_t i = 0; i < NAMES_MAX && column->names[i] != NULL; i++)
		buf_addf(&names, "%s%s", i > 0 ? " or " : "", column->names[i]);
	csv_fault(c, e, "%s is missing: a bill of the format %s has a column %s", column->what,
	    formats[l->format].name, buf_str(&names));
	buf_clear(&names);
	return -1;
}

int
bill_layout_find(struct bill_layout *l, const struct csv *header, struct err *e)
{
	*l = (struct bill_layout){ .format = 0 };
	for (size_t i = 0; i < header->n; i++)
		strv_add(&l->names, header->fields[i]);
	while (l->format < BILL_FORMATS && !has_marks(&l->names, formats[l->format].marks))
		l->format++;
	if (l->format == BILL_FORMATS) {
		return csv_fault(header, e,
		    "these are not the columns of a cost export: expected are those of FOCUS "
		    "(ChargePeriodStart, BilledCost ...) or of Azure's cost details (Date, MeterId, "
		    "CostInBillingCurrency ...), separated by commas");
	}
	for (enum bill_column which = 0; which < BILL_COLUMNS; which++) {
		if (find_column(l, header, which, e) < 0)
			return -1;
	}
	return 0;
}

void
bill_layout_clear(struct bill_layout *l)
{
	strv_clear(&l->names);
}

const char *
bill_field(const struct bill_layout *l, const struct csv *record, enum bill_column column)
{
	return l->at[column] < 0 ? "" : record->fields[l->at[column]];
}

const char *
bill_column_name(const struct bill_layout *l, enum bill_column column)
{
	return l->at[column] < 0 ? "" : l->names.v[l->at[column]];
}
