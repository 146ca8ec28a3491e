/* All capabilities that are installed, sorted by name. */
#include <config.h>

#include "core/library.h"

#include <string.h>

#include "base/mem.h"
#include "core/suggest.h"

static bool
is_called(const struct capability *c, const char *name)
{
	return strcmp(c->name, name) == 0 || strv_has(&c->synonyms, name);
}

/* The capability that has one of C's names already, and which name that is; else NULL. */
static const struct capability *
find_holder(const struct library *l, const struct capability *c, const char **name)
{
	const struct capability *holder;

	*name = c->name;
	holder = library_find(l, *name);
	for (size_t i = 0; !holder && i < c->synonyms.len; i++) {
		*name = c->synonyms.v[i];
		holder = library_find(l, *name);
	}
	return holder;
}

int
library_add(struct library *l, struct capability *c, struct faults *faults)
{
	const char *name;
	const struct capability *other = find_holder(l, c, &name);
	size_t at = 0;

	if (other) {
		faults_add(faults, c->folder,
		    "capability \"%s\": the name \"%s\" is taken by \"%s\" in %s", c->name, name,
		    other->name, other->folder);
		capability_free(c);
		return -1;
	}
	while (at < l->len && strcmp(l->v[at]->name, c->name) < 0)
		at++;
	l->v = xrealloc(l->v, l->len + 1, sizeof(struct capability *));
	memmove(&l->v[at + 1], &l->v[at], (l->len - at) * sizeof(struct capability *));
	l->v[at] = c;
	l->len++;
	return 0;
}

const struct capability *
library_find(const struct library *l, const char *name)
{
	for (size_t i = 0; i < l->len; i++)
		if (is_called(l->v[i], name))
			return l->v[i];
	return NULL;
}

const char *
library_suggest(const struct library *l, const char *name)
{
	struct suggest s;

	suggest_init(&s, name);
	for (size_t i = 0; i < l->len; i++) {
		suggest_offer(&s, l->v[i]->name);
		for (size_t k = 0; k < l->v[i]->synonyms.len; k++)
			suggest_offer(&s, l->v[i]->synonyms.v[k]);
	}
	return suggest_best(&s);
}

void
library_clear(struct library *l)
{
	for (size_t i = 0; i < l->len; i++)
		capability_free(l->v[i]);
	free(l->v);
	*l = (struct library){ 0 };
}
