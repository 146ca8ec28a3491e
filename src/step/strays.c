#include "config.h"
#include "step/strays.h"

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The fourth field of its stat; 0 if it is gone. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], text[512];
	char *end;
	int fd;
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return 0;
	n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	end = strrchr(text, ')');
	/* ") S PARENT" */
	return end == NULL || strlen(end) < 5 ? 0 : (pid_t)strtol(end + 4, NULL, 10);
}

/* A child that we have not waited for keeps its number: the signal cannot meet a stranger. */
void
strays_kill(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	pid_t self = getpid();

	if (proc == NULL)
		return;
	while ((entry = readdir(proc)) != NULL) {
		pid_t pid = isdigit((unsigned char)entry->d_name[0])
		    ? (pid_t)strtol(entry->d_name, NULL, 10)
		    : 0;

		if (pid > 0 && parent_of(pid) == self)
			kill(pid, SIGKILL);
	}
	closedir(proc);
}
