/*
 * Reading capabilities from disk. A folder is taken as a whole or not at all:
 * what it holds decides what is built, so a file that cannot be read is a
 * fault and is never passed over.
 */
#include "config.h"

#include "engine/library.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/doc.h"
#include "base/file.h"
#include "base/mem.h"

#define DESCRIPTION "capability.toml"
#define DESCRIPTION_MAX (1024u * 1024)
#define FAILURES_MAX (1024u * 1024)
#define FILE_MAX (4u * 1024 * 1024)
#define FILES_MAX 200 /* of one capability */
#define DEPTH_MAX 4   /* folders below the capability's own */
#define CAPABILITIES_MAX 1000

static void
folder_close(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Hidden files and editors' backups are none of ours. */
static bool
is_ours(const char *name)
{
	return *name != '.' && name[strlen(name) - 1] != '~';
}

/* The names in a folder, sorted, so that digests do not depend on the order on disk. */
static int
folder_names(const char *folder, struct strv *names, struct faults *faults)
{
	CLEANUP(folder_close) DIR *d = opendir(folder);
	const struct dirent *entry;

	if (d == NULL)
		return faults_add(faults, folder, "cannot read this folder: %s", strerror(errno));
	while ((errno = 0, entry = readdir(d)) != NULL) {
		if (is_ours(entry->d_name))
			strv_add(names, entry->d_name);
	}
	if (errno != 0)
		return faults_add(faults, folder, "cannot read this folder: %s", strerror(errno));
	if (names->len > 1)
		qsort(names->v, names->len, sizeof(*names->v), by_text);
	return 0;
}

static int
add_file(struct capability *c, const char *path, const char *name, struct faults *faults)
{
	struct buf data = BUF_INIT(FILE_MAX);
	struct err e = { 0 };
	int failed = 0;

	if (c->n_files >= FILES_MAX)
		return faults_add(
		    faults, path, "a capability may have %d files at most", FILES_MAX);
	if (file_read(path, FILE_MAX, &data, &e) < 0)
		failed = faults_add(faults, NULL, "%s", e.msg);
	else if (capability_add_file(c, name, buf_str(&data), data.len) < 0)
		failed = faults_add(faults, path, "is there twice, or has an impossible name");
	buf_clear(&data);
	return failed;
}

/* All files below FOLDER; PREFIX is what their names begin with, "" at the top. */
static int
add_files(
    struct capability *c, const char *folder, const char *prefix, int depth, struct faults *faults)
{
	struct strv names = { 0 };
	int failed = folder_names(folder, &names, faults);

	for (size_t i = 0; i < names.len && failed == 0; i++) {
		AUTO_FREE char *path = file_join(folder, names.v[i]);
		AUTO_FREE char *name = xasprintf("%s%s", prefix, names.v[i]);
		struct stat st;

		if (strcmp(name, DESCRIPTION) == 0)
			continue;
		if (stat(path, &st) < 0) {
			failed = faults_add(faults, path, "%s", strerror(errno));
		} else if (S_ISREG(st.st_mode)) {
			failed = add_file(c, path, name, faults);
		} else if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX) {
			AUTO_FREE char *below = xasprintf("%s/", name);

			failed = add_files(c, path, below, depth + 1, faults);
		} else {
			failed = faults_add(faults, path,
			    S_ISDIR(st.st_mode) ? "folders are nested too deeply"
						: "is neither a file nor a folder");
		}
	}
	strv_clear(&names);
	return failed;
}

struct capability *
library_load_one(const char *folder, const struct strategy *const *known, struct faults *faults)
{
	AUTO_FREE char *absolute = file_absolute(folder);
	AUTO_FREE char *path = file_join(folder, DESCRIPTION);
	struct capability *c = NULL;
	struct err e = { 0 };
	struct doc doc;

	if (doc_read(path, DESCRIPTION_MAX, &doc, &e) < 0) {
		faults_add(faults, NULL, "%s", e.msg);
		return NULL;
	}
	c = capability_parse(&doc, absolute, faults);
	/* The strategies' tables name the files, so these come first. */
	if (c != NULL &&
	    (add_files(c, absolute, "", 0, faults) < 0 ||
		strategy_check_capability(known, c, faults) < 0)) {
		capability_free(c);
		c = NULL;
	}
	if (c != NULL)
		capability_seal(c);
	doc_clear(&doc);
	return c;
}

static bool
library_has(const struct library *l, const char *name)
{
	for (size_t i = 0; i < l->len; i++) {
		if (strcmp(l->v[i]->name, name) == 0)
			return true;
	}
	return false;
}

static int
library_add_folder(struct library *l, const char *folder, const struct strategy *const *known,
    struct faults *faults)
{
	struct strv names = { 0 };
	int failed = folder_names(folder, &names, faults);

	for (size_t i = 0; i < names.len; i++) {
		AUTO_FREE char *below = file_join(folder, names.v[i]);
		AUTO_FREE char *description = file_join(below, DESCRIPTION);
		struct capability *c;

		/* The first of a name wins, and a capability has the name of its folder. */
		if (!file_exists(description) || library_has(l, names.v[i]))
			continue;
		if (l->len >= CAPABILITIES_MAX) {
			failed = faults_add(
			    faults, below, "more than %d capabilities", CAPABILITIES_MAX);
			break;
		}
		c = library_load_one(below, known, faults);
		if (c == NULL) {
			failed = -1;
			continue;
		}
		l->v = xrealloc(l->v, l->len + 1, sizeof(*l->v));
		l->v[l->len++] = c;
	}
	strv_clear(&names);
	return failed;
}

static int
by_name(const void *a, const void *b)
{
	const struct capability *const *left = a, *const *right = b;

	return strcmp((*left)->name, (*right)->name);
}

static const char *
claim_of(const struct capability *c, const char *name)
{
	if (strcmp(c->name, name) == 0)
		return "name";
	return strv_has(&c->synonyms, name) ? "synonym" : NULL;
}

/* A word must mean one capability, or a submission would depend on the order of folders. */
static int
check_synonyms(const struct library *l, struct faults *faults)
{
	int failed = 0;

	for (size_t i = 0; i < l->len; i++) {
		for (size_t k = 0; k < l->v[i]->synonyms.len; k++) {
			const char *synonym = l->v[i]->synonyms.v[k];

			for (size_t j = 0; j < l->len; j++) {
				const char *claim = j == i ? NULL : claim_of(l->v[j], synonym);

				/* Two synonyms are told once, at the second. */
				if (claim != NULL && (j < i || strcmp(claim, "name") == 0))
					failed = faults_add(faults, l->v[i]->folder,
					    "synonym \"%s\" is already a %s of %s (%s)", synonym,
					    claim, l->v[j]->name, l->v[j]->folder);
			}
		}
	}
	return failed;
}

int
library_load(struct library *l, const struct strv *folders, const struct strategy *const *known,
    struct faults *faults)
{
	int failed = 0;

	memset(l, 0, sizeof(*l));
	for (size_t i = 0; i < folders->len; i++) {
		if (library_add_folder(l, folders->v[i], known, faults) < 0)
			failed = -1;
	}
	if (l->len > 1)
		qsort(l->v, l->len, sizeof(*l->v), by_name);
	if (check_synonyms(l, faults) < 0)
		failed = -1;
	if (failed < 0)
		library_clear(l);
	return failed;
}

struct failure_table *
library_load_failures(const char *path, struct faults *faults)
{
	struct failure_table *k;
	struct err e = { 0 };
	struct doc doc;

	if (doc_read(path, FAILURES_MAX, &doc, &e) < 0) {
		faults_add(faults, NULL, "%s", e.msg);
		return NULL;
	}
	k = failure_table_parse(&doc, faults);
	doc_clear(&doc);
	return k;
}
