/*
 * libcurl, loaded when it is first wanted and not linked: its start-up with all
 * the libraries it needs takes longer than most commands run. The header's
 * macros for checking types do not reach through these pointers.
 */
#ifndef BASE_CURL_H
#define BASE_CURL_H

#include <curl/curl.h>

#include "base/err.h"

struct curl_library {
	__typeof__(curl_global_init) *global_init;
	__typeof__(curl_easy_init) *init;
	__typeof__(curl_easy_cleanup) *cleanup;
	__typeof__(curl_easy_perform) *perform;
	__typeof__(curl_easy_strerror) *strerror;
	CURLcode (*setopt)(CURL *handle, CURLoption option, ...);
	CURLcode (*getinfo)(CURL *handle, CURLINFO info, ...);
	struct curl_slist *(*slist_append)(struct curl_slist *list, const char *text);
	void (*slist_free_all)(struct curl_slist *list);
	__typeof__(curl_multi_init) *multi_init;
	__typeof__(curl_multi_cleanup) *multi_cleanup;
	__typeof__(curl_multi_add_handle) *multi_add;
	__typeof__(curl_multi_remove_handle) *multi_remove;
	__typeof__(curl_multi_socket_action) *multi_act;
	__typeof__(curl_multi_info_read) *multi_read;
	__typeof__(curl_multi_assign) *multi_assign;
	CURLMcode (*multi_setopt)(CURLM *multi, CURLMoption option, ...);
};

/* The same each time; NULL and ERR_SYSTEM if there is no libcurl, or not the one that is expected. */
const struct curl_library *curl_load(struct err *e);

#endif
