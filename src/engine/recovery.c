#include "config.h"

#include "engine/recovery.h"

#include <dirent.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/strv.h"
#include "driver/lock.h"
#include "driver/process.h"
#include "engine/wake.h"

#define PAGE 64

static char *
lock_path(const struct paths *paths, const char *runner_id)
{
	return xasprintf("%s/runners/%s.lock", paths->state, runner_id);
}

int
recovery_lock_runner(const struct paths *paths, const char *runner_id, struct err *e)
{
	AUTO_FREE char *folder = file_join(paths->state, "runners");
	AUTO_FREE char *path = lock_path(paths, runner_id);

	if (file_make_folder(folder, e) == -1)
		return -1;
	return file_lock(path, e);
}

void
recovery_unlock_runner(const struct paths *paths, const char *runner_id, int fd)
{
	AUTO_FREE char *path = lock_path(paths, runner_id);

	unlink(path);
	if (fd != -1)
		close(fd);
}

char *
recovery_server_lock(const struct paths *paths, const char *runner_id, const char *server)
{
	return xasprintf("%s/runners/%s.%s.lock", paths->state, runner_id, server);
}

/* Each execution that it may still matter to has another name for it. */
static void
remove_server_locks(const struct paths *paths, const char *runner_id)
{
	AUTO_FREE char *folder = file_join(paths->state, "runners");
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;)
		if (strncmp(entry->d_name, runner_id, ID_LEN) == 0 &&
		    entry->d_name[ID_LEN] == '.' && str_ends_with(entry->d_name, ".lock"))
			unlinkat(dirfd(dir), entry->d_name, 0);
	closedir(dir);
}

/* *relieve: it can be relieved; if it is dead its lock is ours now. */
static int
examine(const struct runner *r, const struct paths *paths, struct casualty *c, bool *relieve,
    struct err *e)
{
	bool overdue = clock_boot_ms() >= r->lease_boot_ms;
	struct err locked = { 0 };

	memset(c, 0, sizeof *c);
	memcpy(c->id, r->id, ID_SIZE);
	c->lease_boot_ms = r->lease_boot_ms;
	c->rebooted = strcmp(r->boot_id, clock_boot_id()) != 0;
	c->lock_fd = recovery_lock_runner(paths, r->id, &locked);
	*relieve = c->lock_fd != -1 || c->rebooted || overdue;
	if (c->lock_fd == -1 && locked.kind != ERR_BUSY) {
		if (e != NULL)
			*e = locked;
		return -1;
	}
	return 0;
}

int
recovery_scan(struct store *s, const struct paths *paths, const char *host, const char *self,
    struct casualty **v, size_t *len, struct err *e)
{
	struct runner *runners;
	size_t n;
	int answer = 0;

	*v = NULL;
	*len = 0;
	if (store_runners(s, &runners, &n, e) == -1)
		return -1;
	*v = xcalloc(n + 1, sizeof **v);
	for (size_t i = 0; answer == 0 && i < n; i++) {
		bool relieve = false;

		if (strcmp(runners[i].id, self) == 0 || strcmp(runners[i].host, host) != 0)
			continue;
		answer = examine(&runners[i], paths, &(*v)[*len], &relieve, e);
		if (answer == 0 && relieve)
			(*len)++;
	}
	store_runners_free(runners, n);
	return answer;
}

void
recovery_scan_free(struct casualty *v, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (v[i].lock_fd != -1)
			close(v[i].lock_fd);
	free(v);
}

/* A runner that lives and has renewed since it was found is left in peace. */
static int
is_still_overdue(struct store *s, const struct casualty *c, bool *overdue, struct err *e)
{
	struct runner *runners;
	size_t n;

	*overdue = false;
	if (store_runners(s, &runners, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (strcmp(runners[i].id, c->id) == 0)
			*overdue = runners[i].lease_boot_ms == c->lease_boot_ms;
	store_runners_free(runners, n);
	return 0;
}

/* Only its own host can tell what became of an execution. */
static int
is_elsewhere(struct store *s, const char *id, const char *host, bool *elsewhere, struct err *e)
{
	struct execution x;
	int answer;

	execution_init(&x);
	answer = store_open_execution(s, id, &x, e);
	*elsewhere = answer == 0 && strcmp(x.host, host) != 0;
	if (*elsewhere)
		log_warn(id,
		    "its step was started on another host (%s), and only that one can tell what became of it; "
		    "if this is the same machine under a new name, set run.host in the configuration",
		    x.host);
	execution_clear(&x);
	return answer == -1 && e->kind != ERR_NOT_FOUND ? -1 : 0;
}

int
recovery_take_over(struct store *s, struct casualty *c, const char *host, const char *self,
    size_t max, struct claim *claims, size_t *len, struct err *e)
{
	const char *from = c != NULL ? c->id : NULL;
	char ids[PAGE][ID_SIZE];
	bool overdue = true;
	size_t n;

	if (c != NULL && c->lock_fd == -1 && is_still_overdue(s, c, &overdue, e) == -1)
		return -1;
	if (!overdue)
		return 0;
	if (max > PAGE)
		max = PAGE;
	if (store_owned(s, from, max, ids, &n, e) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		bool elsewhere;

		if (is_elsewhere(s, ids[i], host, &elsewhere, e) == -1)
			return -1;
		if (elsewhere)
			continue;
		if (store_take_over(s, ids[i], from, self, clock_now_ms(), &claims[*len], e) == -1)
			return -1;
		(*len)++;
	}
	if (c == NULL || n == max)
		return 0;
	c->relieved = true;
	return store_runner_remove(s, c->id, e);
}

/* An execution whose lock is free acts no more, and was written down or never will be. */
static void
tidy_one(const char *folder)
{
	int fd = lock_take(folder, NULL);

	if (fd == -1)
		return;
	process_tidy(folder);
	close(fd);
}

void
recovery_tidy(const struct paths *paths, const char *objective_id, const char *open)
{
	AUTO_FREE char *folder = paths_execution(paths, objective_id, "");
	DIR *dir = opendir(folder);

	if (dir == NULL)
		return;
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (!id_is_valid(entry->d_name) || strcmp(entry->d_name, open) == 0)
			continue;
		AUTO_FREE char *execution = paths_execution(paths, objective_id, entry->d_name);

		tidy_one(execution);
	}
	closedir(dir);
}

void
recovery_bury(const struct paths *paths, const struct casualty *v, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!v[i].relieved || v[i].lock_fd == -1)
			continue;
		AUTO_FREE char *lock = lock_path(paths, v[i].id);
		AUTO_FREE char *probes = paths_execution(paths, v[i].id, "");

		wake_close(paths, v[i].id, -1);
		unlink(lock);
		remove_server_locks(paths, v[i].id);
		file_remove_tree(probes, NULL);
	}
}
