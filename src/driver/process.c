/*
 * The life of a process here: prepared (lock held, pid 0), started (pid set,
 * its end awaited on a pidfd), gone (the lock is asked for until it is free),
 * told (done() was called). A helper's death is not the end of its execution:
 * if it was killed, the tool or a stray of it may go on, and holds the lock.
 */
#include "config.h"
#include "driver/process.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/failpoint.h"
#include "base/file.h"
#include "base/mem.h"
#include "core/plan.h"
#include "driver/argument.h"
#include "driver/environment.h"
#include "driver/folder.h"
#include "driver/lock.h"
#include "driver/record.h"
#include "driver/secret.h"
#include "driver/workspace.h"
#include "step/protocol.h"

_Static_assert(
    STEP_SECRETS_FD == PLAN_SECRETS_FD, "the helper leaves the secrets where the plan reads them");

/* How often to ask for a lock that is held, or for a child that has no pidfd. */
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 1000
/* So often the disk may refuse to tell how it ended before that is in doubt. */
#define READS_MAX 10

struct process {
	char *execution_id;
	char *folder;
	struct strv
	    argv; /* the helper's but for its own path: id, timeout, grace, "--", tool ... */
	struct strv environment;
	int lock_fd; /* -1 while the helper has it */
	int secrets_fd;
	pid_t pid;  /* 0: not started, or waited for */
	int status; /* of the helper, once it was waited for */
	int pidfd;
	int reads;
	uint64_t pause_ms;
	uv_poll_t poll;
	uv_timer_t timer;
	int handles;   /* open ones */
	bool is_freed; /* only the handles are to be waited for */
	process_done_fn *done;
	void *data;
};

static void process_release(struct process *p);
DEFINE_CLEANUP(struct process *, process_release)

static void
close_fd(int *fd)
{
	fd_cleanup(fd);
	*fd = -1;
}

static void
process_release(struct process *p)
{
	if (p == NULL)
		return;
	assert(p->handles == 0);
	close_fd(&p->lock_fd);
	close_fd(&p->secrets_fd);
	close_fd(&p->pidfd);
	strv_clear(&p->argv);
	strv_clear(&p->environment);
	free(p->execution_id);
	free(p->folder);
	free(p);
}

/* ---- preparing ---- */

static int
fill_arguments(struct process *p, const struct process_spec *spec, struct err *e)
{
	strv_add(&p->argv, spec->execution_id);
	strv_addf(&p->argv, "%" PRId64, spec->timeout_ms);
	strv_addf(
	    &p->argv, "%" PRId64, spec->grace_ms > 0 ? spec->grace_ms : (int64_t)PROCESS_GRACE_MS);
	strv_add(&p->argv, "--");
	for (size_t i = 0; i < spec->argv->len; i++)
		if (argument_fill(spec->argv->v[i], spec->folder, spec->work, spec->resource,
			&p->argv, e) == -1)
			return -1;
	return 0;
}

/* All that comes after the folder was made. */
static int
fill_folder(struct process *p, const struct process_spec *spec, struct err *e)
{
	p->lock_fd = lock_new(p->folder, e);
	if (p->lock_fd == -1 || fill_arguments(p, spec, e) == -1 ||
	    folder_write_files(p->folder, spec->files, e) == -1 ||
	    environment_make(
		spec->environment, p->folder, spec->objective_id, &p->environment, e) == -1)
		return -1;
	if (spec->workspace != NULL && workspace_prepare(spec->work, spec->workspace, e) == -1)
		return -1;
	if (cJSON_GetArraySize(spec->secrets) > 0)
		p->secrets_fd = secret_open(spec->secrets, spec->workspace == NULL, e);
	return cJSON_GetArraySize(spec->secrets) > 0 && p->secrets_fd == -1 ? -1 : 0;
}

struct process *
process_prepare(const struct process_spec *spec, struct err *e)
{
	CLEANUP(process_release_cleanup) struct process *p = xcalloc(1, sizeof *p);

	assert(spec->folder[0] == '/' && spec->argv->len > 0);
	p->lock_fd = p->secrets_fd = p->pidfd = -1;
	p->execution_id = xstrdup(spec->execution_id);
	p->folder = xstrdup(spec->folder);
	if (folder_make(p->folder, e) == -1)
		return NULL;
	if (fill_folder(p, spec, e) == -1) {
		(void)file_remove_tree(p->folder, NULL);
		return NULL;
	}
	failpoint("process.prepared");
	return take(p);
}

void
process_discard(struct process *p)
{
	if (p == NULL)
		return;
	assert(p->pid == 0 && p->done == NULL);
	(void)file_remove_tree(p->folder, NULL);
	process_release(p);
}

/* ---- the end of a helper ---- */

static void
on_closed(uv_handle_t *handle)
{
	struct process *p = handle->data;

	p->handles--;
	if (p->is_freed && p->handles == 0)
		process_release(p);
}

static void
close_handle(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

/* uv_close() takes the pidfd out of the loop at once: it may be closed after it. */
static void
stop_polling(struct process *p)
{
	if (p->pidfd == -1)
		return;
	close_handle((uv_handle_t *)&p->poll);
	close_fd(&p->pidfd);
}

static void on_timer(uv_timer_t *timer);

static void
ask_again(struct process *p)
{
	p->pause_ms = p->pause_ms == 0 ? PAUSE_FIRST_MS : p->pause_ms * 2;
	if (p->pause_ms > PAUSE_MAX_MS)
		p->pause_ms = PAUSE_MAX_MS;
	uv_timer_start(&p->timer, on_timer, p->pause_ms, 0);
}

/* Nothing holds the lock, and there is no result. */
static void
judge_absence(const struct process *p, struct result *r)
{
	int status = WIFEXITED(p->status) ? WEXITSTATUS(p->status) : -1;
	bool refused = status > STEP_EXIT_ERRNO;

	r->ending = refused || !record_is_started(p->folder) ? END_NOT_STARTED : END_LOST;
	r->code = refused ? status - STEP_EXIT_ERRNO : r->ending == END_NOT_STARTED ? ECANCELED : 0;
}

static void
tell(struct process *p, const struct result *result)
{
	failpoint("process.result_read");
	close_handle((uv_handle_t *)&p->timer);
	/* The callee may free P. */
	p->done(p, result, p->data);
}

/*
 * Takes the lock back and reads what was left. False: the lock is held, or
 * cannot be asked for, or the disk does not answer now; ask again later. A
 * folder that vanished, or a disk that never answers, leaves the end in doubt.
 */
static bool
learn_end(struct process *p, struct result *r)
{
	struct err why = { 0 };
	bool is_there;

	if (p->lock_fd == -1)
		p->lock_fd = lock_take(p->folder, &why);
	if (p->lock_fd == -1)
		return why.kind == ERR_NOT_FOUND;
	if (record_read(p->folder, p->execution_id, r, &is_there, &why) == -1)
		return ++p->reads == READS_MAX;
	if (!is_there)
		judge_absence(p, r);
	return true;
}

/* The helper is gone: tell how it ended as soon as nothing else can act. */
static void
settle(struct process *p)
{
	CLEANUP(result_clear) struct result result;

	result_init(&result);
	if (learn_end(p, &result))
		tell(p, &result);
	else
		ask_again(p);
}

/* Waits for the helper and nobody else: other children are other people's. */
static void
look_for_end(struct process *p)
{
	pid_t pid;

	do
		pid = waitpid(p->pid, &p->status, WNOHANG);
	while (pid == -1 && errno == EINTR);
	if (pid == 0)
		return;
	/* Somebody else has waited for it, or SIGCHLD is ignored: it is gone, but with its status unknown. */
	if (pid == -1)
		p->status = SIGKILL;
	p->pid = 0;
	stop_polling(p);
	settle(p);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	(void)status;
	(void)events;
	look_for_end(poll->data);
}

static void
on_timer(uv_timer_t *timer)
{
	struct process *p = timer->data;

	if (p->pid == 0) {
		settle(p);
		return;
	}
	/* It has no pidfd. */
	ask_again(p);
	look_for_end(p);
}

/* ---- starting ---- */

/*
 * The helper finds the lock and the secrets at their numbers and all signals
 * blocked, so that none can end it before it has settled. vfork underneath:
 * the size of the runner does not matter.
 */
static int
spawn_helper(const struct process *p, char *const *argv, pid_t *pid)
{
	static char *const nothing[] = { NULL };
	char *const *environment = p->environment.len > 0 ? p->environment.v : nothing;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t all;
	int error;

	sigfillset(&all);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	posix_spawnattr_setsigmask(&attr, &all);
	posix_spawn_file_actions_init(&actions);
	error = posix_spawn_file_actions_adddup2(&actions, p->lock_fd, STEP_LOCK_FD);
	if (error == 0 && p->secrets_fd != -1)
		error = posix_spawn_file_actions_adddup2(&actions, p->secrets_fd, STEP_SECRETS_FD);
	if (error == 0)
		error = posix_spawn_file_actions_addchdir_np(&actions, p->folder);
	if (error == 0)
		error = posix_spawn(pid, argv[0], &actions, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return error;
}

/* Cannot fail any more: without a pidfd the timer asks. */
static void
await_end(struct process *p, uv_loop_t *loop)
{
	uv_timer_init(loop, &p->timer);
	p->timer.data = p;
	p->handles++;
	p->pidfd = pidfd_open(p->pid, 0);
	if (p->pidfd != -1 && uv_poll_init(loop, &p->poll, p->pidfd) != 0)
		close_fd(&p->pidfd);
	if (p->pidfd == -1) {
		ask_again(p);
		return;
	}
	p->poll.data = p;
	p->handles++;
	if (uv_poll_start(&p->poll, UV_READABLE, on_readable) == 0)
		return;
	stop_polling(p);
	ask_again(p);
}

int
process_start(struct process *p, uv_loop_t *loop, const char *step, process_done_fn *done,
    void *data, struct err *e)
{
	CLEANUP(strv_clear) struct strv argv = { 0 };
	int error;

	assert(p->lock_fd != -1 && p->done == NULL);
	strv_add(&argv, step);
	strv_copy(&argv, &p->argv);
	failpoint("process.before_spawn");
	error = spawn_helper(p, argv.v, &p->pid);
	failpoint("process.after_spawn");
	close_fd(&p->lock_fd);
	close_fd(&p->secrets_fd);
	if (error != 0) {
		p->pid = 0;
		errno = error;
		return err_sys(e, "start %s", step);
	}
	p->done = done;
	p->data = data;
	await_end(p, loop);
	return 0;
}

void
process_free(struct process *p)
{
	if (p == NULL)
		return;
	p->is_freed = true;
	/* Whoever waits for the execution need not wait for the loop. */
	close_fd(&p->lock_fd);
	if (p->handles == 0) {
		process_release(p);
		return;
	}
	stop_polling(p);
	close_handle((uv_handle_t *)&p->timer);
}

/* ---- executions of others ---- */

int
process_look(const char *folder, const char *execution_id, bool same_boot, bool heed_server,
    enum liveness *liveness, int *lock_fd, struct result *result, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = -1;
	struct err why = { 0 };
	bool is_there;
	int gone;

	*lock_fd = -1;
	*liveness = LIVENESS_HELD;
	fd = lock_take(folder, &why);
	if (fd == -1 && why.kind == ERR_BUSY)
		return 0;
	*liveness = LIVENESS_LOST;
	if (fd == -1 && why.kind == ERR_NOT_FOUND)
		return 0;
	if (fd == -1)
		return err_set(e, why.kind, "%s", why.msg);
	if (record_read(folder, execution_id, result, &is_there, e) == -1)
		return -1;
	if (is_there)
		*liveness = LIVENESS_ENDED;
	else if (same_boot && !record_is_started(folder))
		*liveness = LIVENESS_NOT_STARTED;
	else if (same_boot && heed_server && (gone = lock_is_server_gone(folder, e)) != 1) {
		*liveness = LIVENESS_HELD;
		return gone;
	}
	*lock_fd = fd;
	fd = -1;
	return 0;
}

size_t
process_holders(const char *folder, pid_t *pids, size_t max)
{
	return lock_holders(folder, pids, max);
}

void
process_tidy(const char *folder)
{
	(void)environment_tidy(folder, NULL);
}

int
process_forget_output(const char *folder, struct err *e)
{
	static const char *const names[] = { STEP_STDOUT_NAME, STEP_STDERR_NAME };

	for (size_t i = 0; i < COUNT_OF(names); i++) {
		AUTO_FREE char *path = file_join(folder, names[i]);

		if (truncate(path, 0) == -1 && errno != ENOENT)
			return err_sys(e, "empty %s", path);
	}
	return 0;
}

char *
process_which(const char *name)
{
	const char *path = getenv("PATH");

	if (strchr(name, '/') != NULL)
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	if (path == NULL)
		path = "/bin:/usr/bin";
	while (*path != '\0') {
		size_t len = strcspn(path, ":");
		AUTO_FREE char *file = xasprintf("%.*s/%s", (int)len, path, name);
		struct stat st;

		/* An empty part means the current folder, and a tool's is never the user's. */
		if (len > 0 && stat(file, &st) == 0 && S_ISREG(st.st_mode) &&
		    access(file, X_OK) == 0)
			return take(file);
		path += len + (path[len] == ':');
	}
	return NULL;
}
