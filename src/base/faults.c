/* Faults found in what a user wrote. count >= list.len always holds. */
#include "config.h"
#include "base/faults.h"

#include <stdarg.h>
#include <string.h>

#include "base/mem.h"
#include "base/redact.h"

void
faults_clear(struct faults *f)
{
	if (f == NULL)
		return;
	strv_clear(&f->list);
	f->count = 0;
}

int
faults_add(struct faults *f, const char *where, const char *fmt, ...)
{
	AUTO_FREE char *text = NULL;
	va_list ap;

	f->count++;
	if (f->list.len >= FAULTS_MAX)
		return -1;
	va_start(ap, fmt);
	text = xvasprintf(fmt, ap);
	va_end(ap);
	redact(text, strlen(text));
	if (where != NULL)
		strv_addf(&f->list, "%s: %s", where, text);
	else
		strv_take(&f->list, take(text));
	return -1;
}
