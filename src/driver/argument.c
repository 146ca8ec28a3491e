#include "config.h"
#include "driver/argument.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* More than the kernel takes for one argument (MAX_ARG_STRLEN). */
#define ARGUMENT_MAX_BYTES (128 * 1024)

int
argument_fill(const char *text, const char *run, const char *work, const char *resource,
    struct strv *out, struct err *e)
{
	CLEANUP(buf_clear) struct buf filled = BUF_INIT(ARGUMENT_MAX_BYTES);
	const struct {
		const char *name, *value;
	} places[] = {
		{ "{run}", run },
		{ "{work}", work },
		{ "{resource}", resource },
	};

	while (*text != '\0') {
		size_t plain = strcspn(text, "{"), i = 0;

		buf_add(&filled, text, plain);
		text += plain;
		if (*text == '\0')
			break;

		while (i < COUNT_OF(places) &&
		    strncmp(text, places[i].name, strlen(places[i].name)) != 0)
			i++;
		if (i == COUNT_OF(places)) {
			buf_addc(&filled, *text++);
			continue;
		}
		if (places[i].value == NULL)
			return err_set(e, ERR_INPUT, "%s: there is none to put in", places[i].name);
		buf_adds(&filled, places[i].value);
		text += strlen(places[i].name);
	}
	if (buf_is_cut(&filled))
		return err_set(
		    e, ERR_INPUT, "an argument is longer than %d bytes", ARGUMENT_MAX_BYTES);
	strv_add(out, buf_str(&filled));
	return 0;
}
