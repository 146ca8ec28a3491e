/* Whatever a tool says, it is a failure that can be stored: a class, a message of one line, a signature. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/doc.h"
#include "base/mem.h"
#include "core/execution.h"
#include "core/signature.h"
#include "strategies/azure_error.h"
#include "strategies/terraform_failure.h"
#include "tests/fuzz/fuzz.h"

/* The installed table; once for all inputs. */
static const struct failure_table *
known_failures(void)
{
	static struct failure_table *known;
	const char *top = getenv("srcdir");
	struct faults faults = { 0 };
	struct doc doc = { 0 };

	if (known != NULL)
		return known;
	AUTO_FREE char *path = xasprintf("%s/strategies/failures.toml", top != NULL ? top : ".");
	if (doc_read(path, 1024 * 1024, &doc, NULL) == 0)
		known = failure_table_parse(&doc, &faults);
	assert(known != NULL);
	doc_clear(&doc);
	faults_clear(&faults);
	return known;
}

static void
check(struct failure *f)
{
	char *words[] = { (char[]){ "quota" }, (char[]){ "the" }, (char[]){ "a" } };
	const struct strv ordinary = { .v = words, .len = COUNT_OF(words) };
	char one[SIGNATURE_SIZE], other[SIGNATURE_SIZE];

	assert(f->class < FAILURE_CLASSES && f->retry < RETRIES);
	assert(f->message != NULL && strchr(f->message, '\n') == NULL);
	assert(f->wait_ms >= 0 && f->tool_tries >= 0);
	assert(f->trace.target == NULL || strchr(f->trace.target, '\n') == NULL);
	assert(f->advice_id == NULL || failure_table_rule(known_failures(), f->advice_id) != NULL);
	signature_of(f, "linux_vm", NULL, one);
	signature_of(f, "linux_vm", &ordinary, other);
	assert(strcmp(one, other) == 0 && strlen(one) == SIGNATURE_LEN);
	failure_clear(f);
}

static void
read_as_az(const char *text, int status)
{
	struct failure f = { 0 };
	struct azure_error e;
	AUTO_JSON cJSON *json = cJSON_Parse(text);

	azure_error_read(&e, known_failures(), text, status);
	azure_error_tell(&e, NULL, "step", &f);
	azure_error_clear(&e);
	check(&f);
	azure_error_read_json(&e, known_failures(), json);
	azure_error_tell(&e, NULL, NULL, &f);
	azure_error_clear(&e);
	check(&f);
}

/* On stdout, as lines of JSON, or as plain text on stderr. */
static void
read_as_terraform(const char *text, bool stream)
{
	const struct step step = { .name = (char[]){ "module" } };
	struct terraform_stream told = { 0 };
	struct result r;
	struct failure f = { 0 };

	result_init(&r);
	char **slot = stream ? &r.out : &r.err;
	free(*slot);
	*slot = xstrdup(text);
	r.ending = END_EXITED;
	r.code = 1;
	terraform_stream_read(&told, r.out);
	terraform_failure(known_failures(), &step, &r, &told, &f);
	check(&f);
	free(terraform_lock_holder(text));
	terraform_stream_clear(&told);
	result_clear(&r);
}

/* The text itself is a detail of terraform's. */
static void
read_as_detail(const char *text)
{
	AUTO_JSON cJSON *line = cJSON_CreateObject();
	cJSON *diagnostic = cJSON_AddObjectToObject(line, "diagnostic");

	json_add_str(line, "type", "diagnostic");
	json_add_str(diagnostic, "severity", "error");
	json_add_str(diagnostic, "summary", "creating");
	json_add_str(diagnostic, "detail", text);
	AUTO_FREE char *told = json_text(line);
	read_as_terraform(told, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* As all texts of tools come in. */
	AUTO_FREE char *text = result_text((const char *)data, size);

	read_as_az(text, size > 0 ? data[0] % 4 : 1);
	read_as_terraform(text, true);
	read_as_terraform(text, false);
	read_as_detail(text);
	return 0;
}
