/*
 * The address of a socket holds 107 bytes, the path of a state folder may be
 * longer: sockets are bound and reached by way of the open folder, below
 * /proc/self/fd. A socket gets its final name only once it is bound, because
 * until then it refuses like that of a dead runner, and would be removed.
 */
#include "config.h"

#include "engine/wake.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"

#define FOLDER "runners"
#define SUFFIX ".wake"
#define NEW_SUFFIX ".wake.new"
#define NAME_SIZE (ID_SIZE + sizeof NEW_SUFFIX)
#define DRAIN_MAX 1024 /* at a time: more cannot wait in a socket */

static int
open_folder(const struct paths *paths)
{
	AUTO_FREE char *path = file_join(paths->state, FOLDER);

	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void
set_address(struct sockaddr_un *address, int folder, const char *name)
{
	int len;

	*address = (struct sockaddr_un){ .sun_family = AF_UNIX };
	len = snprintf(
	    address->sun_path, sizeof address->sun_path, "/proc/self/fd/%d/%s", folder, name);
	assert(len > 0 && (size_t)len < sizeof address->sun_path);
}

int
wake_open(const struct paths *paths, const char *runner_id, struct err *e)
{
	AUTO_FREE char *path = file_join(paths->state, FOLDER);
	CLEANUP(fd_cleanup) int folder = -1;
	CLEANUP(fd_cleanup) int fd = -1;
	char name[NAME_SIZE], new_name[NAME_SIZE];
	struct sockaddr_un address;
	int mine;

	assert(id_is_valid(runner_id));
	snprintf(name, sizeof name, "%s" SUFFIX, runner_id);
	snprintf(new_name, sizeof new_name, "%s" NEW_SUFFIX, runner_id);
	if (file_make_folder(path, e) == -1)
		return -1;
	folder = open_folder(paths);
	if (folder == -1)
		return err_sys(e, "open %s", path);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd == -1)
		return err_sys(e, "make a socket");
	set_address(&address, folder, new_name);
	if (bind(fd, (const struct sockaddr *)&address, sizeof address) == -1)
		return err_sys(e, "make the socket %s/%s", path, name);
	if (renameat(folder, new_name, folder, name) == -1) {
		err_sys(e, "make the socket %s/%s", path, name);
		(void)unlinkat(folder, new_name, 0);
		return -1;
	}
	mine = fd;
	fd = -1;
	return mine;
}

void
wake_drain(int fd)
{
	char byte;

	for (int i = 0; i < DRAIN_MAX; i++) {
		ssize_t n = recv(fd, &byte, 1, MSG_DONTWAIT);

		if (n == -1 && errno != EINTR)
			return;
	}
}

void
wake_close(const struct paths *paths, const char *runner_id, int fd)
{
	CLEANUP(fd_cleanup) int folder = open_folder(paths);
	char name[NAME_SIZE];

	if (folder != -1) {
		snprintf(name, sizeof name, "%s" SUFFIX, runner_id);
		(void)unlinkat(folder, name, 0);
		snprintf(name, sizeof name, "%s" NEW_SUFFIX, runner_id);
		(void)unlinkat(folder, name, 0);
	}
	if (fd != -1)
		close(fd);
}

static bool
is_wake_name(const char *name)
{
	size_t len = strlen(name), end = strlen(SUFFIX);

	return len < NAME_SIZE && len > end && strcmp(name + len - end, SUFFIX) == 0;
}

static void
wake_one(int fd, int folder, const char *name)
{
	struct sockaddr_un address;
	struct stat st;

	set_address(&address, folder, name);
	/* One that has as many waiting as it may (EAGAIN) is awake already. */
	if (sendto(fd, "w", 1, MSG_DONTWAIT | MSG_NOSIGNAL, (const struct sockaddr *)&address,
		sizeof address) == -1 &&
	    errno == ECONNREFUSED && fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISSOCK(st.st_mode))
		(void)unlinkat(folder, name, 0);
}

static void
close_dir(DIR **dir)
{
	if (*dir != NULL)
		closedir(*dir);
}

void
wake_all(const struct paths *paths)
{
	CLEANUP(fd_cleanup) int fd = -1;
	int folder = open_folder(paths);
	CLEANUP(close_dir) DIR *dir = folder != -1 ? fdopendir(folder) : NULL;

	if (dir == NULL) {
		fd_cleanup(&folder);
		return;
	}
	for (const struct dirent *entry; (entry = readdir(dir)) != NULL;) {
		if (!is_wake_name(entry->d_name))
			continue;
		if (fd == -1)
			fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		if (fd == -1)
			return;
		wake_one(fd, folder, entry->d_name);
	}
}
