#include "config.h"

#include "cli/table.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/text.h"

#define GAP 2
#define COLUMNS_MAX 16

void
table_init(struct table *t, const struct table_column *columns, size_t n_columns)
{
	assert(n_columns > 0 && n_columns <= COLUMNS_MAX);
	*t = (struct table){ .columns = columns, .n_columns = n_columns };
}

void
table_clear(struct table *t)
{
	for (size_t i = 0; i < t->len; i++)
		free(t->cells[i].text);
	free(t->cells);
	t->cells = NULL;
	t->len = 0;
}

void
table_add(struct table *t, enum style style, const char *text)
{
	/* Doubling from a power of two, without a member for the capacity. */
	if ((t->len & (t->len - 1)) == 0)
		t->cells = xrealloc(t->cells, t->len == 0 ? 1 : t->len * 2, sizeof(*t->cells));
	t->cells[t->len++] = (struct table_cell){ .text = text_visible(text), .style = style };
}

void
table_addf(struct table *t, enum style style, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	table_add(t, style, text);
}

static void
measure(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		bool filled = false;

		widths[c] = text_width(t->columns[c].title);
		for (size_t i = c; i < t->len; i += t->n_columns) {
			size_t width = text_width(t->cells[i].text);

			filled = filled || width > 0;
			if (width > widths[c])
				widths[c] = width;
		}
		if (!filled)
			widths[c] = 0;
	}
}

static size_t
total(const struct table *t, const size_t *widths)
{
	size_t sum = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (widths[c] > 0)
			sum += widths[c] + GAP;
	}
	return sum > 0 ? sum - GAP : 0;
}

static void
fit(const struct table *t, size_t *widths, size_t columns)
{
	for (int give = 9; give > 0; give--) {
		for (size_t c = 0; c < t->n_columns; c++) {
			size_t sum = total(t, widths), over = sum > columns ? sum - columns : 0;
			size_t spare =
			    widths[c] > t->columns[c].min ? widths[c] - t->columns[c].min : 0;

			if (t->columns[c].give == give)
				widths[c] -= over < spare ? over : spare;
		}
	}
}

size_t
table_least_width(const struct table *t)
{
	size_t widths[COLUMNS_MAX] = { 0 };

	measure(t, widths);
	fit(t, widths, 0);
	return total(t, widths);
}

/* A mail or a file has no width, but lines of a thousand columns are read by nobody. */
static void
bound(const struct table *t, size_t *widths)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		size_t max = t->columns[c].max;

		if (max > 0 && widths[c] > max)
			widths[c] = max;
	}
}

static void
print_cell(FILE *out, const struct table_column *column, const char *text, enum style style,
    size_t width, bool last)
{
	AUTO_FREE char *cut = text_cut(text, width);
	int padding = (int)(width - text_width(cut));

	/* No blanks at the end of a line. */
	fprintf(out, "%*s%s%s%s%*s", column->right ? padding : 0, "", style_on(style), cut,
	    style_off(style), column->right || last ? 0 : padding, "");
	fputs(last ? "\n" : "  ", out);
}

static void
print_row(const struct table *t, FILE *out, const size_t *widths, const struct table_cell *row)
{
	size_t last = 0;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (widths[c] > 0 && *row[c].text != '\0')
			last = c;
	}
	for (size_t c = 0; c <= last; c++) {
		if (widths[c] > 0)
			print_cell(
			    out, &t->columns[c], row[c].text, row[c].style, widths[c], c == last);
	}
}

void
table_print(const struct table *t, FILE *out)
{
	struct table_cell titles[COLUMNS_MAX] = { 0 };
	size_t widths[COLUMNS_MAX] = { 0 };
	size_t columns = style_columns();

	assert(t->len % t->n_columns == 0);
	if (t->len == 0)
		return;
	measure(t, widths);
	if (columns > 0 && !t->whole)
		fit(t, widths, columns);
	else if (!t->whole)
		bound(t, widths);
	for (size_t c = 0; c < t->n_columns; c++) {
		titles[c].text = xstrdup(t->columns[c].title);
		titles[c].style = STYLE_DIM;
	}
	if (!t->untitled)
		print_row(t, out, widths, titles);
	for (size_t c = 0; c < t->n_columns; c++)
		free(titles[c].text);
	for (size_t i = 0; i < t->len; i += t->n_columns)
		print_row(t, out, widths, &t->cells[i]);
}
