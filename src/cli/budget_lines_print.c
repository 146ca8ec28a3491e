/* Amounts are rounded to cents for the eye only; --json has them exactly. */
#include "config.h"

#include <stdio.h>

#include "base/buf.h"
#include "base/mem.h"
#include "cli/budget_lines.h"
#include "cli/style.h"
#include "cli/table.h"
#include "cli/text.h"

#define BAR_MAX 10
#define BAR_MIN 4
#define PERCENT_WIDTH 5 /* " 100%" */
#define PERCENT_SHOWN_MAX 999
#define N_COLUMNS 7
#define NAME_MIN 12 /* columns of a scope */
#define LIMIT_SIZE (MONEY_TEXT_SIZE + 1)

static const struct table_column columns[N_COLUMNS] = {
	{ .title = "SCOPE", .give = 9, .min = NAME_MIN },
	{ .title = "LIMIT", .right = true },
	{ .title = "COMMITTED", .right = true },
	{ .title = "RESERVED", .right = true },
	{ .title = "SPENT", .right = true },
	{ .title = "FORECAST", .right = true },
	{ .title = "USED", .right = true },
};

/* In whole percent: what is not full is never "100%", and what is over never either. */
static int
whole_percent(decimal_t percent)
{
	decimal_t whole = percent / DECIMAL_ONE;

	if (percent > 100 * DECIMAL_ONE)
		whole = (percent + DECIMAL_ONE - 1) / DECIMAL_ONE;
	return (int)(whole < PERCENT_SHOWN_MAX ? whole : PERCENT_SHOWN_MAX);
}

/* "####......  42%"; the caller's own. */
static char *
bar_text(decimal_t percent, size_t width)
{
	struct buf out = BUF_INIT(256);
	const char *full = style_utf8() ? "\u2588" : "#", *rest = style_utf8() ? "\u2591" : ".";
	int shown = whole_percent(percent);
	size_t filled = (size_t)shown * width / 100;

	if (filled == 0 && percent > 0)
		filled = 1;
	for (size_t i = 0; i < width; i++)
		buf_adds(&out, i < filled ? full : rest);
	buf_addf(&out, "%s%*d%%", percent / DECIMAL_ONE > PERCENT_SHOWN_MAX ? ">" : " ",
	    PERCENT_WIDTH - 2, shown);
	return buf_take(&out);
}

static enum style
style_of_percent(decimal_t percent)
{
	if (percent > 100 * DECIMAL_ONE)
		return STYLE_BAD;
	return percent >= 80 * DECIMAL_ONE ? STYLE_WARN : STYLE_GOOD;
}

static void
add_amount(struct table *t, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	table_add(t, STYLE_PLAIN, money_format_people(amount, text));
}

/* "550.00+": some of it is granted for a time. */
static const char *
limit_text(const struct budget_line *line, char out[static LIMIT_SIZE])
{
	char amount[MONEY_TEXT_SIZE];

	if (!line->limited)
		return "-";
	snprintf(out, LIMIT_SIZE, "%s%s", money_format_people(line->limit, amount),
	    line->granted > 0 ? "+" : "");
	return out;
}

static void
add_row(struct table *t, const struct budget_line *line, size_t bar)
{
	AUTO_FREE char *used = line->limited ? bar_text(line->percent, bar) : NULL;
	bool daily = line->period == BUDGET_DAILY;
	char limit[LIMIT_SIZE];

	table_addf(t, STYLE_PLAIN, "%s%s", line->scope, daily ? ", a day" : "");
	table_add(t, line->limited ? STYLE_PLAIN : STYLE_DIM, limit_text(line, limit));
	add_amount(t, line->now.committed);
	add_amount(t, line->now.reserved);
	/* Spent and forecast are of a month. */
	if (daily) {
		table_add(t, STYLE_PLAIN, "");
		table_add(t, STYLE_PLAIN, "");
	} else {
		add_amount(t, line->now.spent);
		add_amount(t, line->now.forecast);
	}
	table_add(t, style_of_percent(line->percent), used);
}

static void
make_table(struct table *t, const struct budget_lines *l, size_t bar)
{
	table_init(t, columns, N_COLUMNS);
	for (size_t i = 0; i < l->len; i++)
		add_row(t, &l->v[i], bar);
}

/* For a window that is too narrow for columns. */
static void
print_stacked(const struct budget_lines *l)
{
	for (size_t i = 0; i < l->len; i++) {
		const struct budget_line *line = &l->v[i];
		bool daily = line->period == BUDGET_DAILY;
		AUTO_FREE char *used = line->limited ? bar_text(line->percent, BAR_MAX) : NULL;
		AUTO_FREE char *text = NULL;
		char limit[LIMIT_SIZE], committed[MONEY_TEXT_SIZE], reserved[MONEY_TEXT_SIZE],
		    spent[MONEY_TEXT_SIZE], forecast[MONEY_TEXT_SIZE];

		printf("%s%s\n", line->scope, daily ? ", a day" : "");
		if (line->limited)
			printf("  %s%s%s of %s\n", style_on(style_of_percent(line->percent)), used,
			    style_off(style_of_percent(line->percent)), limit_text(line, limit));
		text = xasprintf("committed %s, reserved %s%s%s%s%s",
		    money_format_people(line->now.committed, committed),
		    money_format_people(line->now.reserved, reserved), daily ? "" : ", spent ",
		    daily ? "" : money_format_people(line->now.spent, spent),
		    daily ? "" : ", forecast ",
		    daily ? "" : money_format_people(line->now.forecast, forecast));
		text_wrap(stdout, text, 2, style_text_columns());
	}
}

/* The bar takes what room the amounts and the names leave; where there is none for it, names are cut. */
static size_t
bar_width(const struct budget_lines *l, size_t least, size_t window)
{
	size_t name = NAME_MIN, wanted;

	if (window == 0)
		return BAR_MAX;
	if (least + BAR_MIN > window)
		return 0;
	for (size_t i = 0; i < l->len; i++) {
		if (text_width(l->v[i].scope) > name)
			name = text_width(l->v[i].scope);
	}
	wanted = least + name - NAME_MIN;
	if (wanted + BAR_MIN > window)
		return BAR_MIN;
	return window - wanted < BAR_MAX ? window - wanted : BAR_MAX;
}

void
budget_lines_print(const struct budget_lines *l)
{
	size_t window = style_columns(), least;
	struct table t;

	if (l->len == 0)
		return;
	make_table(&t, l, 0);
	least = table_least_width(&t);
	table_clear(&t);
	if (window > 0 && least > window) {
		print_stacked(l);
		return;
	}
	make_table(&t, l, bar_width(l, least, window));
	table_print(&t, stdout);
	table_clear(&t);
}
