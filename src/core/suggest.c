/* The distance is Levenshtein's with a swap of neighbours counted as one slip. */
#include <config.h>

#include "core/suggest.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define WORD_MAX 64 /* longer words are not compared */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t
distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1], la = strlen(a), lb = strlen(b);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t k = 0; k <= lb; k++)
		above[k] = k;
	for (size_t i = 1; i <= la; i++) {
		row[0] = i;
		for (size_t k = 1; k <= lb; k++) {
			bool same =
			    tolower((unsigned char)a[i - 1]) == tolower((unsigned char)b[k - 1]);
			row[k] = least(least(above[k], row[k - 1]) + 1, above[k - 1] + !same);
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
				row[k] = least(row[k], before[k - 2] + 1);
		}
		size_t *spare = before;
		before = above;
		above = row;
		row = spare;
	}
	return above[lb];
}

void
suggest_init(struct suggest *s, const char *word)
{
	*s = (struct suggest){ .word = word, .distance = (size_t)-1 };
}

void
suggest_offer(struct suggest *s, const char *known)
{
	if (strlen(s->word) > WORD_MAX || strlen(known) > WORD_MAX)
		return;
	size_t d = distance(s->word, known);
	if (d < s->distance) {
		s->distance = d;
		s->best = known;
	}
}

const char *
suggest_best(const struct suggest *s)
{
	/* One slip in three letters: "vm" is no misspelt "net". */
	if (!s->best || s->distance > 1 + strlen(s->word) / 3)
		return NULL;
	return s->distance < strlen(s->best) ? s->best : NULL;
}

const char *
suggest_text(const struct suggest *s, char *out, size_t size)
{
	const char *best = suggest_best(s);

	if (best)
		snprintf(out, size, "; did you mean \"%s\"?", best);
	else
		*out = '\0';
	return out;
}
