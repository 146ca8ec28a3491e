/* An open hash table, at most half full. */
#include <config.h>

#include "core/names.h"

#include <stdint.h>
#include <string.h>

#include "base/mem.h"

static uint64_t
hash(const char *name)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */

	for (; *name; name++)
		h = (h ^ (unsigned char)*name) * 0x100000001b3u;
	return h ^ (h >> 32);
}

/* The slot that holds NAME, or the free one where it belongs. */
static struct name_slot *
slot_of(const struct names *n, const char *name)
{
	size_t i = (size_t)hash(name) & (n->cap - 1);

	while (n->slots[i].name && strcmp(n->slots[i].name, name) != 0)
		i = (i + 1) & (n->cap - 1);
	return &n->slots[i];
}

static void
grow(struct names *n)
{
	struct names next = { .cap = n->cap ? n->cap * 2 : 64 };

	next.slots = xcalloc(next.cap, sizeof(*next.slots));
	for (size_t i = 0; i < n->cap; i++)
		if (n->slots[i].name)
			*slot_of(&next, n->slots[i].name) = n->slots[i];
	next.len = n->len;
	free(n->slots);
	*n = next;
}

void
names_clear(struct names *n)
{
	free(n->slots);
	*n = (struct names){ 0 };
}

size_t
names_put(struct names *n, const char *name, size_t value)
{
	if (n->len * 2 >= n->cap)
		grow(n);
	struct name_slot *slot = slot_of(n, name);
	if (slot->name)
		return slot->value;
	*slot = (struct name_slot){ .name = name, .value = value };
	n->len++;
	return NAMES_NONE;
}

size_t
names_find(const struct names *n, const char *name)
{
	if (n->cap == 0)
		return NAMES_NONE;
	const struct name_slot *slot = slot_of(n, name);
	return slot->name ? slot->value : NAMES_NONE;
}
