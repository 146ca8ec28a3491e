/*
 * A plan: the ordered steps of one strategy for one objective. Cost and
 * execution come from the same plan. argv elements are final but for the
 * placeholders that only a start can know:
 *
 *	{run}       the execution's own folder
 *	{work}      the objective's folder of this strategy, kept until it is destroyed
 *	{resource}  the id of the resource to undo or prove gone
 */
#ifndef CORE_PLAN_H
#define CORE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/json.h"
#include "base/strv.h"
#include "core/capability.h"
#include "core/execution.h"

/* Checks of one step are asked in order until one is conclusive. */
#define STEP_CHECKS_MAX 3

struct step {
	char *name;
	char *summary; /* "create the resource group rg-web-dev" */
	char *server;  /* its calls are tools of this MCP server (see TOOL_CALL); NULL: processes */
	struct strv run;
	struct strv checks[STEP_CHECKS_MAX];
	size_t n_checks;
	struct strv collect; /* empty: the run's own answer names what it made */
	struct strv guard;   /* before each undo: what else would it take? empty: nothing */
	struct strv undo;    /* once for each resource of the step, last made first */
	struct strv prove;   /* after each undo */
	cJSON *
	    files; /* name -> JSON content put into the execution's folder before a run; NULL if none */
	cJSON *
	    secrets; /* parameter -> "env:NAME" or "file:PATH"; handed to the run (with a workspace: to every call) as descriptor PLAN_SECRETS_FD; NULL if none */
	cJSON *
	    workspace; /* name -> content of the files in {work}: a text, or JSON; NULL: it has no such folder */
	cJSON *hints;   /* what else its strategy needs to read the answers; NULL: nothing */
	char *id;       /* path of the resource's id in the run's answer; NULL: collect tells */
	cJSON *outputs; /* field -> path in the answer of run or check */
	cJSON *planned; /* how a check tells what the run is going to cost: for the strategy only; NULL: none does */
	struct strv
	    targets;     /* what it is going to make: "/type/name" below the group, or a full id */
	bool idempotent; /* running it twice under the same name is as running it once */
	enum existing existing;
	int64_t timeout_ms; /* of the run */
	int64_t settle_ms;  /* how long an unanswered request may still take effect */
};

/*
 * The call of a tool is written as the command that makes it: purser mcp call
 * SERVER TOOL ARGUMENTS. The arguments are the text of a JSON object, in whose
 * strings the placeholders stand; secrets become members of it.
 */
enum tool_call { TOOL_CALL_SERVER = 3, TOOL_CALL_TOOL, TOOL_CALL_ARGUMENTS, TOOL_CALL_WORDS };
void plan_tool_call(
    struct strv *call, const char *server, const char *tool, const cJSON *arguments);

/* A memfd is open here when a call with secrets starts: {"parameters": {NAME: {"value": ...}}}, or with a workspace {NAME: ...}. */
#define PLAN_SECRETS_FD 9

/*
 * Its tool keeps records of its own of what it made: what they lack may stand all
 * the same.
 */
static inline bool
step_keeps_records(const struct step *s)
{
	return s->workspace != NULL;
}

struct plan {
	char *strategy;
	char *objective_id;  /* "ID" before it is submitted */
	struct strv reasons; /* for and against each strategy; not part of the digest */
	struct step *steps;
	size_t len;
	char inputs
	    [DIGEST_SIZE]; /* of what it was made from: objective, capability, outputs used, settings */
};

void plan_init(struct plan *p);
void plan_clear(struct plan *p);
/* Appends an empty step and returns it; valid until the next call. */
struct step *plan_add(struct plan *p);
cJSON *plan_to_json(const struct plan *p);
/* Of trusted stored text; -1 and ERR_CORRUPT if it is not that. */
int plan_from_json(struct plan *p, const cJSON *json, struct err *e);
/* The normalised plan (strategy and steps, not inputs) as canonical text. The caller's own. */
char *plan_text(const struct plan *p);
/* The same with the reasons, as it is kept. The caller's own. */
char *plan_record(const struct plan *p);
/* Digest of plan_text(): approvals are bound to it. */
void plan_digest(const struct plan *p, char out[static DIGEST_SIZE]);

#endif
