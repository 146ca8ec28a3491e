/* What a field needs to be read back is in base/cell.h; here is what a spreadsheet must not do with it. */
#include "config.h"

#include "cli/csv.h"

#include <inttypes.h>
#include <string.h>

#include "base/cell.h"
#include "base/mem.h"

#define CELL_MAX (1024u * 1024)

static void
separate(struct csv *csv)
{
	if (csv->begun)
		fputc(',', csv->out);
	csv->begun = true;
}

void
csv_text(struct csv *csv, const char *text)
{
	struct buf cell = BUF_INIT(CELL_MAX);
	AUTO_FREE char *harmless = NULL;

	separate(csv);
	/* Names and labels come from whoever submits; a cell that begins so would be calculated when finance opens it. */
	if (text != NULL && *text != '\0' && strchr("=+-@\t\r", *text) != NULL)
		text = harmless = xasprintf("'%s", text);
	cell_add(&cell, text);
	fputs(buf_str(&cell), csv->out);
	buf_clear(&cell);
}

void
csv_count(struct csv *csv, int64_t count)
{
	separate(csv);
	fprintf(csv->out, "%" PRId64, count);
}

void
csv_money(struct csv *csv, money_t amount)
{
	char text[MONEY_TEXT_SIZE];

	separate(csv);
	fputs(money_format(amount, text), csv->out);
}

void
csv_end(struct csv *csv)
{
	fputs("\r\n", csv->out);
	csv->begun = false;
}
