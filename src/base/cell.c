#include "config.h"

#include "base/cell.h"

#include <string.h>

void
cell_add(struct buf *out, const char *text)
{
	if (text == NULL)
		return;
	if (text[strcspn(text, ",\"\r\n")] == '\0') {
		buf_adds(out, text);
		return;
	}
	buf_addc(out, '"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			buf_addc(out, '"');
		buf_addc(out, *text);
	}
	buf_addc(out, '"');
}
