/*
 * Values pass through one buffer that is born with its full size, so that no
 * growing leaves a copy behind, and that is wiped at the end.
 */
#include "config.h"
#include "driver/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "driver/descriptor.h"

static void
wipe(struct buf *b, size_t len)
{
	explicit_bzero(b->data, len);
	buf_clear(b);
}

void
secret_wipe(struct buf *b)
{
	if (b->data != NULL)
		wipe(b, b->cap);
}

void
secret_room(struct buf *b, size_t max)
{
	buf_init(b, max);
	b->data = xmalloc(max + 1);
	b->data[0] = '\0';
	b->cap = max + 1;
}

static int
refuse(struct err *e, const char *name, const char *reference, const char *why)
{
	return err_set(e, ERR_INPUT, "secret %s: %s: %s", name, reference, why);
}

static int
read_variable(const char *name, const char *reference, struct buf *value, struct err *e)
{
	const char *text = getenv(reference + strlen("env:"));

	if (text == NULL)
		return refuse(e, name, reference, "no such variable in the environment");
	if (strlen(text) > SECRET_MAX_BYTES)
		return refuse(e, name, reference, "too long");
	buf_adds(value, text);
	return 0;
}

/* A pipe would make us wait for whoever writes to it. */
static int
open_plain_file(const char *path)
{
	CLEANUP(fd_cleanup) int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	int mine = fd;

	if (fd == -1 || fstat(fd, &st) == -1)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = S_ISDIR(st.st_mode) ? EISDIR : ESPIPE;
		return -1;
	}
	fd = -1;
	return mine;
}

/* By hand and not by file_read(), which leaves a copy in freed memory. */
static int
read_secret_file(const char *name, const char *reference, struct buf *value, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = open_plain_file(reference + strlen("file:"));
	ssize_t n = 0;
	size_t room;

	if (fd == -1)
		return refuse(e, name, reference, strerror(errno));
	while ((room = value->cap - 1 - value->len) > 0 &&
	    (n = read(fd, value->data + value->len, room)) > 0)
		value->len += (size_t)n;
	if (n == -1)
		return refuse(e, name, reference, strerror(errno));
	if (value->len > SECRET_MAX_BYTES)
		return refuse(e, name, reference, "too long");
	/* An editor's newline at the end is no part of the secret. */
	if (value->len > 0 && value->data[value->len - 1] == '\n')
		value->len--;
	if (value->len > 0 && value->data[value->len - 1] == '\r')
		value->len--;
	value->data[value->len] = '\0';
	return 0;
}

/* JSON cannot carry other bytes unchanged, and a changed secret is worse than none. */
static int
check_text(const char *name, const char *reference, const struct buf *value, struct err *e)
{
	AUTO_FREE char *same = json_utf8(buf_str(value), value->len);
	bool intact = strlen(same) == value->len && memcmp(same, buf_str(value), value->len) == 0;

	explicit_bzero(same, strlen(same));
	return intact ? 0 : refuse(e, name, reference, "not UTF-8 text");
}

static int
read_secret(const cJSON *reference, struct buf *value, struct err *e)
{
	const char *name = reference->string;
	const char *text = cJSON_GetStringValue(reference);
	int answer;

	if (text != NULL && strncmp(text, "env:", 4) == 0)
		answer = read_variable(name, text, value, e);
	else if (text != NULL && strncmp(text, "file:", 5) == 0)
		answer = read_secret_file(name, text, value, e);
	else
		return err_set(e, ERR_INPUT, "secret %s: give it as env:NAME or file:PATH", name);
	return answer == -1 ? -1 : check_text(name, text, value, e);
}

static int
write_parameters(const cJSON *references, bool for_arm, struct buf *out, struct err *e)
{
	const cJSON *reference;
	const char *separator = "";
	struct buf value;
	int answer = 0;

	/* One byte more tells what is too long. */
	secret_room(&value, SECRET_MAX_BYTES + 1);
	buf_adds(out, for_arm ? "{\"parameters\":{" : "{");
	cJSON_ArrayForEach (reference, references) {
		buf_reset(&value);
		answer = read_secret(reference, &value, e);
		if (answer == -1)
			break;
		buf_adds(out, separator);
		json_quote(out, reference->string);
		buf_adds(out, for_arm ? ":{\"value\":" : ":");
		json_quote(out, buf_str(&value));
		buf_adds(out, for_arm ? "}" : "");
		separator = ",";
	}
	buf_adds(out, for_arm ? "}}" : "}");
	wipe(&value, value.cap);
	return answer;
}

static int
fill(int fd, const struct buf *text, struct err *e)
{
	if (file_write_all(fd, text->data, text->len, e) == -1)
		return err_in(e, "secrets");
	/* Whoever reads the descriptor itself begins at its position. */
	if (lseek(fd, 0, SEEK_SET) == -1 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == -1)
		return err_sys(e, "seal the secrets");
	return 0;
}

int
secret_open(const cJSON *references, bool for_arm, struct err *e)
{
	/* A control character of the value takes six bytes of JSON. */
	size_t max = (size_t)cJSON_GetArraySize(references) * (SECRET_MAX_BYTES * 6 + 1024) + 64;
	CLEANUP(fd_cleanup)
	int fd = descriptor_raise(memfd_create("secrets", MFD_CLOEXEC | MFD_ALLOW_SEALING), e);
	struct buf text;
	int answer, mine;

	if (fd == -1)
		return err_sys(e, "make a memory file for secrets");
	secret_room(&text, max);
	answer = write_parameters(references, for_arm, &text, e);
	if (answer == 0)
		answer = buf_is_cut(&text) ? err_set(e, ERR_INPUT, "secrets: too long")
					   : fill(fd, &text, e);
	/* The rest was never written to. */
	wipe(&text, text.len);
	if (answer == -1)
		return -1;
	mine = fd;
	fd = -1;
	return mine;
}

bool
secret_is_reference(const char *text)
{
	return strncmp(text, "env:", 4) == 0 || strncmp(text, "file:", 5) == 0;
}

int
secret_add(struct buf *out, const char *name, const char *text, struct err *e)
{
	cJSON reference = { .type = cJSON_String,
		.string = (char *)(uintptr_t)name,
		.valuestring = (char *)(uintptr_t)text };
	struct buf value;
	int answer;

	if (!secret_is_reference(text)) {
		buf_adds(out, text);
		return 0;
	}
	secret_room(&value, SECRET_MAX_BYTES + 1);
	answer = read_secret(&reference, &value, e);
	if (answer == 0)
		buf_adds(out, buf_str(&value));
	secret_wipe(&value);
	return answer;
}
