/* azureProfile.json holds no secrets: names, tenants and the kind of each account. */
#include "config.h"

#include "cli/login.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"

#define PROFILE_MAX (4u * 1024 * 1024)
#define MARK "\xef\xbb\xbf" /* of UTF-8, with which az begins the file */

/* The caller's own; NULL: nobody knows where. */
static char *
profile_path(void)
{
	const char *folder = getenv("AZURE_CONFIG_DIR"), *home = getenv("HOME");

	if (folder != NULL && *folder != '\0')
		return file_join(folder, "azureProfile.json");
	return home != NULL ? xasprintf("%s/.azure/azureProfile.json", home) : NULL;
}

static cJSON *
read_profile(void)
{
	CLEANUP(buf_clear) struct buf text = BUF_INIT(PROFILE_MAX);
	AUTO_FREE char *path = profile_path();
	struct err e = { 0 };
	size_t skip;

	if (path == NULL || file_read(path, PROFILE_MAX, &text, &e) < 0)
		return NULL;
	skip = strncmp(buf_str(&text), MARK, strlen(MARK)) == 0 ? strlen(MARK) : 0;
	return json_parse(buf_str(&text) + skip, text.len - skip, 1, &e);
}

static const cJSON *
default_account(const cJSON *profile)
{
	const cJSON *account;

	cJSON_ArrayForEach (account, json_at(profile, "subscriptions"))
		if (json_bool(account, "isDefault", false))
			return account;
	return NULL;
}

/* As az names a managed identity, which it keeps as a service principal. */
static bool
is_managed(const char *user)
{
	return strcmp(user, "systemAssignedIdentity") == 0 ||
	    strcmp(user, "userAssignedIdentity") == 0;
}

void
login_command(struct strv *argv)
{
	AUTO_JSON cJSON *profile = read_profile();
	const cJSON *account = default_account(profile);
	const char *user = json_str(account, "user.name"), *type = json_str(account, "user.type"),
		   *tenant = json_str(account, "tenantId");
	bool principal = user != NULL && type != NULL && strcmp(type, "servicePrincipal") == 0;

	strv_add(argv, "az");
	strv_add(argv, "login");
	if (principal && is_managed(user)) {
		strv_add(argv, "--identity");
		return;
	}
	if (principal) {
		strv_add(argv, "--service-principal");
		strv_addf(argv, "--username=%s", user);
		strv_add(argv, "--password=PASSWORD");
	}
	if (tenant != NULL)
		strv_addf(argv, "--tenant=%s", tenant);
}

char *
login_subscription(void)
{
	AUTO_JSON cJSON *profile = read_profile();

	return xstrdup(json_str(default_account(profile), "id"));
}
