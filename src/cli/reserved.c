/* Each page is a short transaction: what prints meanwhile holds up no writer. */
#include "config.h"

#include "cli/reserved.h"

#define PAGE 1000

int
reserved_each(struct store *s, const struct reservation_filter *filter, reserved_fn *each,
    void *data, struct err *e)
{
	struct reservation_filter f = *filter;
	size_t len;

	f.after_seq = 0;
	f.limit = PAGE;
	do {
		struct reservation *v = NULL;
		int rc = 0;

		if (store_reservations(s, &f, &v, &len, e) < 0)
			return -1;
		for (size_t i = 0; i < len && rc == 0; i++) {
			f.after_seq = v[i].seq;
			rc = each(data, &v[i], e);
		}
		store_reservations_free(v, len);
		if (rc < 0)
			return -1;
	} while (len == PAGE);
	return 0;
}
