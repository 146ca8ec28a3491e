/* The checks of the tools that purser starts. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/doctor.h"
#include "cli/probe.h"
#include "driver/process.h"
#include "step/protocol.h"

#define TOOL_OUTPUT_MAX (256u * 1024)
#define STEP_TIMEOUT_MS 10000
#define AZ_TIMEOUT_MS 60000
/* The version of Debian 12, whose Python libraries lack what it asks them for. */
#define DEBIAN_VERSION "2.45.0"

/* One execution in a folder of its own, as the driver would start it. */
static int
try_step(const char *step, const char *folder, struct err *e)
{
	const char *const argv[] = { step, "00000000-0000-7000-8000-000000000000", "5000", "1000",
		"--", "/bin/true", NULL };
	AUTO_FREE char *lock = file_join(folder, STEP_LOCK_NAME);
	AUTO_FREE char *result = file_join(folder, STEP_RESULT_NAME);
	CLEANUP(fd_cleanup) int lock_fd = file_lock(lock, e);
	struct probe probe = {
		.argv = argv, .folder = folder, .lock_fd = lock_fd, .timeout_ms = STEP_TIMEOUT_MS
	};
	struct buf out = BUF_INIT(TOOL_OUTPUT_MAX);
	int status;

	if (lock_fd < 0)
		return -1;
	status = probe_run(&probe, &out, &out, e);
	if (status > 0)
		err_set(e, ERR_SYSTEM, "it ended with status %d: %s", status, buf_str(&out));
	else if (status == 0 && !file_exists(result))
		status = err_set(e, ERR_SYSTEM, "it recorded no result");
	buf_clear(&out);
	return status == 0 ? 0 : -1;
}

void
check_step(struct patient *p, struct diagnosis *d)
{
	const char *step = p->cli->paths.step;
	char folder[] = "/tmp/purser-doctor-XXXXXX";
	struct err e = { 0 };

	if (access(step, X_OK) < 0) {
		diagnosis_set(d, HEALTH_FAIL, "%s is not there or cannot be started", step);
		diagnosis_mend(d, "install purser as a whole, or name the helper by PURSER_STEP");
		return;
	}
	if (mkdtemp(folder) == NULL) {
		diagnosis_set(d, HEALTH_WARN, "%s: not tried, no folder can be made in /tmp", step);
		return;
	}
	if (try_step(step, folder, &e) < 0) {
		diagnosis_set(d, HEALTH_FAIL, "%s: %s", step, e.msg);
		diagnosis_mend(d, "install purser and purser-step of the same version");
	} else {
		diagnosis_set(d, HEALTH_OK, "%s works", step);
	}
	file_remove_tree(folder, NULL);
}

/* What a tool answered with JSON: the caller's own, or NULL with E filled; a refusal is ERR_INPUT with its words. */
static cJSON *
ask_tool(const struct strategy *strategy, const char *const *argv, struct err *e)
{
	struct probe probe = { .argv = argv,
		.environment = strategy->environment,
		.lock_fd = -1,
		.timeout_ms = AZ_TIMEOUT_MS };
	struct buf out = BUF_INIT(TOOL_OUTPUT_MAX), err = BUF_INIT(TOOL_OUTPUT_MAX);
	cJSON *answer = NULL;
	int status = probe_run(&probe, &out, &err, e);

	if (status == 0)
		answer = json_parse(buf_str(&out), out.len, 1, e);
	else if (status > 0)
		err_set(e, ERR_INPUT, "%.*s", (int)strcspn(buf_str(&err), "\n"), buf_str(&err));
	buf_clear(&out);
	buf_clear(&err);
	return answer;
}

void
check_az(struct patient *p, struct diagnosis *d)
{
	static const char *const argv[] = { "az", "version", "--output=json", NULL };
	AUTO_FREE char *path = process_which("az");
	AUTO_JSON cJSON *answer = NULL;
	const char *version;
	struct err e = { 0 };

	(void)p;
	if (path == NULL) {
		diagnosis_set(d, HEALTH_FAIL,
		    "there is no az on PATH: nothing but what terraform does can be run");
		diagnosis_mend(d,
		    "apt-get install azure-cli, or see https://learn.microsoft.com/cli/azure/install-azure-cli");
		return;
	}
	answer = ask_tool(&azure_cli, argv, &e);
	version = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(answer, "azure-cli"));
	if (version == NULL) {
		diagnosis_set(d, HEALTH_FAIL, "%s does not tell its version: %s", path, e.msg);
		diagnosis_mend(
		    d, "run az version by hand, and install azure-cli again if it fails");
	} else if (strcmp(version, DEBIAN_VERSION) == 0) {
		diagnosis_set(d, HEALTH_NOTE,
		    "%s, version %s. As Debian 12 packs it, az network and most az vm commands "
		    "fail; purser's own capabilities do without them",
		    path, version);
	} else {
		diagnosis_set(d, HEALTH_OK, "%s, version %s", path, version);
	}
}

static const char *
known_or(const char *text, const char *fallback)
{
	return text != NULL ? text : fallback;
}

void
check_login(struct patient *p, struct diagnosis *d)
{
	const char *configured;
	static const char *const argv[] = { "az", "account", "show", "--output=json", NULL };
	AUTO_FREE char *path = process_which("az");
	AUTO_JSON cJSON *answer = NULL;
	struct err e = { 0 };

	if (path == NULL) {
		diagnosis_set(d, HEALTH_FAIL, "not looked at, there is no az");
		return;
	}
	answer = ask_tool(&azure_cli, argv, &e);
	if (answer == NULL) {
		diagnosis_set(
		    d, HEALTH_FAIL, "%s", *e.msg != '\0' ? e.msg : "az account show failed");
		diagnosis_mend(d,
		    "az login; for jobs: az login --service-principal, or --identity on an Azure machine");
		return;
	}
	configured = p->config_sound ? p->config.subscription : NULL;
	diagnosis_set(d, HEALTH_OK, "%s, subscription %s (%s)%s%s",
	    known_or(json_str(answer, "user.name"), "unknown user"),
	    known_or(json_str(answer, "name"), "without a name"),
	    known_or(json_str(answer, "id"), "without an id"),
	    configured != NULL ? "; steps use the configured one, " : "", known_or(configured, ""));
}

/* It is not needed: a run passes it over where az can do the same. */
void
check_terraform(struct patient *p, struct diagnosis *d)
{
	static const char *const argv[] = { "terraform", "version", "-json", NULL };
	AUTO_FREE char *path = process_which("terraform");
	AUTO_JSON cJSON *answer = NULL;
	const char *version;
	struct err e = { 0 };

	(void)p;
	if (path == NULL) {
		diagnosis_set(d, HEALTH_NOTE,
		    "there is no terraform on PATH: what only terraform can do fails");
		return;
	}
	answer = ask_tool(&terraform, argv, &e);
	version = json_str(answer, "terraform_version");
	if (version != NULL) {
		diagnosis_set(d, HEALTH_OK, "%s, version %s", path, version);
		return;
	}
	diagnosis_set(d, HEALTH_FAIL, "%s does not tell its version: %s", path, e.msg);
	diagnosis_mend(d, "run terraform version by hand; see https://developer.hashicorp.com/terraform/install");
}
