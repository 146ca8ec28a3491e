#include "config.h"

#include "driver/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "step/protocol.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)
#define STATE_FILE "terraform.tfstate"
#define UNSAVED_FILE "errored.tfstate"
#define STATE_MAX_BYTES (1024 * 1024 * 1024)

static bool
is_of_plan(const char *name)
{
	return str_ends_with(name, ".tf") || str_ends_with(name, ".tf.json") ||
	    str_ends_with(name, ".tfvars.json") || str_ends_with(name, ".tfvars");
}

static bool
is_as_it_should_be(const char *path, const char *text)
{
	CLEANUP(buf_clear) struct buf is = BUF_INIT(FILE_MAX_BYTES);

	return file_read(path, FILE_MAX_BYTES, &is, NULL) == 0 && is.len == strlen(text) &&
	    memcmp(buf_str(&is), text, is.len) == 0;
}

static int
link_secrets(const char *path, struct err *e)
{
	AUTO_FREE char *target = xasprintf("/proc/self/fd/%d", STEP_SECRETS_FD);
	char is[64];
	ssize_t len = readlink(path, is, sizeof(is));

	/* A call that runs may be reading it. */
	if (len == (ssize_t)strlen(target) && memcmp(is, target, (size_t)len) == 0)
		return 0;
	if (unlink(path) == -1 && errno != ENOENT)
		return err_sys(e, "remove %s", path);
	return symlink(target, path) == 0 ? 0 : err_sys(e, "link %s", path);
}

static int
bring(const char *folder, const cJSON *file, struct err *e)
{
	AUTO_FREE char *path = file_join(folder, file->string);
	AUTO_FREE char *json = NULL;
	const char *text = cJSON_GetStringValue(file);

	if (cJSON_IsTrue(file))
		return link_secrets(path, e);
	if (text == NULL)
		text = json = json_text(file);
	if (is_as_it_should_be(path, text))
		return 0;
	return file_replace(path, text, strlen(text), 0600, e);
}

/* What a step that was cut short leaves is gone by the next one. */
static int
remove_others(const char *folder, const cJSON *files, struct err *e)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int rc = 0;

	if (dir == NULL)
		return err_sys(e, "read %s", folder);
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		if (!is_of_plan(entry->d_name) ||
		    cJSON_GetObjectItemCaseSensitive(files, entry->d_name) != NULL)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) == -1 && errno != ENOENT)
			rc = err_sys(e, "remove %s/%s", folder, entry->d_name);
	}
	closedir(dir);
	return rc;
}

int
workspace_prepare(const char *folder, const cJSON *files, struct err *e)
{
	const cJSON *file;

	if (file_make_folder(folder, e) == -1)
		return -1;
	cJSON_ArrayForEach (file, files) {
		if (*file->string == '\0' || strchr(file->string, '/') != NULL ||
		    strcmp(file->string, ".") == 0 || strcmp(file->string, "..") == 0)
			return err_set(e, ERR_INPUT,
			    "\"%s\" cannot be the name of a file of the workspace", file->string);
		if (bring(folder, file, e) == -1)
			return -1;
	}
	return remove_others(folder, files, e);
}

int
workspace_back_up(const char *folder, int number, struct err *e)
{
	AUTO_FREE char *state = file_join(folder, STATE_FILE);
	AUTO_FREE char *copy = xasprintf("%s.%d", state, number);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(STATE_MAX_BYTES);

	if (file_exists(copy) || !file_exists(state))
		return 0;
	if (file_read(state, STATE_MAX_BYTES, &text, e) == -1)
		return -1;
	return file_replace(copy, buf_str(&text), text.len, 0600, e);
}

/* NULL: it is no whole state; the caller's own. */
static cJSON *
read_state(const char *path, struct buf *text)
{
	buf_reset(text);
	if (file_read(path, STATE_MAX_BYTES, text, NULL) == -1)
		return NULL;
	cJSON *state = cJSON_ParseWithLength(buf_str(text), text->len);

	if (json_int(state, "version", 0) > 0)
		return state;
	cJSON_Delete(state);
	return NULL;
}

static bool
is_whole(const char *path, struct buf *text)
{
	AUTO_JSON cJSON *state = read_state(path, text);

	return state != NULL;
}

/* Into TEXT; false if there is none. */
static bool
find_copy(const char *state, int number, struct buf *text)
{
	AUTO_FREE char *backup = xasprintf("%s.backup", state);

	if (is_whole(backup, text))
		return true;
	for (; number > 0; number--) {
		AUTO_FREE char *copy = xasprintf("%s.%d", state, number);

		if (is_whole(copy, text))
			return true;
	}
	return false;
}

int
workspace_restore(const char *folder, int number, bool *restored, struct err *e)
{
	AUTO_FREE char *state = file_join(folder, STATE_FILE);
	AUTO_FREE char *torn = xasprintf("%s.torn", state);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(STATE_MAX_BYTES);

	*restored = file_exists(state) && !is_whole(state, &text);
	if (!*restored)
		return 0;
	/* Until a copy has its place the torn one keeps it: what is torn is told from what never was. */
	if ((unlink(torn) == -1 && errno != ENOENT) || link(state, torn) == -1)
		return err_sys(e, "set aside %s", state);
	if (find_copy(state, number, &text))
		return file_replace(state, buf_str(&text), text.len, 0600, e);
	return unlink(state) == 0 ? 0 : err_sys(e, "set aside %s", state);
}

int
workspace_set_aside_pushed(const char *folder, const struct strv *argv, struct err *e)
{
	AUTO_FREE char *unsaved = file_join(folder, UNSAVED_FILE);
	AUTO_FREE char *saved = xasprintf("%s.saved", unsaved);

	if (argv->len == 0 || strcmp(argv->v[argv->len - 1], UNSAVED_FILE) != 0)
		return 0;
	return rename(unsaved, saved) == 0 || errno == ENOENT ? 0 : err_sys(e, "rename %s", unsaved);
}

bool
workspace_is_spent(const char *folder)
{
	AUTO_FREE char *path = file_join(folder, STATE_FILE);
	AUTO_FREE char *unsaved = file_join(folder, UNSAVED_FILE);
	CLEANUP(buf_clear) struct buf text = BUF_INIT(STATE_MAX_BYTES);

	if (file_exists(unsaved))
		return false;
	if (!file_exists(path))
		return true;
	AUTO_JSON cJSON *state = read_state(path, &text);
	const cJSON *resource, *resources = json_at(state, "resources");
	bool spent = state != NULL;

	cJSON_ArrayForEach (resource, resources) {
		const char *mode = json_str(resource, "mode");

		spent = spent && mode != NULL && strcmp(mode, "managed") != 0;
	}
	return spent;
}
