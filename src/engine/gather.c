/*
 * What a turn begins with: everything that happened since the last one, and for
 * each of it a change, decided and prepared but without effect yet.
 */
#include "config.h"

#include "engine/gather.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#define SCAN_MS 1000     /* how often dead runners are looked for */
#define LOOK_FIRST_MS 50 /* pauses between looks at an adopted step */
#define LOOK_LAST_MS 500
#define CANCELS_MAX 256

static bool
has_change(const struct loop *r, const struct job *j)
{
	for (const struct change *c = r->changes; c != NULL; c = c->link)
		if (c->job == j)
			return true;
	return false;
}

static int
make_change(struct loop *r, struct job *j)
{
	struct err e = { 0 };
	struct change *c = change_make(&r->scene, j, &e);
	struct change **at = &r->changes;

	if (c == NULL) {
		loop_break_down(r, &e);
		return -1;
	}
	/* In the order of the events: results first, then claims, as the queue has them. */
	while (*at != NULL)
		at = &(*at)->link;
	*at = c;
	r->look_at_queue = r->look_at_queue || c->decision.kind != DECIDE_EXECUTE;
	return 0;
}

/* A step ends at its timeout; a server that nobody guards any more does when it likes. */
static void
tell_holder(const struct job *j, const char *folder)
{
	pid_t pid;

	if (!j->ended && j->plan.steps[j->execution.step].server != NULL &&
	    process_holders(folder, &pid, 1) > 0)
		log_warn(j->objective.id,
		    "process %d may still act on a call whose runner is gone: its end is waited for",
		    (int)pid);
}

static void
look_at_adopted(struct loop *r, struct job *j, int64_t now)
{
	AUTO_FREE char *folder = paths_execution(r->scene.paths, j->objective.id, j->execution.id);
	bool is_patient = j->look_pause_ms == LOOK_LAST_MS;
	struct err e = { 0 };

	if (job_look(j, folder, r->host, &e) == -1)
		log_warn(j->objective.id, "cannot look at its step: %s", e.msg);
	j->look_pause_ms = j->look_pause_ms == 0  ? LOOK_FIRST_MS
	    : j->look_pause_ms * 2 < LOOK_LAST_MS ? j->look_pause_ms * 2
						  : LOOK_LAST_MS;
	if (!is_patient && j->look_pause_ms == LOOK_LAST_MS)
		tell_holder(j, folder);
	j->look_at_ms = now + j->look_pause_ms;
}

static int
gather_jobs(struct loop *r)
{
	int64_t now = clock_boot_ms();

	for (struct job *j = r->jobs; j != NULL; j = j->next) {
		if (job_has_open_execution(j) && !j->ended && j->performance == NULL &&
		    now >= j->look_at_ms)
			look_at_adopted(r, j, now);
		if ((j->ended || !job_has_open_execution(j)) && !has_change(r, j) &&
		    make_change(r, j) == -1)
			return -1;
	}
	return 0;
}

static void
probe_done(struct probe *p, void *data)
{
	struct loop *r = data;

	r->planner.account = p->account;
	if (r->scene.subscription == NULL)
		r->scene.subscription = p->account;
	if (p->state == PROBE_FAILED)
		r->planner.unusable = p->strategy;
	r->look_at_queue = true;
	loop_want_turn(r, 0);
}

/*
 * Plans are pinned to an account; where the settings name none, the tool is
 * asked, once, and only when there is something to plan. What only an unusable
 * tool can do stops the runner: nothing of it would get further.
 */
static void
ask_account(struct loop *r, const struct strategy *s)
{
	struct err e = { 0 };
	int rc = 0;

	r->look_at_queue = false; /* until the probe is answered */
	if (r->planner.unusable == s)
		rc = err_set(&e, ERR_SYSTEM, "%s: %s", s->name, r->probe.failure.message);
	else if (r->probe.state == PROBE_UNASKED)
		rc = probe_ask(&r->probe, s, r->planner.failures, r->scene.paths, &r->loop,
		    r->self.id, probe_done, r, &e);
	if (rc == -1)
		loop_break_down(r, &e);
}

/*
 * Jobs that end with this turn's changes make room for others in the same
 * commit. If such a change has to be made anew and does not end its job, there
 * is one more in hand than there should be, until one of them ends.
 */
static size_t
room_for_jobs(const struct loop *r)
{
	size_t busy = r->n_jobs;

	for (const struct change *c = r->changes; c != NULL; c = c->link)
		busy -= c->decision.kind != DECIDE_EXECUTE;
	return r->slots > busy ? r->slots - busy : 0;
}

/* What was pinned meanwhile, by whomever, is what plans are made of from now on. */
static int
learn_contracts(struct loop *r, struct err *e)
{
	if (r->planner.config->mcp_servers.len == 0)
		return 0;
	contracts_clear(&r->contracts);
	return store_contracts(r->scene.store, &r->contracts, e);
}

static int
gather_ready(struct loop *r)
{
	char(*ids)[ID_SIZE];
	size_t room = room_for_jobs(r);
	size_t len = 0;
	struct err e = { 0 };
	int answer = 0;

	if (r->claims_no_more || room == 0 || !r->look_at_queue || r->rules.unsettled)
		return 0;
	if (r->options->once)
		room = 1;
	ids = xcalloc(room, sizeof *ids);
	r->look_at_queue = false;
	answer =
	    store_ready(r->scene.store, r->options->batch, clock_now_ms(), room, ids, &len, &e);
	if (answer == 0 && len > 0)
		answer = learn_contracts(r, &e);
	for (size_t i = 0; answer == 0 && i < len; i++) {
		struct job *j;

		if (loop_find_job(r, ids[i]) != NULL)
			continue;
		j = job_load_ready(r->scene.store, &r->planner, ids[i], &e);
		if (j == NULL && e.kind == ERR_NOT_FOUND)
			continue;
		if (j == NULL) {
			answer = -1;
			break;
		}
		if (j->unprobed != NULL) {
			ask_account(r, j->unprobed);
			job_free(j);
			continue;
		}
		recovery_tidy(r->scene.paths, j->objective.id, "");
		loop_add_job(r, j);
		answer = make_change(r, j);
	}
	free(ids);
	/* A look that failed tells nothing of the queue. */
	r->idle = answer == 0 && len == 0;
	r->look_at_queue = r->look_at_queue || answer == -1;
	if (answer == -1 && e.kind != ERR_NONE && e.kind != ERR_BUSY)
		loop_break_down(r, &e);
	return answer;
}

static int
gather_wishes(struct loop *r)
{
	char ids[CANCELS_MAX][ID_SIZE];
	size_t len;
	struct err e = { 0 };

	if (r->n_jobs == 0 || !r->woken)
		return 0;
	if (store_cancels(r->scene.store, r->self.id, CANCELS_MAX, ids, &len, &e) == -1) {
		if (e.kind != ERR_BUSY)
			loop_break_down(r, &e);
		return -1;
	}
	for (size_t i = 0; i < len; i++) {
		struct job *j = loop_find_job(r, ids[i]);

		if (j != NULL)
			j->objective.cancel_wanted = true;
	}
	return 0;
}

void
wreckage_clear(struct wreckage *w)
{
	recovery_scan_free(w->v, w->len);
}

static int
gather_wreckage(struct loop *r, struct wreckage *w)
{
	struct store *s = r->scene.store;
	char left[1][ID_SIZE];
	size_t n_left = 0;
	struct err e = { 0 };

	if (r->claims_no_more || clock_boot_ms() < r->scan_at_ms)
		return 0;
	if (recovery_scan(s, r->scene.paths, r->host, r->self.id, &w->v, &w->len, &e) == -1 ||
	    store_owned(s, NULL, 1, left, &n_left, &e) == -1) {
		if (e.kind != ERR_BUSY)
			loop_break_down(r, &e);
		return -1;
	}
	r->scan_at_ms = clock_boot_ms() + SCAN_MS;
	w->any = w->len > 0 || n_left > 0;
	return 0;
}

int
gather(struct loop *r, struct wreckage *w)
{
	if (gather_wishes(r) == -1 || gather_jobs(r) == -1 || gather_ready(r) == -1)
		return -1;
	return gather_wreckage(r, w);
}
