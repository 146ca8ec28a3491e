#include "config.h"

#include "engine/probe.h"

#include <string.h>

#include "base/file.h"
#include "base/id.h"
#include "base/mem.h"
#include "driver/process.h"

/* It reads a local file; what takes longer hangs. */
#define PROBE_TIMEOUT_MS (60 * 1000)

/* Nothing depends on what it left, but it held a copy of the tool's settings. */
static void
forget_folder(struct probe *p)
{
	*strrchr(p->folder, '/') = '\0';
	file_remove_tree(p->folder, NULL);
}

static void
take_answer(struct process *process, const struct result *result, void *data)
{
	struct probe *p = data;

	(void)process;
	p->account = p->strategy->read_probe(p->failures, result, &p->failure);
	p->state = p->account != NULL ? PROBE_ANSWERED : PROBE_FAILED;
	forget_folder(p);
	p->done(p, p->data);
}

int
probe_ask(struct probe *p, const struct strategy *strategy, const struct failure_table *failures,
    const struct paths *paths, uv_loop_t *loop, const char *runner_id,
    void (*done)(struct probe *p, void *data), void *data, struct err *e)
{
	struct strv argv = { 0 };
	char id[ID_SIZE];

	id_new(id);
	for (const char *const *word = strategy->probe; *word != NULL; word++)
		strv_add(&argv, *word);
	p->strategy = strategy;
	p->failures = failures;
	p->done = done;
	p->data = data;
	p->folder = paths_execution(paths, runner_id, id);
	const struct process_spec spec = {
		.execution_id = id,
		.objective_id = runner_id,
		.folder = p->folder,
		.argv = &argv,
		.environment = strategy->environment,
		.timeout_ms = PROBE_TIMEOUT_MS,
		.grace_ms = 1000,
	};
	p->process = process_prepare(&spec, e);
	strv_clear(&argv);
	if (p->process == NULL)
		return -1;
	p->state = PROBE_ASKING;
	return process_start(p->process, loop, paths->step, take_answer, p, e);
}

void
probe_clear(struct probe *p)
{
	if (p->process != NULL)
		process_free(p->process);
	if (p->state == PROBE_ASKING)
		forget_folder(p);
	free(p->account);
	free(p->folder);
	failure_clear(&p->failure);
	memset(p, 0, sizeof *p);
}
