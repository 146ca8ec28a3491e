/*
 * A store is never parted from while anybody may act by it: a runner would go
 * on writing into the moved file, and a step whose record is gone would finish
 * something that nobody knows of. So the locks of all runners are taken first,
 * and kept until everything is moved; with them held no new step can begin, and
 * for the steps it is enough to have found each of their locks free once.
 */
#include "config.h"

#include "cli/set_aside.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/strv.h"
#include "cli/say.h"
#include "step/protocol.h"
#include "store/store.h"

struct locks {
	int *fds;
	size_t len;
};

static void
locks_clear(struct locks *l)
{
	for (size_t i = 0; i < l->len; i++)
		close(l->fds[i]);
	free(l->fds);
}

static void
folder_close(DIR **d)
{
	if (*d != NULL)
		closedir(*d);
}

/* The names in a folder but for "." and ".."; a folder that is not there has none. */
static int
names_in(const char *folder, struct strv *names, struct err *e)
{
	CLEANUP(folder_close) DIR *d = opendir(folder);
	const struct dirent *entry;

	if (d == NULL && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (d == NULL)
		return err_sys(e, "%s", folder);
	while ((errno = 0, entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(names, entry->d_name);
	}
	return errno != 0 ? err_sys(e, "%s", folder) : 0;
}

/* Takes a lock that is there, and keeps it if L is given; where none was ever made there is nothing to take. */
static int
lock_existing(struct locks *l, const char *path, const char *what, struct err *e)
{
	int fd;

	if (!file_exists(path))
		return 0;
	fd = file_lock(path, e);
	if (fd < 0)
		return e->kind == ERR_BUSY
		    ? err_set(e, ERR_BUSY, "%s lives: %s is locked", what, path)
		    : -1;
	if (l == NULL) {
		close(fd);
		return 0;
	}
	l->fds = xrealloc(l->fds, l->len + 1, sizeof(*l->fds));
	l->fds[l->len++] = fd;
	return 0;
}

static int
lock_runners(struct locks *l, const char *state, struct err *e)
{
	AUTO_FREE char *folder = file_join(state, "runners");
	struct strv names = { 0 };
	int rc = names_in(folder, &names, e);

	for (size_t i = 0; i < names.len && rc == 0; i++) {
		AUTO_FREE char *path = file_join(folder, names.v[i]);
		const char *dot = strrchr(names.v[i], '.');

		/* The sockets beside the locks tell nothing. */
		if (dot != NULL && strcmp(dot, ".lock") == 0)
			rc = lock_existing(l, path, "a runner", e);
	}
	strv_clear(&names);
	return rc;
}

static int
prove_executions(const char *folder, struct err *e)
{
	struct strv names = { 0 };
	int rc = names_in(folder, &names, e);

	for (size_t i = 0; i < names.len && rc == 0; i++) {
		AUTO_FREE char *path = xasprintf("%s/%s/%s", folder, names.v[i], STEP_LOCK_NAME);
		AUTO_FREE char *server =
		    xasprintf("%s/%s/%s", folder, names.v[i], STEP_SERVER_LOCK_NAME);

		rc = lock_existing(NULL, path, "a step", e);
		if (rc == 0)
			rc = lock_existing(NULL, server, "a server of tools", e);
	}
	strv_clear(&names);
	return rc;
}

static int
prove_runs(const char *state, struct err *e)
{
	AUTO_FREE char *runs = file_join(state, "runs");
	struct strv names = { 0 };
	int rc = names_in(runs, &names, e);

	for (size_t i = 0; i < names.len && rc == 0; i++) {
		AUTO_FREE char *folder = file_join(runs, names.v[i]);

		rc = prove_executions(folder, e);
	}
	strv_clear(&names);
	return rc;
}

/* -1 with ERR_INPUT if there is nothing to set aside. */
static int
prove_damage(const char *state, struct err *e)
{
	struct store *s = NULL;
	struct err why = { 0 };
	int rc;

	if (store_open(state, STORE_READ, &s, &why) < 0) {
		if (why.kind == ERR_CORRUPT) {
			say("%s", why.msg);
			return 0;
		}
		if (why.kind == ERR_NOT_FOUND)
			return err_set(e, ERR_INPUT,
			    "%s holds no store: there is nothing to set aside", state);
		*e = why;
		return -1;
	}
	rc = store_verify(s, &why);
	store_close(s);
	if (rc == 0)
		return err_set(
		    e, ERR_INPUT, "the store in %s is sound: it is not set aside", state);
	if (why.kind != ERR_CORRUPT) {
		*e = why;
		return -1;
	}
	say("%s", why.msg);
	return 0;
}

static bool
belongs_to_store(const char *name)
{
	return strncmp(name, "purser.db", strlen("purser.db")) == 0 || strcmp(name, "runs") == 0 ||
	    (strncmp(name, "audit.log", strlen("audit.log")) == 0);
}

/*
 * The store goes last: if the move is interrupted, what is left still shows that
 * there was one, and doctor --set-aside can be typed again.
 */
static int
move_all(const char *state, const char *to, struct err *e)
{
	struct strv names = { 0 };
	int rc = names_in(state, &names, e);

	for (int round = 0; round < 2 && rc == 0; round++) {
		for (size_t i = 0; i < names.len && rc == 0; i++) {
			AUTO_FREE char *from = file_join(state, names.v[i]),
				       *target = file_join(to, names.v[i]);
			bool last = strncmp(names.v[i], "purser.db", strlen("purser.db")) == 0;

			if (!belongs_to_store(names.v[i]) || last != (round == 1))
				continue;
			if (rename(from, target) < 0)
				rc = err_sys(e, "move %s to %s", from, target);
			else
				say_done("moved %s", names.v[i]);
		}
	}
	strv_clear(&names);
	if (rc == 0 && (file_sync_folder(to, e) < 0 || file_sync_folder(state, e) < 0))
		rc = -1;
	return rc;
}

enum status
set_aside(const char *state)
{
	char now[CLOCK_TEXT_SIZE];
	AUTO_FREE char *to = NULL;
	struct locks locks = { 0 };
	struct err e = { 0 };
	enum status status = STATUS_DONE;

	clock_format(clock_now_ms(), now);
	to = xasprintf("%s/set-aside-%.4s%.2s%.2sT%.2s%.2s%.2sZ", state, now, now + 5, now + 8,
	    now + 11, now + 14, now + 17);
	if (prove_damage(state, &e) < 0 || lock_runners(&locks, state, &e) < 0 ||
	    prove_runs(state, &e) < 0 || file_make_folder(to, &e) < 0 ||
	    move_all(state, to, &e) < 0) {
		status = say_error(&e);
		if (e.kind == ERR_BUSY)
			say("nothing was moved; wait until it has ended, or end it, and try again");
	} else {
		say_done("set aside in %s", to);
		say_done(
		    "What the old store knew is not known any more: what stands in the cloud carries the tag "
		    "purser-objective.");
		say_next("purser doctor");
	}
	locks_clear(&locks);
	return status;
}
