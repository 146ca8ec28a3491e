/*
 * The contract of an MCP tool: its name, what it takes and gives, and what it says
 * of itself. It is pinned when the tool is used first; whatever it promises later
 * is compared with that, because a plan was made, and approved, by the first.
 */
#ifndef CORE_CONTRACT_H
#define CORE_CONTRACT_H

#include <stdbool.h>

#include "base/digest.h"
#include "base/err.h"
#include "base/json.h"

struct contract {
	char *server, *tool;
	cJSON *body; /* {"name", "inputSchema", "outputSchema", "annotations"}, as far as there */
	char digest[DIGEST_SIZE]; /* of the body */
};

/* A set of them. */
struct contracts {
	struct contract *v;
	size_t len;
};

/* Of a row of the answer to tools/list. 0, or -1 and ERR_INPUT: it is none. */
int contract_of_tool(struct contract *c, const char *server, const cJSON *tool, struct err *e);
/* Of a stored body; the digest is made anew. */
void contract_of_body(struct contract *c, const char *server, const char *tool, cJSON *body);
void contract_clear(struct contract *c);

/* Of the answer to tools/list; rows that are none are left out. */
void contracts_of_list(struct contracts *all, const char *server, const cJSON *answer);
void contracts_clear(struct contracts *all);
/* NULL if there is none. */
const struct contract *
contracts_find(const struct contracts *all, const char *server, const char *tool);

/* Calling it twice is as calling it once: it says so itself, or that it only reads. */
bool contract_is_idempotent(const struct contract *c);
/* 0 if it may be called so; else -1 and ERR_INPUT, naming the argument and what was expected. */
int contract_check_arguments(const struct contract *c, const cJSON *arguments, struct err *e);
/* In what NOW differs: "inputSchema and annotations"; "" if in nothing. The caller's own. */
char *contract_difference(const struct contract *before, const struct contract *now);

#endif
