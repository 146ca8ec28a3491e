/* What the tests of the terraform strategy share: answers that the real terraform gave. */
#ifndef UNIT_STRATEGIES_TERRAFORM_H
#define UNIT_STRATEGIES_TERRAFORM_H

#include "strategies/strategy.h"
#include "tests/unit/strategies/az.h"

/* tests/data/terraform/NAME.json: {"argv", "code", "out", "err"}, recorded with terraform 1.11.4. */
static inline void
terraform_answer(const char *name, struct result *r)
{
	AUTO_FREE char *relative = xasprintf("tests/data/terraform/%s.json", name);
	AUTO_FREE char *path = data_path(relative);
	struct buf text = BUF_INIT(1024 * 1024);
	struct err e = { 0 };

	ck_assert_msg(file_read(path, text.max, &text, &e) == 0, "%s", e.msg);
	AUTO_JSON cJSON *json = json_parse(text.data, text.len, 1, &e);
	ck_assert_msg(json != NULL, "%s", e.msg);
	buf_clear(&text);
	result_init(r);
	r->ending = END_EXITED;
	r->code = (int)json_int(json, "code", -1);
	free(r->out);
	free(r->err);
	r->out = xstrdup(json_str(json, "out"));
	r->err = xstrdup(json_str(json, "err"));
}

/* A call of terraform that ended so, and told TEXT. */
static inline void
terraform_told(struct result *r, int code, const char *text)
{
	result_init(r);
	r->ending = END_EXITED;
	r->code = code;
	free(r->out);
	r->out = xstrdup(text);
}

/* One line of -json with an error. */
static inline char *
terraform_error(const char *summary, const char *detail)
{
	AUTO_JSON cJSON *line = cJSON_CreateObject();
	cJSON *diagnostic = cJSON_AddObjectToObject(line, "diagnostic");
	AUTO_FREE char *text = NULL;

	json_add_str(line, "type", "diagnostic");
	json_add_str(diagnostic, "severity", "error");
	json_add_str(diagnostic, "summary", summary);
	json_add_str(diagnostic, "detail", detail);
	text = json_text(line);
	return xasprintf("%s\n", text);
}

#endif
