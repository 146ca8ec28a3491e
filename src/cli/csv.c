#include "config.h"

#include "cli/csv.h"

#include <inttypes.h>
#include <string.h>

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
	separate(csv);
	if (text == NULL)
		return;
	/* Names and labels come from whoever submits; a cell that begins so would be calculated when finance opens it. */
	if (*text != '\0' && strchr("=+-@\t\r", *text) != NULL) {
		fputs("\"'", csv->out);
	} else if (text[strcspn(text, ",\"\r\n")] != '\0') {
		fputc('"', csv->out);
	} else {
		fputs(text, csv->out);
		return;
	}
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"')
			fputc('"', csv->out);
		fputc(*p, csv->out);
	}
	fputc('"', csv->out);
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
