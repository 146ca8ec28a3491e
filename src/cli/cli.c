#include "config.h"

#include "cli/cli.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/doc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/say.h"
#include "engine/library.h"
#include "engine/wake.h"

#define CONFIG_FILE_MAX (1024u * 1024)

int
cli_read_config(const char *path, bool named, struct config *config, struct faults *faults)
{
	struct err e = { 0 };
	struct doc doc;
	struct stat st;
	int rc;

	config_init(config);
	/* Only a file that nobody named may be missing; one that cannot be read, or a link to nowhere, never passes for none. */
	if (!named && lstat(path, &st) < 0 && errno == ENOENT)
		return 0;
	if (doc_read(path, CONFIG_FILE_MAX, &doc, &e) < 0)
		return faults_add(faults, NULL, "%s", e.msg);
	rc = config_apply(config, &doc, faults);
	doc_clear(&doc);
	return rc;
}

enum status
cli_need_config(struct cli *cli)
{
	struct faults faults = { 0 };
	enum status status = STATUS_DONE;

	if (cli->config_ready)
		return STATUS_DONE;
	if (cli_read_config(cli->paths.config, cli->paths.config_named, &cli->config, &faults) < 0)
		status = say_faults(&faults);
	cli->config_ready = true;
	faults_clear(&faults);
	return status;
}

int
cli_reread_budget(struct cli *cli, struct err *e)
{
	CLEANUP(faults_clear) struct faults faults = { 0 };
	struct config config;
	int rc = cli_read_config(cli->paths.config, cli->paths.config_named, &config, &faults);

	if (rc < 0) {
		err_set(e, ERR_INPUT, "%s", faults.list.v[0]);
	} else {
		struct budget before = cli->config.budget;

		cli->config.budget = config.budget;
		config.budget = before;
	}
	config_clear(&config);
	return rc;
}

const char *
cli_unknown_limit(const struct config *config)
{
	const cJSON *limit;

	cJSON_ArrayForEach (limit, config->limit_strategy) {
		size_t i = 0;

		while (strategies[i] != NULL && strcmp(strategies[i]->name, limit->string) != 0)
			i++;
		if (strategies[i] == NULL && strcmp(limit->string, "default") != 0)
			return limit->string;
	}
	return NULL;
}

void
cli_template_folders(const struct cli *cli, struct strv *folders)
{
	strv_copy(folders, &cli->config.templates);
	strv_add(folders, cli->paths.templates);
}

static int
load_failures(struct cli *cli, struct faults *faults)
{
	cli->failures = library_load_failures(cli->paths.failures, faults);
	return cli->failures != NULL ? 0 : -1;
}

/* By a look of its own: of a store that is not there, or not to be read, nothing is known. */
static void
learn_contracts(struct cli *cli)
{
	struct store *s = NULL;

	if (cli->config.mcp_servers.len == 0 ||
	    store_open(cli->paths.state, STORE_READ, &s, NULL) < 0)
		return;
	(void)store_contracts(s, &cli->contracts, NULL);
	store_close(s);
}

enum status
cli_need_library(struct cli *cli)
{
	struct faults faults = { 0 };
	struct strv folders = { 0 };
	enum status status = cli_need_config(cli);

	if (status != STATUS_DONE || cli->library_ready)
		return status;
	cli_template_folders(cli, &folders);
	if (library_load(&cli->library, &folders, strategies, &faults) < 0 ||
	    load_failures(cli, &faults) < 0)
		status = say_faults(&faults);
	cli->library.naming = &cli->config.naming;
	cli->library_ready = true;
	learn_contracts(cli);
	strv_clear(&folders);
	faults_clear(&faults);
	return status;
}

/* What this process changes it is to tell of, if there is anybody to tell. */
static unsigned
wanted_notices(const struct config *config)
{
	unsigned kinds = 0;

	if (config->notify_command.len == 0)
		return 0;
	for (size_t i = 0; i < config->notify_on.len; i++) {
		enum notice_kind kind = notice_kind_from_name(config->notify_on.v[i]);

		if (kind < NOTICE_KINDS)
			kinds |= 1u << kind;
	}
	return kinds;
}

enum status
cli_need_store(struct cli *cli, enum store_mode mode)
{
	struct err e = { 0 };
	enum status status = cli_need_config(cli);

	if (status != STATUS_DONE || cli->store != NULL)
		return status;
	if (mode == STORE_WRITE && file_make_folder(cli->paths.state, &e) < 0)
		return say_error(&e);
	if (store_open(cli->paths.state, mode, &cli->store, &e) == 0) {
		store_want_notices(cli->store, wanted_notices(&cli->config));
		return STATUS_DONE;
	}
	if (e.kind == ERR_NOT_FOUND) {
		say("%s: nothing was submitted yet", cli->paths.state);
		say_next("purser submit FILE");
		return STATUS_USAGE;
	}
	return say_error(&e);
}

enum status
cli_need_existing_store(struct cli *cli)
{
	enum status status = cli_need_store(cli, STORE_READ);

	if (status != STATUS_DONE)
		return status;
	store_close(cli->store);
	cli->store = NULL;
	return cli_need_store(cli, STORE_WRITE);
}

int
cli_open_any_store(struct cli *cli, struct err *e)
{
	struct err why = { 0 };

	if (cli->store != NULL ||
	    store_open(cli->paths.state, STORE_READ, &cli->store, &why) == 0 ||
	    why.kind == ERR_NOT_FOUND)
		return 0;
	*e = why;
	return -1;
}

void
cli_clear(struct cli *cli)
{
	store_close(cli->store);
	library_clear(&cli->library);
	failure_table_free(cli->failures);
	contracts_clear(&cli->contracts);
	config_clear(&cli->config);
	paths_clear(&cli->paths);
}

struct planner
cli_planner(const struct cli *cli)
{
	return (struct planner){
		.library = &cli->library,
		.config = &cli->config,
		.strategies = strategies,
		.failures = cli->failures,
		.contracts = &cli->contracts,
		.prices = "",
	};
}

struct audit_limits
cli_audit_limits(const struct cli *cli)
{
	return (struct audit_limits){
		.max_bytes = cli->config.audit_max_bytes,
		.files = cli->config.audit_files,
	};
}

void
cli_settle(struct cli *cli)
{
	struct audit_limits limits = cli_audit_limits(cli);
	struct err e = { 0 };

	if (cli->store == NULL)
		return;
	/* First of all: what a runner may begin now does not wait for our tidying. */
	wake_all(&cli->paths);
	/* If it fails nothing is lost: the records stay in the store's outbox. */
	if (audit_flush(cli->store, cli->paths.state, &limits, &e) < 0 && e.kind != ERR_BUSY)
		log_warn("audit log", "%s", e.msg);
	store_checkpoint(cli->store);
}

char *
cli_user(void)
{
	const char *person = getenv("SUDO_USER");
	const struct passwd *entry;

	if (geteuid() == 0 && person != NULL && *person != '\0')
		return xstrdup(person);
	entry = getpwuid(geteuid());
	return entry != NULL ? xstrdup(entry->pw_name) : xasprintf("uid %u", (unsigned)geteuid());
}

enum status
cli_find(struct cli *cli, const char *ref, struct objective *o)
{
	struct err e = { 0 };
	enum status status;

	objective_init(o);
	if (store_find(cli->store, ref, o, &e) == 0)
		return STATUS_DONE;
	status = say_error(&e);
	if (e.kind == ERR_NOT_FOUND)
		say_next("purser list");
	return status;
}

enum status
cli_need_batch(struct cli *cli, const char *batch)
{
	int64_t counts[STATES], all = 0;
	struct err e = { 0 };

	if (store_counts(cli->store, batch, counts, &e) < 0) {
		enum status status = say_error(&e);

		if (e.kind == ERR_NOT_FOUND)
			say_next("purser list --batches");
		return status;
	}
	for (enum state st = 0; st < STATES; st++)
		all += counts[st];
	if (all > 0)
		return STATUS_DONE;
	say("there is no batch %s", batch);
	say_next("purser list --batches");
	return STATUS_USAGE;
}
