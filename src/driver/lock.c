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

int
lock_new(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_LOCK_NAME);
	AUTO_FREE char *unlocked = file_join(folder, STEP_LOCK_NAME ".new");
	int fd = descriptor_raise(file_lock(unlocked, e), e);

	if (fd == -1)
		return -1;
	/* Under its name it is locked from its first moment on: nobody who looks for the dead takes it for one. */
	if (rename(unlocked, path) == 0)
		return fd;
	err_sys(e, "rename %s", unlocked);
	close(fd);
	return -1;
}

int
lock_take(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_LOCK_NAME);
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

static bool
has_open(const char *pid, const struct stat *file)
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
		    fstatat(dirfd(dir), entry->d_name, &st, 0) == 0 && st.st_ino == file->st_ino &&
		    st.st_dev == file->st_dev;
	}
	closedir(dir);
	return found;
}

size_t
lock_holders(const char *folder, pid_t *pids, size_t max)
{
	AUTO_FREE char *path = file_join(folder, STEP_LOCK_NAME);
	struct dirent *entry;
	struct stat file;
	size_t count = 0;
	DIR *proc;

	if (stat(path, &file) == -1 || (proc = opendir("/proc")) == NULL)
		return 0;
	while ((entry = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)entry->d_name[0]) || !has_open(entry->d_name, &file))
			continue;
		if (count < max)
			pids[count] = (pid_t)strtol(entry->d_name, NULL, 10);
		count++;
	}
	closedir(proc);
	return count;
}
