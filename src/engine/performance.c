/*
 * A process is performed as it is. Before a tool is called, its server is asked what
 * it offers, and that is compared with what was pinned: all of this is looking, so
 * that whatever is in the way, nothing has happened.
 */
#include "config.h"

#include "engine/performance.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "driver/call.h"

struct performance {
	struct process *process; /* one of the two */
	struct call *call;
	char *server, *tool; /* of the call */
	int64_t timeout_ms;  /* of it, what its server is asked before included */
	const struct stage_set *set;
	void *data;
	struct contract contract; /* of the tool as it is now; tool NULL: not known */
	bool is_first_use;
	char *objection; /* NULL: there is none */
};

static struct performance *
performance_new(struct process *process, struct call *call)
{
	struct performance *p = xcalloc(1, sizeof *p);

	p->process = process;
	p->call = call;
	return p;
}

struct performance *
performance_prepare(const struct step *step, const struct process_spec *spec, struct err *e)
{
	struct performance *p;

	if (step->server == NULL) {
		struct process *process = process_prepare(spec, e);

		return process != NULL ? performance_new(process, NULL) : NULL;
	}
	struct call *call = call_prepare(spec, e);
	if (call == NULL)
		return NULL;
	p = performance_new(NULL, call);
	p->server = xstrdup(spec->argv->v[TOOL_CALL_SERVER]);
	p->tool = xstrdup(spec->argv->v[TOOL_CALL_TOOL]);
	p->timeout_ms = spec->timeout_ms;
	return p;
}

/* ---- processes ---- */

static void
process_done(struct process *process, const struct result *result, void *data)
{
	struct performance *p = data;

	(void)process;
	p->set->done(p, result, p->data);
}

/* ---- tools ---- */

static void
call_done(struct call *call, const struct result *result, void *data)
{
	struct performance *p = data;

	(void)call;
	p->set->done(p, result, p->data);
}

static void
client_call_done(struct call *call, const struct result *result, void *data)
{
	struct performance *p = data;

	/* Whoever answers next may be another process, with other tools. */
	if (result->ending != END_EXITED)
		servers_forget_tools(p->set->servers, p->server);
	call_done(call, result, data);
}

static void
call_goes_on(const char *text, void *data)
{
	const struct performance *p = data;

	p->set->progress(text, p->data);
}

static void
refuse(struct performance *p, const struct err *why)
{
	call_refuse(p->call, why, call_done, p);
}

/* If we die before this is written down, the same call is begun again. */
static void
object(struct performance *p, const struct contract *pinned)
{
	AUTO_FREE char *what = contract_difference(pinned, &p->contract);
	struct err why = { 0 };

	err_set(&why, ERR_CONFLICT,
	    "the tool \"%s\" of the server \"%s\" is not as it was pinned: %s changed; "
	    "look at it, then: purser mcp trust %s %s",
	    p->tool, p->server, *what != '\0' ? what : "its contract", p->server, p->tool);
	p->objection = xstrdup(why.msg);
	refuse(p, &why);
}

/*
 * Before the first call, so that the pin outlives us as its effect does. Where another
 * process is writing it comes with the end of the call: see performance_is_first_use().
 */
static int
pin(struct performance *p, struct err *e)
{
	struct store *s = p->set->store;

	if (store_begin(s, e) == -1)
		return -1;
	if (store_contract_pin(s, &p->contract, clock_now_ms(), e) == -1) {
		store_rollback(s);
		return -1;
	}
	return store_commit(s, e);
}

/* What is pinned is read back: somebody may have been faster. -1; is_first_use: nothing is pinned yet, and cannot be now. */
static int
pinned_contract(struct performance *p, struct contract *pinned, struct err *e)
{
	struct store *s = p->set->store;

	if (store_contract(s, p->server, p->tool, pinned, e) == 0)
		return 0;
	if (e->kind != ERR_NOT_FOUND)
		return -1;
	if (pin(p, e) == -1) {
		p->is_first_use = e->kind == ERR_BUSY;
		return -1;
	}
	return store_contract(s, p->server, p->tool, pinned, e);
}

/* 0, or -1: it was refused. */
static int
compare_with_pinned(struct performance *p)
{
	CLEANUP(contract_clear) struct contract pinned = { 0 };
	struct err why = { 0 };

	if (pinned_contract(p, &pinned, &why) == -1) {
		if (p->is_first_use)
			return 0;
		why.kind = ERR_CONFLICT; /* the store cannot be used now: the same call again */
		refuse(p, &why);
		return -1;
	}
	if (strcmp(pinned.digest, p->contract.digest) == 0)
		return 0;
	object(p, &pinned);
	return -1;
}

static void
call_tool(struct mcp *client, const struct contract *contract, const struct err *why, void *data)
{
	struct performance *p = data;
	struct err e = { 0 };

	if (contract == NULL) {
		refuse(p, why);
		return;
	}
	contract_of_body(
	    &p->contract, contract->server, contract->tool, cJSON_Duplicate(contract->body, true));
	if (compare_with_pinned(p) == -1)
		return;
	if (contract_check_arguments(&p->contract, call_arguments(p->call), &e) == -1)
		refuse(p, &e);
	else
		call_send(p->call, client, client_call_done, call_goes_on, p);
}

/* ---- both ---- */

int
performance_start(struct performance *p, const struct stage_set *set, void *data, struct err *e)
{
	p->set = set;
	p->data = data;
	if (p->process != NULL)
		return process_start(p->process, set->loop, set->helper, process_done, p, e);
	servers_ask(set->servers, p->server, p->tool, p->timeout_ms, call_tool, p);
	return 0;
}

const char *
performance_objection(const struct performance *p, const struct contract **now)
{
	*now = &p->contract;
	return p->objection;
}

const struct contract *
performance_contract(const struct performance *p)
{
	return p->contract.tool != NULL && p->objection == NULL ? &p->contract : NULL;
}

bool
performance_is_first_use(const struct performance *p)
{
	return p->is_first_use;
}

static void
performance_release(struct performance *p)
{
	contract_clear(&p->contract);
	free(p->server);
	free(p->tool);
	free(p->objection);
	free(p);
}

void
performance_discard(struct performance *p)
{
	if (p == NULL)
		return;
	process_discard(p->process);
	call_discard(p->call);
	performance_release(p);
}

void
performance_free(struct performance *p)
{
	if (p == NULL)
		return;
	if (p->set != NULL && p->call != NULL)
		servers_forget(p->set->servers, p);
	process_free(p->process);
	call_free(p->call);
	performance_release(p);
}
