/*
 * Rotation renames from the oldest to the youngest. A crash in between leaves
 * a gap in the numbers of the names, never a lost or doubled file, and the next
 * rotation fills it.
 */
#include "config.h"

#include "engine/audit_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"

static void
file_path(const char *state, int index, char **out)
{
	*out = index == 0 ? xasprintf("%s/" AUDIT_NAME, state)
			  : xasprintf("%s/" AUDIT_NAME ".%d", state, index);
}

void
audit_files(const char *state, struct strv *paths)
{
	for (int i = AUDIT_FILES_MAX; i >= 0; i--) {
		AUTO_FREE char *path = NULL;

		file_path(state, i, &path);
		if (file_exists(path))
			strv_add(paths, path);
	}
}

int
audit_file_lines(const char *path, audit_line_fn *each, void *data, bool *torn, struct err *e)
{
	FILE *f = fopen(path, "re");
	const char *slash = strrchr(path, '/');
	struct audit_place place = { .file = slash != NULL ? slash + 1 : path };
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int answer = 0;

	*torn = false;
	if (f == NULL)
		return err_sys(e, "open %s", path);
	while (answer == 0 && (n = getline(&line, &cap, f)) > 0) {
		place.line++;
		if (line[n - 1] != '\n') {
			*torn = true;
			break;
		}
		line[n - 1] = '\0';
		answer = each(line, (size_t)n - 1, &place, data);
	}
	if (answer == 0 && ferror(f))
		answer = err_sys(e, "read %s", path);
	free(line);
	fclose(f);
	return answer;
}

int64_t
audit_line_number(const char *line)
{
	long long number;

	return sscanf(line, "{\"n\":%lld,", &number) == 1 ? number : -1;
}

int
audit_file_tail(int fd, int64_t *number, char hash[static DIGEST_SIZE], int64_t *end, struct err *e)
{
	struct stat st;

	*number = 0;
	*end = 0;
	hash[0] = '\0';
	if (fstat(fd, &st) == -1)
		return err_sys(e, "stat the audit log");

	/* A line is at most AUDIT_LINE_MAX long, and a torn one may stand behind it. */
	size_t want = (size_t)(st.st_size < 2 * AUDIT_LINE_MAX ? st.st_size : 2 * AUDIT_LINE_MAX);
	AUTO_FREE char *text = xmalloc(want + 1);
	off_t from = st.st_size - (off_t)want;
	size_t got = 0;

	while (got < want) {
		ssize_t n = pread(fd, text + got, want - got, from + (off_t)got);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return err_sys(e, "read the audit log");
		got += (size_t)n;
	}

	/* From the end backward, to the last line that is a record. */
	for (char *newline = memrchr(text, '\n', got); newline != NULL;) {
		char *before = memrchr(text, '\n', (size_t)(newline - text));
		const char *line = before != NULL ? before + 1 : text;

		*newline = '\0';
		*number = audit_line_number(line);
		if (*number > 0) {
			*end = from + (newline - text) + 1;
			digest_text(line, hash);
			return 0;
		}
		newline = before;
	}
	*number = 0;
	return 0;
}

int
audit_files_shift(const char *state, struct err *e)
{
	int free_index = 1;

	for (; free_index < AUDIT_FILES_MAX; free_index++) {
		AUTO_FREE char *path = NULL;

		file_path(state, free_index, &path);
		if (!file_exists(path))
			break;
	}
	for (int i = free_index; i > 0; i--) {
		AUTO_FREE char *from = NULL;
		AUTO_FREE char *to = NULL;

		file_path(state, i - 1, &from);
		file_path(state, i, &to);
		if (rename(from, to) == -1)
			return err_sys(e, "rename %s to %s", from, to);
	}
	return file_sync_folder(state, e);
}
