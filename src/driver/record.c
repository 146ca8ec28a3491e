#include "config.h"
#include "driver/record.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/failpoint.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "driver/output.h"
#include "step/protocol.h"

/* The line that file_read_ends() puts in the gap fits in here. */
#define GAP_BYTES 256

/* The only way of what a tool wrote into the program. *size is -1 if there is no such file. */
static int
read_output(
    const char *folder, const char *name, char **text, bool *cut, int64_t *size, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, name);
	CLEANUP(buf_clear)
	struct buf bytes = BUF_INIT(STEP_HEAD_BYTES + STEP_TAIL_BYTES + GAP_BYTES);
	struct stat st;

	*size = -1;
	if (stat(path, &st) == -1)
		return errno == ENOENT ? 0 : err_sys(e, "stat %s", path);
	*size = st.st_size;
	if (st.st_size == 0)
		return 0;
	if (output_redact(path, e) == -1)
		return -1;
	failpoint("record.redacted");
	if (file_read_ends(path, STEP_HEAD_BYTES, STEP_TAIL_BYTES, &bytes, e) == -1)
		return -1;
	free(*text);
	*text = result_text(buf_str(&bytes), bytes.len);
	*cut = st.st_size > STEP_HEAD_BYTES + STEP_TAIL_BYTES;
	return 0;
}

static bool
read_ending(const char *name, enum ending *ending)
{
	for (int i = 0; i < ENDINGS; i++) {
		/* No helper can say that of itself. */
		if (i == END_LOST || strcmp(name, ending_name((enum ending)i)) != 0)
			continue;
		*ending = (enum ending)i;
		return true;
	}
	return false;
}

static bool
read_fields(const cJSON *json, const char *execution_id, struct result *r)
{
	const char *execution = json_str(json, "execution");
	const char *ending = json_str(json, "ending");

	if (execution == NULL || strcmp(execution, execution_id) != 0 || ending == NULL ||
	    !read_ending(ending, &r->ending))
		return false;
	/* What a tool could not write for want of space may have been its reason: nothing is proven. */
	if (json_bool(json, "starved", false))
		r->ending = END_LOST;
	r->code = (int)json_int(json, "code", 0);
	r->started_ms = json_int(json, "started_ms", 0);
	r->ended_ms = json_int(json, "ended_ms", 0);
	r->user_us = json_int(json, "user_us", 0);
	r->system_us = json_int(json, "system_us", 0);
	r->max_rss_kb = json_int(json, "max_rss_kb", 0);
	return true;
}

/* The JSON of a result whose checksum is right; NULL if it is torn. The caller's own. */
static cJSON *
parse_sealed(const char *text, size_t len)
{
	const char *newline = memchr(text, '\n', len);
	char seal[32];
	int seal_len;

	if (newline == NULL)
		return NULL;
	seal_len = snprintf(
	    seal, sizeof seal, "\n%016" PRIx64 "\n", step_checksum(text, (size_t)(newline - text)));
	if (len - (size_t)(newline - text) != (size_t)seal_len ||
	    memcmp(newline, seal, (size_t)seal_len) != 0)
		return NULL;
	return json_parse(text, (size_t)(newline - text), 0, NULL);
}

/* *json is NULL if there is no whole result; else the caller's own. */
static int
read_sealed(const char *folder, cJSON **json, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_RESULT_NAME);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(STEP_RESULT_MAX);
	struct err why = { 0 };

	*json = NULL;
	if (file_read(path, STEP_RESULT_MAX, &text, &why) == 0) {
		*json = parse_sealed(buf_str(&text), text.len);
		return 0;
	}
	/* ERR_INPUT: too long to be one. */
	return why.kind == ERR_NOT_FOUND || why.kind == ERR_INPUT
	    ? 0
	    : err_set(e, why.kind, "%s", why.msg);
}

int
record_read(
    const char *folder, const char *execution_id, struct result *r, bool *is_there, struct err *e)
{
	AUTO_JSON cJSON *json = NULL;
	int64_t out_bytes, err_bytes;

	*is_there = false;
	if (read_output(folder, STEP_STDOUT_NAME, &r->out, &r->out_cut, &out_bytes, e) == -1 ||
	    read_output(folder, STEP_STDERR_NAME, &r->err, &r->err_cut, &err_bytes, e) == -1 ||
	    read_sealed(folder, &json, e) == -1)
		return -1;
	*is_there = json != NULL && out_bytes >= json_int(json, "stdout_bytes", INT64_MAX) &&
	    err_bytes >= json_int(json, "stderr_bytes", INT64_MAX) &&
	    read_fields(json, execution_id, r);
	return 0;
}

static bool
is_there_or_unknown(const char *folder, const char *name)
{
	AUTO_FREE char *path = file_join(folder, name);
	struct stat st;

	return stat(path, &st) == 0 || errno != ENOENT;
}

/* The mark becomes the result: one that is torn tells of a start too. */
bool
record_is_started(const char *folder)
{
	return is_there_or_unknown(folder, STEP_STARTED_NAME) ||
	    is_there_or_unknown(folder, STEP_RESULT_NAME);
}

/* ---- writing ---- */

int
record_mark(const char *folder, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, STEP_STARTED_NAME);

	return file_create(path, "", 0, 0600, e);
}

static int
write_output(const char *folder, const char *name, const char *text, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, name);

	return file_create(path, text, strlen(text), 0600, e);
}

/* The line of JSON and its checksum. The caller's own. */
static char *
sealed(const char *execution_id, const struct result *r)
{
	AUTO_JSON cJSON *json = result_to_json(r);
	AUTO_FREE char *line = NULL;

	json_add_str(json, "execution", execution_id);
	json_add_int(json, "stdout_bytes", (int64_t)strlen(r->out));
	json_add_int(json, "stderr_bytes", (int64_t)strlen(r->err));
	line = json_text(json);
	return xasprintf("%s\n%016" PRIx64 "\n", line, step_checksum(line, strlen(line)));
}

int
record_write(const char *folder, const char *execution_id, const struct result *r, struct err *e)
{
	AUTO_FREE char *started = file_join(folder, STEP_STARTED_NAME);
	AUTO_FREE char *path = file_join(folder, STEP_RESULT_NAME);
	AUTO_FREE char *beside = xasprintf("%s.new", path);
	AUTO_FREE char *text = sealed(execution_id, r);

	/* What was lost is told by the absence of a result. */
	if (r->ending == END_LOST)
		return 0;
	if (write_output(folder, STEP_STDOUT_NAME, r->out, e) == -1 ||
	    write_output(folder, STEP_STDERR_NAME, r->err, e) == -1 ||
	    file_create(beside, text, strlen(text), 0600, e) == -1)
		return -1;
	if (rename(beside, path) == -1)
		return err_sys(e, "rename %s", beside);
	(void)unlink(started);
	return 0;
}
