/*
 * The configuration file. Each setting is one row of a table with its type,
 * its range, its default and its help; what is not in the table is a fault.
 */
#ifndef CORE_CONFIG_H
#define CORE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/doc.h"
#include "base/faults.h"
#include "base/strv.h"
#include "core/budget.h"
#include "core/mcp_server.h"
#include "core/naming.h"
#include "core/retry_policy.h"

struct config {
	int64_t jobs;            /* objectives at a time */
	int64_t lease_ms;        /* a runner that does not renew for so long may be overtaken */
	int64_t step_timeout_ms; /* for steps that set none */
	char *host;              /* this machine's identity; NULL: its machine-id, else its name */
	char *subscription;      /* passed to az; NULL: the one it is logged in to */
	struct strv templates; /* folders of capabilities, looked into before the installed ones */
	int64_t audit_max_bytes; /* of one audit file */
	int64_t audit_files;     /* kept, the present one included */
	struct retry_policy retry;
	cJSON *limit_strategy; /* name -> objectives at a time; NULL: no limits */
	cJSON *limit_group; /* resource group, case ignored -> the same; "default" for all others */
	struct strv notify_command; /* empty: none */
	struct strv notify_on;      /* "failed", "held", "orphaned", "batch", "budget" */
	int64_t notify_timeout_ms;
	cJSON
	    *terraform_backend; /* {"type": ..., its arguments}; NULL: a file in the work folder */
	char *terraform_plugin_cache; /* a folder; NULL: none */
	struct mcp_servers mcp_servers;
	int64_t mcp_timeout_ms; /* of calls of servers that set none; it is in their timeout_ms already */
	bool mcp_match; /* a tool may be found by name and schema, where a capability names none */
	bool docs; /* the documentation is searched for what fails, without being told to */
	char *docs_url;
	int64_t docs_timeout_ms;
	struct naming naming;
	struct budget budget;
};

/* Of terraform's backend. In its texts BACKEND_ID stands for the objective's id: each has a state of its own. */
#define BACKEND_TYPE "type"
#define BACKEND_ID "{id}"

/* How many may run at a time of NAME in one of the tables above; 0: as many as you like. */
int64_t config_limit(const cJSON *limits, const char *name);

/* All defaults. */
void config_init(struct config *c);
void config_clear(struct config *c);
/* Takes over what DOC sets. All faults at once, with file, line and column. 0 or -1. */
int config_apply(struct config *c, const struct doc *doc, struct faults *faults);

enum setting_type {
	SETTING_INTEGER,
	SETTING_DURATION,
	SETTING_SIZE,
	SETTING_NAME,
	SETTING_PATTERN, /* what names are made of */
	SETTING_FOLDERS,
	SETTING_LIMITS,  /* a table of counts */
	SETTING_ARGV,    /* a program and its arguments */
	SETTING_EVENTS,  /* what to be notified of */
	SETTING_BACKEND, /* of terraform: a table */
	SETTING_FOLDER,  /* an absolute path */
	SETTING_BOOLEAN,
	SETTING_SERVERS, /* of MCP: a list of tables */
	SETTING_URL,     /* https, or http of this machine */
	/* Of [budget], which budget_apply() reads as a whole: */
	SETTING_WORD,
	SETTING_AMOUNT,
	SETTING_AMOUNTS, /* a table of amounts */
	SETTING_LABELS,  /* a table of such tables */
	SETTING_PERCENTS,
	SETTING_TYPES
};

/* The rows, for help and manual. */
struct setting {
	const char *section, *key;
	enum setting_type type;
	const char *default_value; /* the default as one would write it; NULL: none */
	const char *help;
	int64_t min, max; /* of integers, durations (ms) and sizes (bytes) */
	int64_t bare_ms;  /* of durations: what a bare number counts; 0: it is refused */
	size_t offset;    /* of the member of struct config */
};
/* As shown: "integer", "duration", ... */
const char *setting_type_name(enum setting_type type);
extern const struct setting config_settings[]; /* ends with section NULL */

#endif
