/* What the tests of strategies share: answers that the real az gave, and the capabilities that are installed. */
#ifndef UNIT_STRATEGIES_AZ_H
#define UNIT_STRATEGIES_AZ_H

#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/mem.h"
#include "core/capability.h"
#include "core/execution.h"
#include "core/failure_table.h"
#include "tests/unit/unit.h"

/* Of a file of the source tree; the caller's own. */
static inline char *
data_path(const char *name)
{
	const char *srcdir = getenv("srcdir");

	return xasprintf("%s/%s", srcdir ? srcdir : ".", name);
}

/* strategies/failures.toml. The caller's own. */
static inline struct failure_table *
installed_failures(void)
{
	AUTO_FREE char *path = data_path("strategies/failures.toml");
	struct faults faults = { 0 };
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_read(path, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	struct failure_table *known = failure_table_parse(&doc, &faults);
	ck_assert_msg(known != NULL, "%s", faults.list.v ? faults.list.v[0] : "");
	doc_clear(&doc);
	return known;
}

/* tests/data/az/NAME.json: {"argv", "code", "out", "err"}, recorded with az 2.45.0 against the sandbox. */
static inline void
az_answer(const char *name, struct result *r)
{
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *path = xasprintf("%s/tests/data/az/%s.json", srcdir ? srcdir : ".", name);
	struct buf text = BUF_INIT(1024 * 1024);
	struct err e = { 0 };

	ck_assert_msg(file_read(path, text.max, &text, &e) == 0, "%s", e.msg);
	AUTO_JSON cJSON *json = json_parse(text.data, text.len, 1, &e);
	ck_assert_msg(json != NULL, "%s", e.msg);
	buf_clear(&text);
	result_init(r);
	r->ending = END_EXITED;
	r->started_ms = 1000000;
	r->ended_ms = 1002000;
	r->code = (int)json_int(json, "code", -1);
	free(r->out);
	free(r->err);
	r->out = xstrdup(json_str(json, "out"));
	r->err = xstrdup(json_str(json, "err"));
}

static inline struct capability *
capability_of_text(const char *toml, struct faults *faults)
{
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_parse("capability.toml", toml, strlen(toml), &doc, &e) == 0, "%s", e.msg);
	return capability_parse(&doc, NULL, faults);
}

static inline struct capability *
capability_of_folder(const char *name, struct faults *faults)
{
	const char *srcdir = getenv("srcdir");
	AUTO_FREE char *folder = xasprintf("%s/templates/%s", srcdir ? srcdir : ".", name);
	AUTO_FREE char *path = file_join(folder, "capability.toml"),
		       *main_path = file_join(folder, "main.json");
	struct buf text = BUF_INIT(1024 * 1024);
	struct doc doc = { 0 };
	struct err e = { 0 };

	ck_assert_msg(doc_read(path, 1024 * 1024, &doc, &e) == 0, "%s", e.msg);
	struct capability *c = capability_parse(&doc, folder, faults);
	ck_assert_msg(c != NULL, "%s", faults->list.v ? faults->list.v[0] : "");
	if (file_exists(main_path)) {
		ck_assert_msg(file_read(main_path, text.max, &text, &e) == 0, "%s", e.msg);
		ck_assert_int_eq(capability_add_file(c, "main.json", text.data, text.len), 0);
		buf_clear(&text);
	}
	capability_seal(c);
	return c;
}

#endif
