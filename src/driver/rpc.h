/*
 * Messages of JSON-RPC 2.0 as MCP uses them: one message, one object; no batches. Pure:
 * text in, parts out, and the other way round.
 */
#ifndef DRIVER_RPC_H
#define DRIVER_RPC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

/* Values of one message: a tree takes some hundred bytes for each, however short the text is. */
#define RPC_VALUES_MAX 250000

#define RPC_PARSE_ERROR (-32700)
#define RPC_INVALID_REQUEST (-32600)
#define RPC_METHOD_NOT_FOUND (-32601)
#define RPC_INVALID_PARAMS (-32602)
/* Of the revision 2026-07-28: what only its servers answer. */
#define RPC_HEADER_MISMATCH (-32020)
#define RPC_MISSING_CAPABILITY (-32021)
#define RPC_UNSUPPORTED_VERSION (-32022)

enum rpc_kind { RPC_REQUEST, RPC_NOTIFICATION, RPC_RESULT, RPC_ERROR };

struct rpc_message {
	size_t len, values; /* bytes of its text; it has no more values than that */
	enum rpc_kind kind;
	cJSON *json;         /* all of it; the members below are borrowed from it */
	const cJSON *id;     /* a string or a whole number; NULL where there is none */
	const char *method;  /* requests, notifications */
	const cJSON *params; /* an object or NULL */
	const cJSON *result; /* an object */
	int64_t code;        /* errors */
	const char *text;    /* errors: never NULL */
	const cJSON *data;   /* errors: may be NULL */
};

/* ERR_INPUT for what is no such message, with a reason that quotes none of it; M is empty then. */
int rpc_parse(const char *text, size_t len, struct rpc_message *m, struct err *e);
void rpc_clear(struct rpc_message *m);
/* The id that an answer is for, if it is one of ours (numbers from 1); else 0. */
int64_t rpc_id(const struct rpc_message *m);

/* Texts without a newline; the caller's own. PARAMS, RESULT: an object, or NULL. */
char *rpc_request(int64_t id, const char *method, const cJSON *params);
char *rpc_notification(const char *method, const cJSON *params);
char *rpc_result(const cJSON *id, const cJSON *result);
char *rpc_error(const cJSON *id, int64_t code, const char *text);

#endif
