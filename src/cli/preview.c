#include "config.h"

#include "cli/preview.h"

#include <string.h>

#include "base/file.h"
#include "base/id.h"

bool
preview_is_objective(const struct preview_options *o, const char *what)
{
	if (o->file != NULL || strcmp(what, "-") == 0 || file_exists(what))
		return false;
	if (id_is_valid(what) || id_is_tail(what))
		return true;
	return *what != '/' && *what != '.' && strchr(what, '/') != NULL &&
	    strstr(what, ".toml") == NULL && strstr(what, ".json") == NULL;
}
