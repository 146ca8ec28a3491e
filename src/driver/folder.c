#include "config.h"
#include "driver/folder.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"
#include "step/protocol.h"

/* Mostly only the objective's folder is missing above it, and looking at all those above costs more than making it. */
static int
make_above(const char *folder, struct err *e)
{
	AUTO_FREE char *above = xstrdup(folder);

	*strrchr(above, '/') = '\0';
	if (mkdir(above, 0700) == 0 || errno == EEXIST)
		return 0;
	return file_make_folder(above, e);
}

int
folder_make(const char *folder, struct err *e)
{
	if (mkdir(folder, 0700) == 0)
		return 0;
	if (errno != ENOENT)
		return err_sys(e, "make folder %s", folder);
	if (make_above(folder, e) == -1)
		return -1;
	return mkdir(folder, 0700) == 0 ? 0 : err_sys(e, "make folder %s", folder);
}

/* A file of the plan stays in the folder, and takes no name of ours. */
static bool
is_free_name(const char *name)
{
	static const char *const taken[] = {
		"",
		".",
		"..",
		STEP_LOCK_NAME,
		STEP_STARTED_NAME,
		STEP_STDOUT_NAME,
		STEP_STDERR_NAME,
		STEP_RESULT_NAME,
		STEP_SETTINGS_NAME,
	};

	for (size_t i = 0; i < COUNT_OF(taken); i++)
		if (strcmp(name, taken[i]) == 0)
			return false;
	return strchr(name, '/') == NULL;
}

int
folder_write_files(const char *folder, const cJSON *files, struct err *e)
{
	const cJSON *file;

	cJSON_ArrayForEach (file, files) {
		if (!is_free_name(file->string))
			return err_set(e, ERR_INPUT, "\"%s\" cannot be the name of a step's file",
			    file->string);
		AUTO_FREE char *path = file_join(folder, file->string);
		AUTO_FREE char *text = json_text(file);

		if (file_create(path, text, strlen(text), 0600, e) == -1)
			return -1;
	}
	return 0;
}
