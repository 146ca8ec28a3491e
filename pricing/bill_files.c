/*
 * Lines are remembered by a hash of 64 bits and the file that they were met in
 * first: a month of an account may have millions of them. That two different ones
 * of ten million share a hash is less likely than one in a hundred thousand, and
 * would refuse a file, not count it wrongly.
 */
#include "config.h"

#include "pricing/bill_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/digest.h"
#include "base/mem.h"

#define SLOTS_MIN 1024
#define HASH_START UINT64_C(14695981039346656037) /* of FNV-1a */
#define HASH_PRIME UINT64_C(1099511628211)
#define WHAT_TO_DO "of exports that overlap name the latest one only, and no file twice"

struct bill_file_mark {
	char *path;
	char content[DIGEST_SIZE];
	bool has_inode; /* standard input has none that tells anything */
	dev_t device;
	ino_t inode;
	uint64_t header;
};

/* FILE counts from 1; 0: the slot is empty. */
struct mark {
	uint64_t hash;
	size_t file;
};

/* Their number is a power of two, and at least half of the slots are empty. */
struct marks {
	struct mark *slots;
	size_t len, n_slots;
};

struct bill_files {
	struct bill_file_mark *v;
	size_t len, cap;
	struct marks lines, days; /* days: of an account */
};

struct bill_files *
bill_files_new(void)
{
	return xcalloc(1, sizeof(struct bill_files));
}

void
bill_files_free(struct bill_files *files)
{
	if (files == NULL)
		return;
	for (size_t i = 0; i < files->len; i++)
		free(files->v[i].path);
	free(files->v);
	free(files->lines.slots);
	free(files->days.slots);
	free(files);
}

/* ---- marks ---- */

static struct mark *
find_slot(const struct marks *m, uint64_t hash)
{
	size_t i = (size_t)hash & (m->n_slots - 1);

	while (m->slots[i].file != 0 && m->slots[i].hash != hash)
		i = (i + 1) & (m->n_slots - 1);
	return &m->slots[i];
}

static void
grow_slots(struct marks *m)
{
	struct mark *old = m->slots;
	size_t n_old = m->n_slots;

	if (m->len * 2 < m->n_slots)
		return;
	m->n_slots = n_old == 0 ? SLOTS_MIN : n_old * 2;
	m->slots = xcalloc(m->n_slots, sizeof(*m->slots));
	for (size_t i = 0; i < n_old; i++) {
		if (old[i].file != 0)
			*find_slot(m, old[i].hash) = old[i];
	}
	free(old);
}

/* The file that HASH was met in first: FILE, if it is new. */
static size_t
first_file(struct marks *m, uint64_t hash, size_t file)
{
	struct mark *slot;

	grow_slots(m);
	slot = find_slot(m, hash);
	if (slot->file == 0) {
		*slot = (struct mark){ .hash = hash, .file = file };
		m->len++;
	}
	return slot->file;
}

/* Over the text and its end. */
static uint64_t
hash_text(uint64_t hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * HASH_PRIME;
	while (*text++ != '\0');
	return hash;
}

/* ---- files ---- */

static bool
is_same_file(const struct bill_file_mark *a, const struct bill_file_mark *b)
{
	if (a->has_inode && b->has_inode && a->device == b->device && a->inode == b->inode)
		return true;
	return strcmp(a->content, b->content) == 0;
}

int
bill_files_begin(struct bill_files *files, const char *path, const struct buf *text, struct err *e)
{
	struct bill_file_mark one = { .path = NULL };
	struct stat status;

	digest_bytes(text->data, text->len, one.content);
	if (strcmp(path, "-") != 0 && stat(path, &status) == 0) {
		one.has_inode = true;
		one.device = status.st_dev;
		one.inode = status.st_ino;
	}
	for (size_t i = 0; i < files->len; i++) {
		if (is_same_file(&files->v[i], &one))
			return err_set(e, ERR_INPUT,
			    "%s is the same file as %s: its charges would count twice", path,
			    files->v[i].path);
	}
	one.path = xstrdup(path);
	files->v = xgrow(files->v, files->len, &files->cap, sizeof(*files->v));
	files->v[files->len++] = one;
	return 0;
}

void
bill_files_header(struct bill_files *files, const struct strv *names)
{
	uint64_t hash = HASH_START;

	for (size_t i = 0; i < names->len; i++)
		hash = hash_text(hash, names->v[i]);
	files->v[files->len - 1].header = hash;
}

int
bill_files_line(struct bill_files *files, const struct csv *record, const char *account,
    int64_t day_ms, struct err *e)
{
	uint64_t line = HASH_START, day;
	size_t file = files->len, first;

	for (size_t i = 0; i < record->n; i++)
		line = hash_text(line, record->fields[i]);
	first = first_file(&files->lines, line, file);
	if (first != file)
		return csv_fault(record, e, "the same line is in %s and would count twice: %s",
		    files->v[first - 1].path, WHAT_TO_DO);
	day = hash_text((HASH_START ^ (uint64_t)day_ms) * HASH_PRIME, account);
	first = first_file(&files->days, day, file);
	if (files->v[first - 1].header != files->v[file - 1].header)
		return csv_fault(record, e,
		    "%s tells of the same account and day in other columns, and is no part of the "
		    "same export: %s",
		    files->v[first - 1].path, WHAT_TO_DO);
	return 0;
}
