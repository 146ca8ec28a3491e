/* Only what does not divide evenly is rounded, and that is less than BY: core/money.h does it. */
#include <config.h>

#include "core/wide.h"

#include "core/money.h"

int
wide_fit(__int128 value, int64_t *out, struct err *e)
{
	if (value > INT64_MAX || value < INT64_MIN)
		return err_set(e, ERR_INPUT,
		    "an amount is too large: beyond 9223372036 nothing can be calculated");
	*out = (int64_t)value;
	return 0;
}

int
wide_divide(__int128 value, int64_t by, int64_t *out, struct err *e)
{
	int64_t rounded;

	/* The rest has the sign of VALUE, so that it is rounded away from zero as the whole would be. */
	if (money_muldiv((int64_t)(value % by), 1, by, &rounded, e) < 0)
		return -1;
	return wide_fit(value / by + rounded, out, e);
}
