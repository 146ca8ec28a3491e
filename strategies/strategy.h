/*
 * What a strategy is: it turns an objective into a plan and reads the results
 * of its steps. It is pure: no I/O, no clock, no globals.
 */
#ifndef STRATEGIES_STRATEGY_H
#define STRATEGIES_STRATEGY_H

#include "base/faults.h"
#include "core/capability.h"
#include "core/contract.h"
#include "core/execution.h"
#include "core/failure_table.h"
#include "core/mcp_server.h"
#include "core/objective.h"
#include "core/plan.h"

/* The outputs of an objective that the one to be planned refers to. */
struct known_outputs {
	const char *name; /* the objective's name in the batch */
	const cJSON *outputs;
};

/* What MCP servers offer. */
struct mcp_offer {
	const struct mcp_servers *servers; /* that are configured; NULL: none */
	bool match; /* tools may be found by name and schema, where a capability names none */
	const struct contracts *contracts; /* of tools, as they were pinned; NULL: none */
};

struct plan_request {
	const struct objective *objective;
	const struct capability *capability;
	const struct known_outputs *known;
	size_t n_known;
	bool preview; /* unknown outputs and the id stand as placeholders instead of being faults */
	const char *subscription;       /* of the settings; NULL: none set */
	int64_t step_timeout_ms;        /* for steps that set none */
	const cJSON *terraform_backend; /* of the settings, as is the next; NULL: none set */
	const char *terraform_plugin_cache;
	struct mcp_offer mcp;
};

/* What the processes of a strategy find around them. Lists end with NULL. */
struct environment {
	const char *const *set;   /* "NAME=VALUE" */
	const char *const *unset; /* "NAME", or "PREFIX*" */
	/* A folder of the tool's own settings, copied for each execution and removed after it. NULL: none. */
	const char *config_variable;    /* "AZURE_CONFIG_DIR" */
	const char *config_default;     /* below the home folder: ".azure" */
	const char *const *config_skip; /* names not copied */
	/* Set to "NAME/purser objective/ID" of each execution. NULL: none. */
	const char *agent_variable;
};

struct strategy {
	const char *name;
	const char *summary;
	const struct environment *environment;

	/*
	 * MAY, both or neither. The program that its steps call, which each run looks
	 * for on PATH, and how to install it.
	 */
	const char *tool;
	const char *install;

	/*
	 * MAY, both or neither. The call that tells which account the tool is logged
	 * in to (ends with NULL; it changes nothing), and its answer read: what plans
	 * are pinned to (the request's subscription), the caller's own; NULL and WHY
	 * if the tool cannot be used.
	 */
	const char *const *probe;
	char *(*read_probe)(
	    const struct failure_table *known, const struct result *result, struct failure *why);

	/*
	 * MAY. Why it cannot do this capability by what is offered; the caller's own,
	 * NULL: it can. Without it, it can do those that have a table for it.
	 */
	char *(*lacks)(const struct capability *c, const struct mcp_offer *offer);
	/* MAY. It is the better choice for this capability than those before it in the table. */
	bool (*suits)(const struct capability *c);

	/* MUST. The faults in the capability's table for this strategy. 0 or -1. */
	int (*validate)(const struct capability *c, struct faults *faults);
	/* MUST. At least one step, or a fault: no steps is an error, never a success. 0 or -1. */
	int (*compile)(
	    const struct plan_request *request, struct plan *plan, struct faults *faults);
	/*
	 * MUST. What RESULT of this call of STEP means; CALL counts the step's
	 * checks from 0. RESOURCE is the id of the one that an undo takes away or a
	 * guard and a prove look for, NULL for the other acts. KNOWN says what the
	 * codes of failures mean. Never fails: what cannot be told is IN_DOUBT or
	 * CANNOT_TELL.
	 */
	void (*read)(const struct failure_table *known, const struct plan *plan,
	    const struct step *step, enum act act, size_t call, const char *resource,
	    const struct result *result, struct reading *reading);
	/*
	 * MAY. What a whole LINE that a running call wrote to its stdout tells people
	 * ("disk.data: creating, 20 s"); the caller's own, NULL: nothing. *is_end: it
	 * tells how something ended, and not that it still goes on.
	 */
	char *(*progress)(const char *line, bool *is_end);
};

extern const struct strategy mcp, azure_cli, terraform;

/* All of them, best first; ends with NULL. */
extern const struct strategy *const strategies[];

/* By name in a TABLE that ends with NULL, as do the two below; NULL if there is none. */
const struct strategy *strategy_find(const struct strategy *const *table, const char *name);

/*
 * Every fault in the strategies' tables of a capability, also a table that is
 * none. Called once all its files are added. 0 or -1.
 */
int strategy_check_capability(
    const struct strategy *const *table, const struct capability *c, struct faults *faults);

/* Which strategy is to do an objective, and why. */
struct choice {
	const struct strategy *strategy;
	struct strv reasons; /* one for each: "azure_cli: chosen, the objective demands it" */
};

/* What hinders strategies, whatever the objective and the capability say. */
struct hindrance {
	const struct strv *tried;      /* earlier attempts fell back from these; NULL: none */
	const struct strv *missing;    /* tools that are not on PATH; NULL: not looked for */
	const struct strategy *silent; /* of TRIED: in truth its tool tells no account; or NULL */
	struct mcp_offer mcp;
};

/*
 * The first in the table that suits the capability, else the first that can do
 * it, of those that the objective's wish and the HINDRANCE (may be NULL) leave.
 * 0 and a choice, the caller's to clear; or -1, faults, and nothing to clear:
 * the wish names a strategy that there is not, or none is left.
 */
int strategy_choose(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct hindrance *hindrance, struct choice *choice,
    struct faults *faults);
/* Whether there is one more to choose after STRATEGY (may be NULL). */
bool strategy_is_left(const struct strategy *const *table, const struct objective *o,
    const struct capability *c, const struct hindrance *hindrance, const char *strategy);
void choice_clear(struct choice *choice);

#endif
