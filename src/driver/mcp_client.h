/* The inside of driver/mcp.h, for its own files only. */
#ifndef DRIVER_MCP_CLIENT_H
#define DRIVER_MCP_CLIENT_H

#include "base/strv.h"
#include "driver/mcp.h"
#include "driver/mcp_session.h"
#include "driver/mcp_transport.h"

#define WHOLE_LIST_NONE MCP_LISTS

/* A request of a user. For a list, or where the server asks back, it takes several messages. */
struct request {
	int64_t id;
	int64_t wire;    /* the id of the message that is to be answered; 0: none is under way */
	bool is_sent;    /* a byte of any of its messages has left us */
	bool is_over;    /* outcome and why are known, and are told at the next tick */
	int renewals;    /* in other sessions, unread in those before; never the call of a tool */
	int64_t session; /* the number of that in which it was sent last; 0: none */
	bool is_modern;  /* that one is */
	char *method, *name;
	cJSON *params;
	enum mcp_list list; /* which is to be had whole; WHOLE_LIST_NONE: it is none */
	cJSON *items;
	size_t items_bytes, items_values;  /* of the pages that they came in */
	struct strv cursors;               /* that were used */
	int rounds;                        /* in which the server asked back */
	uint64_t deadline_ms, progress_ms; /* of the loop's clock */
	int64_t started_ms;
	struct mcp_request user;
	enum mcp_outcome outcome;
	struct err why;
};

enum client_state {
	CLIENT_DOWN,     /* started again by the next request, but not before resume_ms */
	CLIENT_STARTING, /* the session begins */
	CLIENT_UP,
	CLIENT_ASIDE,   /* no session could be agreed on, and what is open goes on; as DOWN */
	CLIENT_STOPPING /* its end is waited for */
};

struct mcp {
	const struct mcp_server *server;
	struct mcp_listener listener;
	uv_loop_t *loop;
	uv_timer_t timer; /* for whatever is due next */
	struct mcp_transport *transport;
	struct mcp_session session;
	struct mcp_about about;
	bool is_about_known;
	enum client_state state;
	/* The ids of the session's own questions, by the state in which they were asked; 0: none. */
	int64_t asked[SESSION_FAILED];
	uint64_t question_deadline_ms, start_deadline_ms, resume_ms;
	int failures; /* in a row */
	/* A digest for each time that this call was refused unread, since it was answered. */
	struct strv unread;
	struct request **requests; /* in the order in which they were made */
	size_t n_requests, cap_requests;
	int64_t last_id, last_wire, last_session;
	uint64_t log_second;
	unsigned log_lines, log_left_out; /* of that second */
	bool is_closing;
	void (*closed)(void *data);
	void *closed_data;
};

/* ---- mcp.c: requests, and when something is due ---- */

/* mcp_open() over what MAKE returns: for tests. */
struct mcp *mcp_open_over(struct mcp_transport *(*make)(const struct mcp_server *server,
			      uv_loop_t *loop, const struct mcp_events *events, void *data),
    const struct mcp_server *server, const struct mcp_listener *listener, uv_loop_t *loop);

/* It is over, and is told at the next tick. WHY is the reason unless it was answered. */
void request_end(struct mcp *m, struct request *r, enum mcp_outcome outcome, const struct err *why);
/* Tells it now; R is gone afterwards. */
void request_tell(struct mcp *m, struct request *r, const struct mcp_reply *reply);
/* The one that waits for an answer to this message; NULL if none does. */
struct request *request_find(struct mcp *m, int64_t wire);
/* A call of a tool has an effect: it is not sent again. */
bool request_is_call(const struct request *r);
/* Sends the message that R is made of by now. */
void request_send(struct mcp *m, struct request *r);
/* Something may be due earlier than was thought. */
void mcp_arm(struct mcp *m);

/* ---- mcp_life.c: starting, stopping, starting again ---- */

void mcp_start(struct mcp *m);
/* The session's own questions: an answer, none, or a part of the server's time is over. */
void mcp_answer(struct mcp *m, enum session_state asked, const struct rpc_message *answer);
void mcp_no_answer(struct mcp *m, const struct err *why);
/* The question did not get there, and neither would another one. */
void mcp_unreachable(struct mcp *m, const struct err *why);
void mcp_tick(struct mcp *m, uint64_t now);
/* The server does not know the session any more: it is stopped, and another one is begun. */
void mcp_renew(struct mcp *m);
/* It speaks another revision by now: that is agreed on while everything else goes on. */
void mcp_renegotiate(struct mcp *m);
/* Messages come and go, whether a session is agreed on or not. */
bool mcp_is_alive(const struct mcp *m);
/* A request waits for a session. */
bool mcp_has_waiting(const struct mcp *m);
void mcp_broken(void *m, const struct err *why);
void mcp_down(void *m);
/* When everybody was told, and the server has ended. */
void mcp_end(struct mcp *m);

/* ---- mcp_unread.c: what is asked again, because a server would not look at it ---- */

/* Sent once more in the next session, or told to be due again there. False: it was often enough. */
bool unread_send_again(struct mcp *m, struct request *r);
/* It was looked at. */
void unread_forget(struct mcp *m, const struct request *r);

/* ---- mcp_answer.c: what comes from the server ---- */

void mcp_take_text(void *m, const char *text, size_t len);
void mcp_take_sent(void *m, int64_t wire);
void mcp_take_failed(void *m, int64_t wire, const struct mcp_failure *failure);

/* ---- mcp_log.c ---- */

/* To the listener: made harmless, cut, and not too much of it. */
void mcp_log_text(void *m, const char *line, size_t len);
void mcp_log(struct mcp *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* ---- mcp_pages.c: lists of many pages ---- */

/* Takes a page over. -1 and ERR_INPUT for what is none, or too much. */
int pages_take(struct request *r, const struct rpc_message *page, bool *is_last, struct err *e);
/* The list as its result, which is the caller's own. */
cJSON *pages_result(struct request *r);
const char *pages_method(enum mcp_list list);
const char *pages_capability(enum mcp_list list);

#endif
