/*
 * The sum over the tiers of a meter. The quantity is kept as a fraction, so that
 * "1/Day" for 730 hours is 365/12 days and nothing else, and the sum is rounded
 * once. Of all tiers but the last the whole width is sold, which is a whole
 * number of nano-units; only the last part has the fraction.
 */
#include "config.h"

#include <assert.h>

#include "pricing/book.h"

__extension__ typedef __int128 int128_t;

static int
too_large(const struct meter_price *m, struct err *e)
{
	return err_set(e, ERR_INPUT, "the cost of %s is too large to be calculated", m->meter);
}

/* above / below, to the nearest and halves up; neither is negative. */
static int128_t
divide(int128_t above, int128_t below)
{
	int128_t rest = above % below;

	return above / below + (rest >= below - rest);
}

int
meter_cost(
    const struct meter_price *m, decimal_t amount, decimal_t hours, money_t *out, struct err *e)
{
	int128_t n, d, whole = 0, part, above, below;
	size_t last = 0;

	if (unit_quantity(&m->unit, amount, hours, &n, &d, e) < 0)
		return -1;
	assert(m->n_tiers > 0);
	if (n / d < m->tiers[0].from)
		return err_set(e, ERR_INPUT, "%s in %s: what so few units cost is not known",
		    m->meter, m->region);
	/* whole / DECIMAL_ONE is the cost of the tiers below the last one that is reached. */
	while (last + 1 < m->n_tiers && n / d >= m->tiers[last + 1].from) {
		int64_t width = m->tiers[last + 1].from - m->tiers[last].from;

		if (__builtin_add_overflow(whole, (int128_t)width * m->tiers[last].price, &whole))
			return too_large(m, e);
		last++;
	}
	part = n - m->tiers[last].from * d;
	if (__builtin_mul_overflow(part, (int128_t)m->tiers[last].price, &above) ||
	    __builtin_mul_overflow(d, (int128_t)DECIMAL_ONE, &below))
		return too_large(m, e);
	/* Both are billionths of a nano-unit's worth: bring them on one line and round there. */
	part = whole % DECIMAL_ONE;
	if (__builtin_mul_overflow(part, d, &part) || __builtin_add_overflow(above, part, &above))
		return too_large(m, e);
	above = divide(above, below) + whole / DECIMAL_ONE;
	if (above > MONEY_MAX)
		return too_large(m, e);
	*out = (money_t)above;
	return 0;
}
