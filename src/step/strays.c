#include "config.h"
#include "step/strays.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/types.h>

#include "step/system.h"

/* What getdents64() puts out; see its manual page. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

/* The fourth field of its stat; 0 if it is gone. The second, the program's name, may hold blanks and ends at the last ')'. */
static int64_t
parent_of(const char *pid)
{
	char path[64], data[512];
	const char *field = NULL;
	struct text t;
	int64_t parent = 0;
	long len;
	int fd;

	text_begin(&t, path, sizeof path);
	text_add(&t, "/proc/");
	text_add(&t, pid);
	text_add(&t, "/stat");
	fd = system_open(path, O_RDONLY | O_CLOEXEC, 0);
	if (fd < 0)
		return 0;
	len = CALL(read, fd, data, sizeof data - 1);
	system_close(fd);
	data[len > 0 ? len : 0] = '\0';
	for (const char *at = data; *at != '\0'; at++)
		if (*at == ')')
			field = at;
	/* ") S PARENT" */
	if (field == NULL || text_length(field) < 5)
		return 0;
	for (field += 4; *field >= '0' && *field <= '9'; field++)
		parent = parent * 10 + (*field - '0');
	return parent;
}

/* A child that we have not waited for keeps its number: the signal cannot meet a stranger. */
static void
kill_child(const char *name, int64_t self)
{
	int64_t pid = text_number(name, INT32_MAX);

	if (pid > 0 && parent_of(name) == self)
		(void)CALL(kill, pid, SIGKILL);
}

void
strays_kill(void)
{
	_Alignas(8) char entries[8192];
	int64_t self = CALL(getpid, 0);
	int proc = system_open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
	long len;

	if (proc < 0)
		return;
	while ((len = CALL(getdents64, proc, entries, sizeof entries)) > 0)
		for (long at = 0; at < len;) {
			const struct entry *entry = (const void *)(entries + at);

			kill_child(entry->name, self);
			at += entry->size;
		}
	system_close(proc);
}
