/*
 * The server is asked what it offers; each tool is compared with what is pinned, and
 * becomes what is pinned. All of them in one transaction, or none.
 */
#include "config.h"

#include "cli/mcp_trust.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/mcp_ask.h"
#include "cli/say.h"
#include "cli/text.h"
#include "core/contract.h"

/* ---- comparing ---- */

struct comparison {
	const struct contract *now;
	char *before; /* the digest that was pinned; NULL: none was */
	char *
	    changed; /* "inputSchema and annotations"; "" if nothing has, NULL if nothing was pinned */
	cJSON *was;    /* the body that was pinned */
	size_t lifted; /* objectives that go on */
};

struct comparisons {
	struct comparison *v;
	size_t len, changed, lifted;
};

static void
comparisons_clear(struct comparisons *all)
{
	for (size_t i = 0; i < all->len; i++) {
		free(all->v[i].before);
		free(all->v[i].changed);
		cJSON_Delete(all->v[i].was);
	}
	free(all->v);
}

static int
compare(struct store *s, const struct contract *now, struct comparison *v, struct err *e)
{
	struct contract pinned;

	*v = (struct comparison){ .now = now };
	if (s == NULL)
		return 0;
	if (store_contract(s, now->server, now->tool, &pinned, e) < 0)
		return e->kind == ERR_NOT_FOUND ? 0 : -1;
	v->before = xstrdup(pinned.digest);
	v->changed = contract_difference(&pinned, now);
	v->was = take(pinned.body);
	contract_clear(&pinned);
	return 0;
}

static bool
is_changed(const struct comparison *v)
{
	return v->before == NULL || strcmp(v->before, v->now->digest) != 0;
}

static int
judge(struct store *s, const struct contracts *offer, const struct mcp_trust *what,
    struct comparisons *all, struct err *e)
{
	all->v = xcalloc(offer->len + 1, sizeof(*all->v));
	for (size_t i = 0; i < offer->len; i++) {
		const struct contract *now = &offer->v[i];

		if (what->tool != NULL && strcmp(what->tool, now->tool) != 0)
			continue;
		if (compare(s, now, &all->v[all->len], e) < 0)
			return -1;
		all->changed += is_changed(&all->v[all->len++]);
	}
	if (all->len > 0 || what->tool == NULL)
		return 0;
	return err_set(
	    e, ERR_INPUT, "the server \"%s\" has no tool \"%s\"", what->server->name, what->tool);
}

/* ---- trusting ---- */

static int
trust_all(struct store *s, struct comparisons *all, struct err *e)
{
	AUTO_FREE char *user = cli_user();

	for (size_t i = 0; i < all->len; i++) {
		if (store_contract_trust(
			s, all->v[i].now, user, clock_now_ms(), &all->v[i].lifted, e) < 0)
			return -1;
		all->lifted += all->v[i].lifted;
	}
	return 0;
}

static int
decide(struct cli *cli, const struct contracts *offer, const struct mcp_trust *what,
    struct comparisons *all, struct err *e)
{
	if (what->dry_run)
		return cli_open_any_store(cli, e) < 0 ? -1 : judge(cli->store, offer, what, all, e);
	if (store_begin_wait(cli->store, CLI_WAIT_MS, e) < 0)
		return -1;
	if (judge(cli->store, offer, what, all, e) < 0 || trust_all(cli->store, all, e) < 0) {
		store_rollback(cli->store);
		return -1;
	}
	return store_commit(cli->store, e);
}

/* ---- telling ---- */

static void
print_part(const char *which, const cJSON *body)
{
	AUTO_FREE char *text = json_text(body);
	AUTO_FREE char *shown = text_visible(text);

	printf("  %s %s\n", which, shown);
}

static void
print_comparison(const struct comparison *v)
{
	AUTO_FREE char *tool = text_visible(v->now->tool);

	printf("%s %s: ", v->now->server, tool);
	if (v->before == NULL) {
		puts("new");
	} else if (!is_changed(v)) {
		puts("as it was pinned");
	} else {
		printf("%s changed\n", v->changed);
		print_part("was", v->was);
		print_part("is ", v->now->body);
	}
}

static void
print_comparisons(const struct comparisons *all)
{
	for (size_t i = 0; i < all->len; i++)
		print_comparison(&all->v[i]);
}

static void
print_json(const struct comparisons *all)
{
	AUTO_JSON cJSON *list = cJSON_CreateArray();
	AUTO_FREE char *text = NULL;

	for (size_t i = 0; i < all->len; i++) {
		const struct comparison *v = &all->v[i];
		cJSON *json = cJSON_CreateObject();

		json_add_str(json, "server", v->now->server);
		json_add_str(json, "tool", v->now->tool);
		json_add_str(json, "digest", v->now->digest);
		json_add_str(json, "before", v->before);
		json_add_str(json, "changed", v->changed);
		json_add_int(json, "lifted", (int64_t)v->lifted);
		cJSON_AddItemToArray(list, json);
	}
	text = json_pretty(list);
	fputs(text, stdout);
}

static void
tell_trusted(const struct mcp_trust *what, const struct comparisons *all)
{
	say_done("%zu tool%s of %s trusted as %s now", all->len, all->len == 1 ? "" : "s",
	    what->server->name, all->len == 1 ? "it is" : "they are");
	if (all->lifted == 0)
		return;
	say_done("%zu objective%s on", all->lifted, all->lifted == 1 ? " goes" : "s go");
	say_next("purser run");
}

static void
tell(const struct mcp_trust *what, const struct comparisons *all)
{
	if (what->json) {
		print_json(all);
		return;
	}
	print_comparisons(all);
	if (!what->dry_run)
		tell_trusted(what, all);
	else if (all->changed > 0)
		say_next("purser mcp trust %s%s%s", what->server->name,
		    what->tool != NULL ? " " : "", what->tool != NULL ? what->tool : "");
}

static enum status
trust(struct cli *cli, const struct mcp_trust *what, const struct contracts *offer)
{
	CLEANUP(comparisons_clear) struct comparisons all = { .v = NULL };
	struct err e = { 0 };

	if (decide(cli, offer, what, &all, &e) < 0) {
		enum status status = say_error(&e);

		if (e.kind == ERR_INPUT)
			say_next("purser mcp tools %s", what->server->name);
		return status;
	}
	if (!what->dry_run)
		cli_settle(cli);
	tell(what, &all);
	return STATUS_DONE;
}

enum status
mcp_trust_run(struct cli *cli, const struct mcp_trust *what)
{
	CLEANUP(contracts_clear) struct contracts offer = { .v = NULL };
	enum status status = what->dry_run ? STATUS_DONE : cli_need_store(cli, STORE_WRITE);
	struct mcp_request request;
	struct inquiry q;

	if (status != STATUS_DONE)
		return status;
	inquiry_init(&q, cli, what->server);
	request = asked_request(&q.v[0], what->timeout_ms);
	mcp_list(q.v[0].client, MCP_TOOLS, &request);
	inquiry_run(&q);
	if (q.v[0].outcome == MCP_ANSWERED) {
		contracts_of_list(&offer, what->server->name, q.v[0].result);
		status = trust(cli, what, &offer);
	} else {
		say("%s", q.v[0].why);
		say_next("purser mcp servers --verbose");
		status = STATUS_FAILED;
	}
	inquiry_clear(&q);
	return status;
}
