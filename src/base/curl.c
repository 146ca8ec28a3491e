#include "config.h"

#include "base/curl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

#define LIBRARY "libcurl.so.4" /* the same interface since 2006 */

static const struct {
	const char *name;
	size_t offset; /* of the pointer in struct curl_library */
} symbols[] = {
	{ "curl_global_init", offsetof(struct curl_library, global_init) },
	{ "curl_easy_init", offsetof(struct curl_library, init) },
	{ "curl_easy_cleanup", offsetof(struct curl_library, cleanup) },
	{ "curl_easy_perform", offsetof(struct curl_library, perform) },
	{ "curl_easy_strerror", offsetof(struct curl_library, strerror) },
	{ "curl_easy_setopt", offsetof(struct curl_library, setopt) },
	{ "curl_easy_getinfo", offsetof(struct curl_library, getinfo) },
	{ "curl_slist_append", offsetof(struct curl_library, slist_append) },
	{ "curl_slist_free_all", offsetof(struct curl_library, slist_free_all) },
	{ "curl_multi_init", offsetof(struct curl_library, multi_init) },
	{ "curl_multi_cleanup", offsetof(struct curl_library, multi_cleanup) },
	{ "curl_multi_add_handle", offsetof(struct curl_library, multi_add) },
	{ "curl_multi_remove_handle", offsetof(struct curl_library, multi_remove) },
	{ "curl_multi_socket_action", offsetof(struct curl_library, multi_act) },
	{ "curl_multi_info_read", offsetof(struct curl_library, multi_read) },
	{ "curl_multi_assign", offsetof(struct curl_library, multi_assign) },
	{ "curl_multi_setopt", offsetof(struct curl_library, multi_setopt) },
};

/* Data and function pointers have one size wherever dlsym() is. */
static bool
find_all(void *library, struct curl_library *to)
{
	for (size_t i = 0; i < COUNT_OF(symbols); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (symbol == NULL)
			return false;
		memcpy((char *)to + symbols[i].offset, &symbol, sizeof(symbol));
	}
	return true;
}

const struct curl_library *
curl_load(struct err *e)
{
	static struct curl_library curl;
	static void *library;

	if (library != NULL)
		return &curl;
	library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) {
		err_set(e, ERR_SYSTEM, "HTTP needs libcurl: %s", dlerror());
		return NULL;
	}
	if (find_all(library, &curl) && curl.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK)
		return &curl;
	dlclose(library);
	library = NULL;
	err_set(e, ERR_SYSTEM, "HTTP needs libcurl, and %s is not as expected", LIBRARY);
	return NULL;
}
