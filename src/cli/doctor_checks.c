/* The checks of what is purser's own. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/doctor.h"
#include "engine/library.h"

/* Below the first, new work may stop at any time; below the second, it does. */
#define FREE_WARN (200ll * 1000 * 1000)
#define FREE_FAIL (20ll * 1000 * 1000)

static void
set_faults(struct diagnosis *d, const struct faults *faults)
{
	if (faults->count > 1)
		diagnosis_set(
		    d, HEALTH_FAIL, "%s (and %zu more)", faults->list.v[0], faults->count - 1);
	else
		diagnosis_set(
		    d, HEALTH_FAIL, "%s", faults->count > 0 ? faults->list.v[0] : "unknown fault");
}

static void
check_config(struct patient *p, struct diagnosis *d)
{
	const struct paths *paths = &p->cli->paths;
	struct faults faults = { 0 };
	const char *limit;

	if (cli_read_config(paths->config, paths->config_named, &p->config, &faults) < 0) {
		set_faults(d, &faults);
		diagnosis_mend(d, "edit %s", paths->config);
	} else if ((limit = cli_unknown_limit(&p->config)) != NULL) {
		p->config_sound = true;
		diagnosis_set(d, HEALTH_FAIL, "%s: limits.strategy: there is no strategy %s",
		    paths->config, limit);
		diagnosis_mend(d, "edit [limits.strategy] in %s: run refuses it", paths->config);
	} else {
		p->config_sound = true;
		diagnosis_set(d, HEALTH_OK,
		    file_exists(paths->config) ? "%s" : "%s: none, so all defaults hold",
		    paths->config);
	}
	faults_clear(&faults);
}

static void
check_state(struct patient *p, struct diagnosis *d)
{
	const char *state = p->cli->paths.state, *fs;
	struct stat st;

	if (file_is_remote(state, &fs)) {
		diagnosis_set(d, HEALTH_FAIL,
		    "%s lies on %s: locks and syncs cannot be relied on there", state, fs);
		diagnosis_mend(
		    d, "choose a folder on a local disk by --state-dir or PURSER_STATE_DIR");
	} else if (stat(state, &st) < 0 && errno == ENOENT) {
		diagnosis_set(
		    d, HEALTH_OK, "%s: not there yet, the first submission makes it", state);
	} else if (stat(state, &st) < 0) {
		diagnosis_set(d, HEALTH_FAIL, "%s: %s", state, strerror(errno));
	} else if (!S_ISDIR(st.st_mode)) {
		diagnosis_set(d, HEALTH_FAIL, "%s is not a folder", state);
	} else if (st.st_uid != geteuid()) {
		diagnosis_set(d, HEALTH_FAIL, "%s belongs to user %u, not to you", state,
		    (unsigned)st.st_uid);
		diagnosis_mend(d, "work as that user, or choose another folder by --state-dir");
	} else if ((st.st_mode & 0077) != 0) {
		diagnosis_set(d, HEALTH_WARN, "%s may be entered by others (mode %04o)", state,
		    (unsigned)st.st_mode & 07777);
		diagnosis_mend(d, "chmod 700 %s", state);
	} else if (access(state, R_OK | W_OK | X_OK) < 0) {
		diagnosis_set(d, HEALTH_FAIL, "%s: %s", state, strerror(errno));
		diagnosis_mend(d, "chmod 700 %s", state);
	} else {
		diagnosis_set(d, HEALTH_OK, "%s", state);
	}
}

/* The folder, or the nearest one above it that is there. */
static int
space_above(const char *path, struct statvfs *fs)
{
	AUTO_FREE char *above = xstrdup(path);
	char *slash;

	while (statvfs(above, fs) < 0) {
		slash = strrchr(above, '/');
		if (slash == NULL || errno != ENOENT)
			return -1;
		slash[slash == above] = '\0';
	}
	return 0;
}

static void
check_disk(struct patient *p, struct diagnosis *d)
{
	struct statvfs fs;
	int64_t bytes;

	if (space_above(p->cli->paths.state, &fs) < 0) {
		diagnosis_set(d, HEALTH_FAIL, "%s: %s", p->cli->paths.state, strerror(errno));
		return;
	}
	bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
	diagnosis_set(d,
	    bytes < FREE_FAIL       ? HEALTH_FAIL
		: bytes < FREE_WARN ? HEALTH_WARN
				    : HEALTH_OK,
	    "%" PRId64 " MB free", bytes / 1000000);
	if (bytes < FREE_WARN)
		diagnosis_mend(d,
		    "make room on the disk of %s; a full one stops the run without losing anything",
		    p->cli->paths.state);
}

static void
check_store(struct patient *p, struct diagnosis *d)
{
	struct err e = { 0 };

	if (store_open(p->cli->paths.state, STORE_READ, &p->store, &e) == 0 &&
	    store_verify(p->store, &e) == 0) {
		diagnosis_set(d, HEALTH_OK, "sound, schema %d", store_schema(p->store));
	} else if (e.kind == ERR_NOT_FOUND) {
		diagnosis_set(d, HEALTH_OK, "none yet, nothing was submitted");
	} else {
		diagnosis_set(d, HEALTH_FAIL, "%s", e.msg);
		if (e.kind == ERR_CORRUPT)
			diagnosis_mend(d,
			    "restore %s from a backup; or begin anew: purser doctor --set-aside. What "
			    "stands in the cloud carries the tag purser-objective",
			    p->cli->paths.state);
		store_close(p->store);
		p->store = NULL;
	}
}

static void
check_audit(struct patient *p, struct diagnosis *d)
{
	struct audit_report report = { 0 };
	struct faults faults = { 0 };
	struct err e = { 0 };

	if (p->store == NULL) {
		diagnosis_set(d, HEALTH_OK, "nothing to compare with");
		return;
	}
	if (audit_verify(p->store, p->cli->paths.state, &report, &faults, &e) == 0) {
		diagnosis_set(
		    d, HEALTH_OK, "proven up to record %" PRId64, report.last + report.pending);
	} else if (faults.count > 0) {
		set_faults(d, &faults);
		diagnosis_mend(d,
		    "keep a copy of the state folder before anything else; see purser audit verify");
	} else {
		diagnosis_set(d, HEALTH_FAIL, "%s", e.msg);
	}
	faults_clear(&faults);
}

static void
check_templates(struct patient *p, struct diagnosis *d)
{
	struct faults faults = { 0 };
	struct strv folders = { 0 };
	struct library library;

	if (p->config_sound)
		strv_copy(&folders, &p->config.templates);
	strv_add(&folders, p->cli->paths.templates);
	if (library_load(&library, &folders, strategies, &faults) < 0) {
		set_faults(d, &faults);
		diagnosis_mend(d,
		    "folders of your own: [templates] folders in %s; the installed one: PURSER_TEMPLATES "
		    "names another; purser capabilities check DIR explains any fault in one",
		    p->cli->paths.config);
	} else if (library.len == 0) {
		diagnosis_set(d, HEALTH_WARN, "no capabilities in %s", p->cli->paths.templates);
		library_clear(&library);
	} else {
		diagnosis_set(
		    d, HEALTH_OK, "%zu capabilit%s", library.len, library.len == 1 ? "y" : "ies");
		library_clear(&library);
	}
	strv_clear(&folders);
	faults_clear(&faults);
}

const struct checkup checkups[] = {
	{ "configuration", check_config },
	{ "state folder", check_state },
	{ "disk", check_disk },
	{ "store", check_store },
	{ "audit log", check_audit },
	{ "purser-step", check_step },
	{ "capabilities", check_templates },
	{ "az", check_az },
	{ "az login", check_login },
	{ "terraform", check_terraform },
	{ NULL, NULL },
};
