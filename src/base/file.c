/* Files: reading, replacing, locks, paths. Whole folders are in file_tree.c. */
#include "config.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/mem.h"

#define CHUNK_BYTES (64 * 1024)
#define FOLDER_MODE 0700
/* A temporary name is ".", so much of the name, and ".XXXXXX": 255 bytes is the limit. */
#define TEMPORARY_NAME_MAX 200

static const struct {
	unsigned long magic;
	const char *name;
} remote_file_systems[] = {
	{ 0x00006969, "NFS" },
	{ 0x0000517b, "SMB" },
	{ 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB2" },
	{ 0x01021997, "9p" },
	{ 0x65735546, "FUSE" },
	{ 0x5346414f, "AFS" },
	{ 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" },
	{ 0x00c36400, "Ceph" },
	{ 0x0000564c, "NCP" },
	{ 0x7461636f, "OCFS2" },
	{ 0x01161970, "GFS2" },
	{ 0x0bd00bd0, "Lustre" },
	{ 0x47504653, "GPFS" },
	{ 0x19830326, "BeeGFS" },
	{ 0x786f4256, "vboxsf" },
	{ 0x20030528, "PVFS2" },
};

/* read(2) that goes on after a signal. */
static ssize_t
read_some(int fd, void *data, size_t len)
{
	ssize_t n;

	do
		n = read(fd, data, len);
	while (n < 0 && errno == EINTR);
	return n;
}

/* Checks what close(2) has to say; the descriptor is gone in any case. */
static int
close_checked(int *fd, const char *path, struct err *e)
{
	int closed = close(*fd);

	*fd = -1;
	if (closed != 0 && errno != EINTR)
		return err_sys(e, "close %s", path);
	return 0;
}

static int
open_to_read(const char *path, struct err *e)
{
	int fd;

	if (strcmp(path, "-") == 0)
		fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
	else
		fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return err_set(e, ERR_NOT_FOUND, "%s: no such file", path);
	if (fd < 0)
		return err_sys(e, "open %s", path);
	return fd;
}

int
file_read(const char *path, size_t max_bytes, struct buf *out, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open_to_read(path, e);
	AUTO_FREE char *chunk = NULL;
	size_t old_len = out->len;
	size_t room = out->max - out->len;
	ssize_t n;

	if (fd < 0)
		return -1;
	if (room > max_bytes)
		room = max_bytes;
	chunk = xmalloc(CHUNK_BYTES);
	while ((n = read_some(fd, chunk, CHUNK_BYTES)) > 0) {
		if ((size_t)n > room - (out->len - old_len)) {
			err_set(e, ERR_INPUT, "%s: larger than %zu bytes", path, room);
			break;
		}
		buf_add(out, chunk, (size_t)n);
	}
	if (n < 0)
		err_sys(e, "read %s", path);
	if (n == 0)
		return 0;
	out->len = old_len;
	if (out->data != NULL)
		out->data[old_len] = '\0';
	return -1;
}

/* Adds len bytes from position at; stops early where the file has become shorter. */
static int
read_part(int fd, const char *path, off_t at, size_t len, struct buf *out, struct err *e)
{
	AUTO_FREE char *chunk = xmalloc(CHUNK_BYTES);

	while (len > 0) {
		ssize_t n = pread(fd, chunk, len < CHUNK_BYTES ? len : CHUNK_BYTES, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "read %s", path);
		if (n == 0)
			return 0;
		buf_add(out, chunk, (size_t)n);
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_read_ends(const char *path, size_t head, size_t tail, struct buf *out, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open_to_read(path, e);
	struct stat st;
	size_t size, before;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0)
		return err_sys(e, "stat %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_INPUT, "%s: not a plain file", path);
	size = (size_t)st.st_size;
	if (size <= head || size - head <= tail)
		return read_part(fd, path, 0, size, out, e);
	before = out->len;
	if (read_part(fd, path, 0, head, out, e) != 0)
		return -1;
	if (out->len > before && out->data[out->len - 1] != '\n')
		buf_addc(out, '\n');
	buf_addf(out, "[... %zu bytes left out ...]\n", size - head - tail);
	return read_part(fd, path, (off_t)(size - tail), tail, out, e);
}

/* The folder of path, as a person would write it. The caller's own. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (slash == NULL)
		return xstrdup(".");
	return slash == path ? xstrdup("/") : xstrndup(path, (size_t)(slash - path));
}

static const char *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Fills a new file whose name is temporary. The caller removes it if this fails. */
static int
fill(int *fd, const char *name, const void *data, size_t len, mode_t mode, struct err *e)
{
	if (fchmod(*fd, mode) != 0)
		return err_sys(e, "chmod %s", name);
	if (file_write_all(*fd, data, len, e) != 0)
		return err_in(e, "%s", name);
	if (fsync(*fd) != 0)
		return err_sys(e, "fsync %s", name);
	return close_checked(fd, name, e);
}

int
file_replace(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	AUTO_FREE char *folder = folder_of(path);
	AUTO_FREE char *temporary =
	    xasprintf("%s/.%.*s.XXXXXX", folder, TEMPORARY_NAME_MAX, name_of(path));
	CLEANUP(fd_cleanup) int fd = mkostemp(temporary, O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "create %s", temporary);
	if (fill(&fd, temporary, data, len, mode, e) != 0) {
		unlink(temporary);
		return -1;
	}
	if (rename(temporary, path) != 0) {
		err_sys(e, "rename %s to %s", temporary, path);
		unlink(temporary);
		return -1;
	}
	return file_sync_folder(folder, e);
}

int
file_create(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
	CLEANUP(fd_cleanup) int fd = open(path, flags, mode);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_CONFLICT, "%s: exists already", path);
	if (fd < 0)
		return err_sys(e, "create %s", path);
	if (file_write_all(fd, data, len, e) != 0) {
		err_in(e, "%s", path);
		unlink(path);
		return -1;
	}
	if (close_checked(&fd, path, e) != 0) {
		unlink(path);
		return -1;
	}
	return 0;
}

int
file_write_all(int fd, const void *data, size_t len, struct err *e)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_sys(e, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int
file_sync_folder(const char *path, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, "open %s", path);
	/* EINVAL: a file system that has nothing to sync for a folder. */
	if (fsync(fd) != 0 && errno != EINVAL)
		return err_sys(e, "fsync %s", path);
	return 0;
}

static int
make_one_folder(const char *path, struct err *e)
{
	struct stat st;

	if (mkdir(path, FOLDER_MODE) == 0)
		return 0;
	/* It may be there although we may not write beside it: look before complaining. */
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			return 0;
		errno = ENOTDIR;
	}
	return err_sys(e, "make folder %s", path);
}

int
file_make_folder(const char *path, struct err *e)
{
	AUTO_FREE char *part = xstrdup(path);

	for (char *slash = part; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		if (make_one_folder(part, e) != 0)
			return -1;
		*slash = '/';
	}
	return make_one_folder(part, e);
}

bool
file_exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

char *
file_join(const char *folder, const char *name)
{
	size_t len = strlen(folder);

	if (len == 0)
		return xstrdup(name);
	return xasprintf("%s%s%s", folder, folder[len - 1] == '/' ? "" : "/", name);
}

char *
file_absolute(const char *path)
{
	AUTO_FREE char *here = NULL;

	if (path[0] == '/')
		return xstrdup(path);
	while (path[0] == '.' && path[1] == '/')
		path += 2 + strspn(path + 2, "/");
	here = getcwd(NULL, 0);
	/* The current folder was removed: nothing relative to it can be found under any name. */
	if (here == NULL)
		return xstrdup(path);
	if (path[0] == '\0' || strcmp(path, ".") == 0)
		return take(here);
	return file_join(here, path);
}

/* True if path still names the file that fd has open. */
static bool
is_same_file(int fd, const char *path)
{
	struct stat opened, named;

	return fstat(fd, &opened) == 0 && lstat(path, &named) == 0 &&
	    opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

int
file_lock(const char *path, struct err *e)
{
	for (;;) {
		int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY;
		CLEANUP(fd_cleanup) int fd = open(path, flags, 0600);
		int locked, mine;

		if (fd < 0)
			return err_sys(e, "open %s", path);
		do
			locked = flock(fd, LOCK_EX | LOCK_NB);
		while (locked != 0 && errno == EINTR);
		if (locked != 0 && errno == EWOULDBLOCK)
			return err_set(e, ERR_BUSY, "%s: locked by somebody else", path);
		if (locked != 0)
			return err_sys(e, "lock %s", path);
		/* Removed or replaced between open and lock: others would lock another file. */
		if (!is_same_file(fd, path))
			continue;
		mine = fd;
		fd = -1;
		return mine;
	}
}

/* statfs of the nearest folder that exists. */
static int
statfs_above(const char *path, struct statfs *fs)
{
	AUTO_FREE char *at = file_absolute(path);

	while (statfs(at, fs) != 0) {
		char *slash = strrchr(at, '/');

		if ((errno != ENOENT && errno != ENOTDIR) || slash == NULL || at[1] == '\0')
			return -1;
		slash[slash == at] = '\0';
	}
	return 0;
}

bool
file_is_remote(const char *path, const char **name)
{
	struct statfs fs;

	if (statfs_above(path, &fs) != 0)
		return false;
	for (size_t i = 0; i < COUNT_OF(remote_file_systems); i++) {
		/* Some magic numbers have the top bit set, and f_type is signed. */
		if (((unsigned long)fs.f_type & 0xffffffff) != remote_file_systems[i].magic)
			continue;
		if (name != NULL)
			*name = remote_file_systems[i].name;
		return true;
	}
	return false;
}
