/*
 * A file system for SQLite that passes everything on to the real one, but fails
 * when it is told to: the n-th write from now on finds the disk full, the n-th
 * flush fails. Registered as the default before the store is opened.
 */
#ifndef UNIT_STORE_FAULTY_VFS_H
#define UNIT_STORE_FAULTY_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

static int fail_write; /* 0: never; n: the n-th from now on, and all behind it */
static int fail_sync;
static int writes, syncs; /* passed since they were set to 0 */

struct faulty_file {
	sqlite3_file base;
	sqlite3_file *real; /* directly behind */
};

static inline sqlite3_file *
real_of(sqlite3_file *f)
{
	return ((struct faulty_file *)f)->real;
}

static inline int
faulty_close(sqlite3_file *f)
{
	return real_of(f)->pMethods != NULL ? real_of(f)->pMethods->xClose(real_of(f)) : SQLITE_OK;
}

static inline int
faulty_read(sqlite3_file *f, void *to, int len, sqlite3_int64 at)
{
	return real_of(f)->pMethods->xRead(real_of(f), to, len, at);
}

static inline int
faulty_write(sqlite3_file *f, const void *from, int len, sqlite3_int64 at)
{
	writes++;
	if (fail_write > 0 && writes >= fail_write)
		return SQLITE_FULL;
	return real_of(f)->pMethods->xWrite(real_of(f), from, len, at);
}

static inline int
faulty_truncate(sqlite3_file *f, sqlite3_int64 len)
{
	return real_of(f)->pMethods->xTruncate(real_of(f), len);
}

static inline int
faulty_sync(sqlite3_file *f, int flags)
{
	syncs++;
	if (fail_sync > 0 && syncs >= fail_sync)
		return SQLITE_IOERR_FSYNC;
	return real_of(f)->pMethods->xSync(real_of(f), flags);
}

static inline int
faulty_size(sqlite3_file *f, sqlite3_int64 *len)
{
	return real_of(f)->pMethods->xFileSize(real_of(f), len);
}

static inline int
faulty_lock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xLock(real_of(f), level);
}

static inline int
faulty_unlock(sqlite3_file *f, int level)
{
	return real_of(f)->pMethods->xUnlock(real_of(f), level);
}

static inline int
faulty_reserved(sqlite3_file *f, int *out)
{
	return real_of(f)->pMethods->xCheckReservedLock(real_of(f), out);
}

static inline int
faulty_control(sqlite3_file *f, int op, void *arg)
{
	return real_of(f)->pMethods->xFileControl(real_of(f), op, arg);
}

static inline int
faulty_sector(sqlite3_file *f)
{
	return real_of(f)->pMethods->xSectorSize(real_of(f));
}

static inline int
faulty_device(sqlite3_file *f)
{
	return real_of(f)->pMethods->xDeviceCharacteristics(real_of(f));
}

static inline int
faulty_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
	return real_of(f)->pMethods->xShmMap(real_of(f), page, size, extend, out);
}

static inline int
faulty_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
	return real_of(f)->pMethods->xShmLock(real_of(f), offset, n, flags);
}

static inline void
faulty_shm_barrier(sqlite3_file *f)
{
	real_of(f)->pMethods->xShmBarrier(real_of(f));
}

static inline int
faulty_shm_unmap(sqlite3_file *f, int delete_flag)
{
	return real_of(f)->pMethods->xShmUnmap(real_of(f), delete_flag);
}

static const sqlite3_io_methods faulty_methods = {
	.iVersion = 2,
	.xClose = faulty_close,
	.xRead = faulty_read,
	.xWrite = faulty_write,
	.xTruncate = faulty_truncate,
	.xSync = faulty_sync,
	.xFileSize = faulty_size,
	.xLock = faulty_lock,
	.xUnlock = faulty_unlock,
	.xCheckReservedLock = faulty_reserved,
	.xFileControl = faulty_control,
	.xSectorSize = faulty_sector,
	.xDeviceCharacteristics = faulty_device,
	.xShmMap = faulty_shm_map,
	.xShmLock = faulty_shm_lock,
	.xShmBarrier = faulty_shm_barrier,
	.xShmUnmap = faulty_shm_unmap,
};

static inline int
faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *f, int flags, int *out)
{
	sqlite3_vfs *real = vfs->pAppData;
	struct faulty_file *file = (struct faulty_file *)f;
	int rc;

	file->real = (sqlite3_file *)&file[1];
	memset(file->real, 0, (size_t)real->szOsFile);
	rc = real->xOpen(real, name, file->real, flags, out);
	file->base.pMethods = rc == SQLITE_OK ? &faulty_methods : NULL;
	return rc;
}

static inline void
faulty_install(void)
{
	static sqlite3_vfs vfs;
	sqlite3_vfs *real = sqlite3_vfs_find(NULL);

	vfs = *real;
	vfs.pNext = NULL;
	vfs.zName = "faulty";
	vfs.pAppData = real;
	vfs.szOsFile = (int)sizeof(struct faulty_file) + real->szOsFile;
	vfs.xOpen = faulty_open;
	sqlite3_vfs_register(&vfs, 1);
}

#endif
