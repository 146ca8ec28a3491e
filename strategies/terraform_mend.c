#include <config.h>

#include "strategies/terraform_mend.h"

#include <string.h>

#include "base/mem.h"
#include "strategies/terraform_failure.h"

#define UNSAVED_FILE "errored.tfstate"

/* What mends say that found nothing to do, or for whose lock what comes next tells. */
static const char *const needless[] = {
	"Resource already managed by Terraform",
	"Cannot import non-existent remote object",
	"Failed to unlock state",
	"LocalState not locked",
	"over newer state with serial",
	"open " UNSAVED_FILE ": no such file",
};

static bool
has_code(const struct failure *f, const char *code)
{
	return f->code != NULL && strcmp(f->code, code) == 0;
}

/* One more call among READING's mends, still empty. */
static cJSON *
begin_mend(struct reading *reading)
{
	cJSON *argv = cJSON_CreateArray();

	if (reading->mend == NULL)
		reading->mend = cJSON_CreateArray();
	cJSON_AddItemToArray(reading->mend, argv);
	return argv;
}

/* Appends one call of terraform to READING's mends. */
static void
add_mend(const struct step *step, struct reading *reading, const char *const *words)
{
	cJSON *argv = begin_mend(reading);

	/* As the run begins: with its subscription, in its folder. */
	for (size_t i = 0; i < step->run.len; i++) {
		cJSON_AddItemToArray(argv, cJSON_CreateString(step->run.v[i]));
		if (strncmp(step->run.v[i], "-chdir=", 7) == 0)
			break;
	}
	for (; *words != NULL; words++)
		cJSON_AddItemToArray(argv, cJSON_CreateString(*words));
}

static void
mend_lock_by(const struct step *step, const char *text, const char *more, struct reading *reading)
{
	AUTO_FREE char *holder = terraform_lock_holder(text);

	if (holder == NULL)
		holder = terraform_lock_holder(more);
	if (holder == NULL)
		return;
	add_mend(step, reading,
	    (const char *const[]){ "force-unlock", "-force", "-no-color", holder, NULL });
	reading->mend_lost = true;
	reading->lock_ms = terraform_lock_time(text);
	if (reading->lock_ms == 0)
		reading->lock_ms = terraform_lock_time(more);
}

void
terraform_mend_lock(
    const struct step *step, const struct terraform_stream *s, struct reading *reading)
{
	if (has_code(&reading->failure, TERRAFORM_STATE_LOCKED))
		mend_lock_by(step, s->detail, s->summary, reading);
}

void
terraform_mend_state(
    const struct step *step, const struct terraform_stream *s, struct reading *reading)
{
	for (size_t i = 0; i < s->made.ids.len; i++) {
		const char *address = s->made.addresses.v[i], *id = s->made.ids.v[i];

		/* No word of a start may come about in it, and nothing that looks like an option. */
		if (strchr(address, '{') != NULL || strchr(id, '{') != NULL || *id == '-')
			continue;
		add_mend(step, reading,
		    (const char *const[]){
			"import", "-input=false", "-no-color", address, id, NULL });
	}
}

bool
terraform_mend_is_unsaved(const struct result *r, const struct failure *f)
{
	return has_code(f, TERRAFORM_STATE_NOT_SAVED) || strstr(r->out, UNSAVED_FILE) != NULL;
}

void
terraform_mend_unsaved(const struct step *step, struct reading *reading)
{
	add_mend(step, reading,
	    (const char *const[]){ "state", "push", "-no-color", UNSAVED_FILE, NULL });
}

void
terraform_mend_init(const struct step *step, struct reading *reading)
{
	cJSON *argv;

	if (!has_code(&reading->failure, TERRAFORM_NOT_INITIALIZED) || step->n_checks == 0)
		return;
	argv = begin_mend(reading);
	for (size_t i = 0; i < step->checks[0].len; i++)
		cJSON_AddItemToArray(argv, cJSON_CreateString(step->checks[0].v[i]));
}

static bool
is_needless(const struct result *r)
{
	for (size_t i = 0; i < COUNT_OF(needless); i++)
		if (strstr(r->err, needless[i]) != NULL || strstr(r->out, needless[i]) != NULL)
			return true;
	return false;
}

void
terraform_mend_read(const struct failure_table *known, const struct step *step,
    const struct result *r, struct reading *reading)
{
	bool is_good = r->ending == END_EXITED && r->code == 0;

	reading->outcome = is_good ? OUTCOME_HAPPENED : OUTCOME_IN_DOUBT;
	if (is_good || (r->ending == END_EXITED && is_needless(r)))
		return;
	terraform_failure(known, step, r, NULL, &reading->failure);
	reading->lost = r->ending != END_EXITED && r->ending != END_NOT_STARTED;
	AUTO_FREE char *words = terraform_words(r->err);
	if (has_code(&reading->failure, TERRAFORM_STATE_LOCKED))
		mend_lock_by(step, words, NULL, reading);
	terraform_mend_init(step, reading);
}
