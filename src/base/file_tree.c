/*
 * Whole folders. Every name below is opened relative to its folder's
 * descriptor and never through a link, so that nobody who can write there can
 * lead us elsewhere.
 */
#include "config.h"
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/strv.h"

#define CHUNK_BYTES (1024 * 1024)
#define FOLDER_MODE 0700

static void
dir_close(DIR *dir)
{
	if (dir != NULL)
		closedir(dir);
}

DEFINE_CLEANUP(DIR *, dir_close)

/* The names in a folder; collected first, because what is read while names go is not defined. */
static int
list_folder(DIR *dir, const char *path, struct strv *names, struct err *e)
{
	struct dirent *entry;

	while ((errno = 0, entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			strv_add(names, entry->d_name);
	}
	return errno != 0 ? err_sys(e, "read folder %s", path) : 0;
}

/* Opens a folder for reading, not through a link. NULL: see errno. */
static DIR *
open_folder_at(int parent, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	CLEANUP(fd_cleanup) int fd = openat(parent, name, flags);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

	/* Closing the stream closes the descriptor. */
	if (dir != NULL)
		fd = -1;
	return dir;
}

static int remove_at(int parent, const char *name, const char *path, dev_t device, struct err *e);

/* Removes what is in a folder, not the folder. */
static int
empty_folder(int parent, const char *name, const char *path, dev_t device, struct err *e)
{
	CLEANUP(dir_close_cleanup) DIR *dir = open_folder_at(parent, name);
	CLEANUP(strv_clear) struct strv names = { 0 };
	struct stat st;

	if (dir == NULL)
		return err_sys(e, "open folder %s", path);
	if (fstat(dirfd(dir), &st) != 0)
		return err_sys(e, "stat %s", path);
	if (st.st_dev != device)
		return err_set(
		    e, ERR_SYSTEM, "remove %s: another file system is mounted here", path);
	/* Some tools leave folders that nobody may write to. */
	if ((st.st_mode & S_IWUSR) == 0)
		(void)fchmod(dirfd(dir), FOLDER_MODE);
	if (list_folder(dir, path, &names, e) != 0)
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		AUTO_FREE char *below = file_join(path, names.v[i]);

		if (remove_at(dirfd(dir), names.v[i], below, device, e) != 0)
			return -1;
	}
	return 0;
}

static int
remove_at(int parent, const char *name, const char *path, dev_t device, struct err *e)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : err_sys(e, "stat %s", path);
	if (S_ISDIR(st.st_mode) && empty_folder(parent, name, path, device, e) != 0)
		return -1;
	if (unlinkat(parent, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) != 0 && errno != ENOENT)
		return err_sys(e, "remove %s", path);
	return 0;
}

int
file_remove_tree(const char *path, struct err *e)
{
	struct stat st;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : err_sys(e, "stat %s", path);
	return remove_at(AT_FDCWD, path, path, st.st_dev, e);
}

static bool
is_skipped(const char *name, const char *const *skip)
{
	for (; skip != NULL && *skip != NULL; skip++) {
		if (strcmp(name, *skip) == 0)
			return true;
	}
	return false;
}

static int
copy_bytes(int in, int out, const char *from, const char *to, struct err *e)
{
	ssize_t n;

	do
		n = sendfile(out, in, NULL, CHUNK_BYTES);
	while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? err_sys(e, "copy %s to %s", from, to) : 0;
}

/* The opened file is looked at once more: it may not be what was listed. */
static int
copy_file(int in_folder, const char *name, int out_folder, const char *from, const char *to,
    struct err *e)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
	CLEANUP(fd_cleanup) int in = openat(in_folder, name, flags);
	CLEANUP(fd_cleanup) int out = -1;
	struct stat st;
	int closed;

	if (in < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : err_sys(e, "open %s", from);
	if (fstat(in, &st) != 0)
		return err_sys(e, "stat %s", from);
	if (!S_ISREG(st.st_mode))
		return 0;
	out = openat(out_folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (out < 0)
		return err_sys(e, "create %s", to);
	if (copy_bytes(in, out, from, to, e) != 0)
		return -1;
	closed = close(out);
	out = -1;
	return closed != 0 ? err_sys(e, "close %s", to) : 0;
}

static int copy_folder(
    DIR *in, DIR *out, const char *from, const char *to, const char *const *skip, struct err *e);

static int
copy_subfolder(int in_folder, const char *name, int out_folder, const char *from, const char *to,
    const char *const *skip, struct err *e)
{
	CLEANUP(dir_close_cleanup) DIR *in = open_folder_at(in_folder, name);
	CLEANUP(dir_close_cleanup) DIR *out = NULL;

	if (in == NULL)
		return errno == ENOENT ? 0 : err_sys(e, "open folder %s", from);
	if (mkdirat(out_folder, name, FOLDER_MODE) != 0 && errno != EEXIST)
		return err_sys(e, "make folder %s", to);
	if ((out = open_folder_at(out_folder, name)) == NULL)
		return err_sys(e, "open folder %s", to);
	return copy_folder(in, out, from, to, skip, e);
}

/* What vanishes while we copy was not worth keeping: the folder may be in use. */
static int
copy_folder(
    DIR *in, DIR *out, const char *from, const char *to, const char *const *skip, struct err *e)
{
	CLEANUP(strv_clear) struct strv names = { 0 };

	if (list_folder(in, from, &names, e) != 0)
		return -1;
	for (size_t i = 0; i < names.len; i++) {
		const char *name = names.v[i];
		AUTO_FREE char *from_below = file_join(from, name);
		AUTO_FREE char *to_below = file_join(to, name);
		struct stat st;
		int copied = 0;

		if (is_skipped(name, skip) ||
		    fstatat(dirfd(in), name, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		if (S_ISDIR(st.st_mode))
			copied = copy_subfolder(
			    dirfd(in), name, dirfd(out), from_below, to_below, skip, e);
		else if (S_ISREG(st.st_mode))
			copied = copy_file(dirfd(in), name, dirfd(out), from_below, to_below, e);
		if (copied != 0)
			return -1;
	}
	return 0;
}

int
file_copy_tree(const char *from, const char *to, const char *const *skip, struct err *e)
{
	CLEANUP(dir_close_cleanup) DIR *in = opendir(from);
	CLEANUP(dir_close_cleanup) DIR *out = NULL;

	if (in == NULL && errno == ENOENT)
		return err_set(e, ERR_NOT_FOUND, "%s: no such folder", from);
	if (in == NULL)
		return err_sys(e, "open folder %s", from);
	if (file_make_folder(to, e) != 0)
		return -1;
	if ((out = opendir(to)) == NULL)
		return err_sys(e, "open folder %s", to);
	return copy_folder(in, out, from, to, skip, e);
}
