/*
 * What the commands share: where things lie, what is configured, the library
 * and the store, each made ready only for commands that need it.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/status.h"
#include "core/library.h"
#include "core/config.h"
#include "core/failure_table.h"
#include "engine/audit.h"
#include "engine/paths.h"
#include "engine/planner.h"
#include "store/store.h"

/* How long a command of one transaction waits for other writers. */
#define CLI_WAIT_MS 30000

struct cli {
	struct paths paths;
	struct config config;
	bool config_ready;
	struct library library;
	bool library_ready;
	struct failure_table *failures; /* what failures mean; ready with the library, as is the next */
	struct contracts contracts;     /* of MCP tools, as they are pinned */
	struct store *store;            /* NULL until it is open */
	bool quiet, verbose;
};

/*
 * Each makes ready what its name says and what that needs. If it cannot, it
 * tells the user and returns a status other than STATUS_DONE.
 */
enum status cli_need_config(struct cli *cli);
enum status cli_need_library(struct cli *cli);
enum status cli_need_store(struct cli *cli, enum store_mode mode);
/* To write, but only if there is one already: looking for something must not make a store. */
enum status cli_need_existing_store(struct cli *cli);
/*
 * To read, if there is one: before the first day nothing is spent and nothing
 * waits, which is no fault. 0, and cli->store may be NULL; -1 and an error, of
 * which nobody was told.
 */
int cli_open_any_store(struct cli *cli, struct err *e);
void cli_clear(struct cli *cli);

struct planner cli_planner(const struct cli *cli);
struct audit_limits cli_audit_limits(const struct cli *cli);
/*
 * After a write: wakes the runners that wait, brings the audit log up to date (a
 * log that is busy is fine, one that fails is told) and the write-ahead log into
 * the store, which every later command would have to read again.
 */
void cli_settle(struct cli *cli);
/* Who types: the login name (behind sudo: of the person), for the audit record. The caller's own. */
char *cli_user(void);
/* The objective REF means; tells the user if there is none. O must be cleared in any case. */
enum status cli_find(struct cli *cli, const char *ref, struct objective *o);

/* A batch that is not there is a slip; an empty queue is none. Tells the user if there is none. */
enum status cli_need_batch(struct cli *cli, const char *batch);

/* The configuration alone, without telling: 0, or -1 with faults. For doctor. */
int cli_read_config(const char *path, bool named, struct config *config, struct faults *faults);
/* Takes over what [budget] says by now; nothing else changes. -1 and the first fault: the file cannot be used any more. */
int cli_reread_budget(struct cli *cli, struct err *e);
/*
 * The settings know the form of a strategy's name, only here it is known which
 * there are. A limit that holds for none would never be missed: the first name
 * that no strategy has, or NULL. Borrowed from CONFIG.
 */
const char *cli_unknown_limit(const struct config *config);
/* The folders of capabilities, the user's own first. */
void cli_template_folders(const struct cli *cli, struct strv *folders);

#endif
