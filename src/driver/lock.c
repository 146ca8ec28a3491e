#include "config.h"
#include "driver/lock.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "driver/descriptor.h"
#include "step/protocol.h"

/*
 * Under its name it is locked from its first moment on: nobody who looks for the dead takes
 * it for one.
 */
static int
make(const char *path, struct err *e)
{
	AUTO_FREE char *unlocked = xasprintf("%s.new", path);
	int fd = descriptor_raise(file_lock(unlocked, e), e);

	if (fd == -1)
		return -1;
	if (rename(unlocked, path) == 0)
		return fd;
	err_sys(e, "rename %s", unlocked);
	close(fd);
	return -1;
}

static int
take_at(const char *path, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY);
	int locked, mine;

	if (fd == -1 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_NOT_FOUND, "%s: no such file", path);
	if (fd == -1)
		return err_sys(e, "open %s", path);
	do
		locked = flock(fd, LOCK_EX | LOCK_NB);
	while (locked == -1 && errno == EINTR);
	if (locked == -1 && errno == EWOULDBLOCK)
		return err_set(e, ERR_BUSY, "%s: held by a process that may still act", path);
	if (locked == -1)
		return err_sys(e, "lock %s", path);
	mine = fd;
	fd = -1;
	return mine;
}

int
lock_new(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_LOCK_NAME);

	return make(path, e);
}

int
lock_take(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_LOCK_NAME);

	return take_at(path, e);
}

int
lock_of_server(const char *path, struct err *e)
{
	return make(path, e);
}

int
lock_share(int fd, const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_SERVER_LOCK_NAME);
	AUTO_FREE char *open_file = xasprintf("/proc/self/fd/%d", fd);

	if (linkat(AT_FDCWD, open_file, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 || errno == EEXIST)
		return 0;
	return err_sys(e, "link %s", path);
}

void
lock_unshare(const char *folder)
{
	AUTO_FREE char *path = file_join(folder, STEP_SERVER_LOCK_NAME);

	unlink(path);
}

/* Only those who have inherited it can hold it: once free it stays so. */
int
lock_is_server_gone(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_SERVER_LOCK_NAME);
	struct err why = { 0 };
	int fd = take_at(path, &why);

	if (fd != -1)
		close(fd);
	if (fd != -1 || why.kind == ERR_NOT_FOUND)
		return 1;
	return why.kind == ERR_BUSY ? 0 : err_set(e, why.kind, "%s", why.msg);
}

/* The locks of an execution: its own, and that of its server. */
struct locks {
	struct stat v[2];
	size_t len;
};

static void
find_locks(const char *folder, struct locks *l)
{
	static const char *const names[] = { STEP_LOCK_NAME, STEP_SERVER_LOCK_NAME };

	l->len = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		AUTO_FREE char *path = file_join(folder, names[i]);

		l->len += stat(path, &l->v[l->len]) == 0;
	}
}

static bool
is_lock(const struct locks *l, const struct stat *st)
{
	for (size_t i = 0; i < l->len; i++)
		if (st->st_ino == l->v[i].st_ino && st->st_dev == l->v[i].st_dev)
			return true;
	return false;
}

static bool
has_open(const char *pid, const struct locks *locks)
{
	AUTO_FREE char *path = xasprintf("/proc/%s/fd", pid);
	DIR *dir = opendir(path);
	struct dirent *entry;
	bool found = false;

	if (dir == NULL)
		return false;
	while (!found && (entry = readdir(dir)) != NULL) {
		struct stat st;

		found = isdigit((unsigned char)entry->d_name[0]) &&
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && is_lock(locks, &st);
	}
	closedir(dir);
	return found;
}

size_t
lock_holders(const char *folder, pid_t *pids, size_t max)
{
	struct dirent *entry;
	struct locks locks;
	size_t count = 0;
	DIR *proc;

	find_locks(folder, &locks);
	if (locks.len == 0 || (proc = opendir("/proc")) == NULL)
		return 0;
	while ((entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !has_open(entry->d_name, &locks))
			continue;
		if (count < max)
			pids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
		count++;
	}
	closedir(proc);
	return count;
}
