/*
 * Files: whole reads with a limit, replacement that survives a power cut, and
 * folders that only their owner may enter. All descriptors are O_CLOEXEC.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/*
 * Adds the file's bytes to out ("-" is standard input); more than max_bytes is
 * ERR_INPUT (so is more than out may hold), a missing file ERR_NOT_FOUND. A
 * failure leaves out as it was.
 */
int file_read(const char *path, size_t max_bytes, struct buf *out, struct err *e);
/*
 * At most head bytes of the front and tail of the end with a line between that
 * says how much was left out.
 */
int file_read_ends(const char *path, size_t head, size_t tail, struct buf *out, struct err *e);

/*
 * Writes data beside path (".NAME.XXXXXX"), fsyncs, checks close, renames
 * over it and fsyncs the folder: afterwards path holds the old bytes or the
 * new, never a part. mode holds whatever the umask; a link is replaced itself.
 */
int file_replace(const char *path, const void *data, size_t len, mode_t mode, struct err *e);
/* A new file; ERR_CONFLICT if the name exists, even as a link. No fsync; removed if it fails. */
int file_create(const char *path, const void *data, size_t len, mode_t mode, struct err *e);
int file_write_all(int fd, const void *data, size_t len, struct err *e);
/* fsync of a folder, so that the names in it last. */
int file_sync_folder(const char *path, struct err *e);

/* Makes the folder and those above it, mode 0700; one that exists is fine. */
int file_make_folder(const char *path, struct err *e);
/* Removes a folder with all in it; follows no link, stays on one file system; missing is fine. */
int file_remove_tree(const char *path, struct err *e);
/*
 * Copies a folder's plain files and folders (links are skipped), 0600 and
 * 0700; names in skip (NULL-terminated) are left out.
 */
int file_copy_tree(const char *from, const char *to, const char *const *skip, struct err *e);
bool file_exists(const char *path);
/* "a/b" of "a" and "b"; the caller's own. */
char *file_join(const char *folder, const char *name);
/* The caller's own absolute path, by the current folder, without looking at the disk. */
char *file_absolute(const char *path);

/*
 * Opens (and makes) a lock file and takes flock(LOCK_EX | LOCK_NB). The
 * descriptor, or -1: ERR_BUSY if it is held elsewhere. Closing the last copy of
 * the descriptor frees the lock; nobody calls LOCK_UN, which would free it for all.
 */
int file_lock(const char *path, struct err *e);
/*
 * True if path lies on a file system of another machine (NFS, CIFS, 9p, FUSE
 * ...), by statfs magic; name gets its name.
 */
bool file_is_remote(const char *path, const char **name);

#endif
