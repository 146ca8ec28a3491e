/*
 * The life of a runner: its row, its lock, its lease. The lock comes before the
 * row and goes after it: a row without its lock held is a dead runner.
 */
#include "config.h"

#include "engine/life.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "engine/recovery.h"
#include "engine/rules.h"
#include "engine/wake.h"

#define REBIRTH_PAUSE_MS 100
#define BIRTH_WAIT_MS 10000
#define BIRTHS_MAX 100 /* while limits or prices change under us */

char *
life_host_id(void)
{
	struct buf id = BUF_INIT(256);
	char name[256] = "localhost";

	/* Names of machines change; this one does not. */
	if (file_read("/etc/machine-id", 200, &id, NULL) == 0 && id.len >= 32) {
		id.data[32] = '\0';
		return buf_take(&id);
	}
	buf_clear(&id);
	gethostname(name, sizeof name - 1);
	return xstrdup(name);
}

void
life_extend_lease(struct loop *r)
{
	int64_t lease = r->planner.config->lease_ms;

	r->self.lease_boot_ms = clock_boot_ms() + lease;
	r->self.lease_wall_ms = clock_now_ms() + lease;
	r->renew_at_ms = clock_boot_ms() + lease / 3;
}

/* In the audit, a runner's life is told like what it does. */
static int
record_life(struct loop *r, const char *event, struct err *e)
{
	AUTO_JSON cJSON *details = cJSON_CreateObject();

	json_add_str(details, "runner", r->self.id);
	json_add_str(details, "host", r->self.host);
	json_add_int(details, "pid", r->self.pid);
	return store_audit_add(r->scene.store, event, NULL, details, clock_now_ms(), e);
}

/* Without its socket a runner sees what others do only when it looks by itself. */
static void
listen_for_others(struct loop *r)
{
	struct err e = { 0 };
	int fd = wake_open(r->scene.paths, r->self.id, &e);

	if (fd == -1)
		log_warn(NULL, "nobody can wake this runner: %s", e.msg);
	loop_listen(r, fd);
}

static void
stop_listening(struct loop *r)
{
	loop_stop_listening(r);
	wake_close(r->scene.paths, r->self.id, r->wake_fd);
	r->wake_fd = -1;
}

/* Our row, and the limits and prices that we go by: read as late as can be. */
static int
write_birth(struct loop *r, struct err *e)
{
	struct store *s = r->scene.store;

	if (rules_read(r, e) == -1 || store_begin_wait(s, BIRTH_WAIT_MS, e) == -1)
		return -1;
	if (store_runner_add(s, &r->self, e) == -1 || record_life(r, "runner.started", e) == -1 ||
	    rules_set(r, e) == -1) {
		store_rollback(s);
		return -1;
	}
	r->scene.lease_boot_ms = r->self.lease_boot_ms;
	return store_commit(s, e);
}

int
life_begin(struct loop *r, struct err *e)
{
	struct err why = { 0 };
	int rc, tries = 0;

	id_new(r->self.id);
	r->self.host = xstrdup(r->host);
	r->self.boot_id = xstrdup(clock_boot_id());
	r->self.pid = getpid();
	r->self.started_ms = clock_now_ms();
	life_extend_lease(r);
	r->life_fd = recovery_lock_runner(r->scene.paths, r->self.id, e);
	if (r->life_fd == -1)
		return -1;
	listen_for_others(r);
	do
		rc = write_birth(r, &why);
	while (rc == -1 && why.kind == ERR_OUTDATED && ++tries < BIRTHS_MAX);
	if (rc == -1)
		return err_set(e, why.kind, "%s", why.msg);
	rules_committed(r);
	r->alive = true;
	return 0;
}

void
life_end(struct loop *r)
{
	struct store *s = r->scene.store;
	struct err e = { 0 };

	if (r->life_fd == -1)
		return;
	if (r->alive && store_begin_wait(s, 2000, &e) == 0) {
		if (store_runner_remove(s, r->self.id, &e) == -1 ||
		    record_life(r, "runner.stopped", &e) == -1 || store_commit(s, &e) == -1)
			store_rollback(s);
	}
	stop_listening(r);
	recovery_unlock_runner(r->scene.paths, r->self.id, r->life_fd);
	r->life_fd = -1;
}

void
life_begin_anew(struct loop *r)
{
	struct err e = { 0 };

	loop_drop_jobs(r, false);
	servers_part(r->scene.performing.servers);
	r->alive = false;
	stop_listening(r);
	recovery_unlock_runner(r->scene.paths, r->self.id, r->life_fd);
	r->life_fd = -1;
	runner_clear(&r->self);
	r->scan_at_ms = 0;
	if (life_begin(r, &e) == -1)
		loop_break_down(r, &e);
	/* Not at once: whatever made it end must not make it spin. */
	loop_want_turn(r, REBIRTH_PAUSE_MS);
}
