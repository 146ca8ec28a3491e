/*
 * Proof of the audit log: every line's hash stands in the next one, the numbers
 * have no gap, and the last one is what the store says.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "engine/audit.h"
#include "engine/audit_file.h"

#define LOCK_TRIES 100
#define LOCK_PAUSE_MS 50

static const char zero_hash[] = "0000000000000000000000000000000000000000000000000000000000000000";

struct proof {
	struct audit_report *report;
	struct faults *faults;
	const struct audit_head *head;
	char hash[DIGEST_SIZE]; /* of the last line; "" before the first */
	int64_t number;
};

/* While it is held nobody appends or rotates. */
static int
take_lock(const char *state, struct err *e)
{
	AUTO_FREE char *path = file_join(state, AUDIT_LOCK_NAME);

	for (int i = 0; i < LOCK_TRIES; i++) {
		int fd = file_lock(path, e);

		if (fd != -1 || e->kind != ERR_BUSY)
			return fd;
		poll(NULL, 0, LOCK_PAUSE_MS);
	}
	return -1;
}

static void
check_first(struct proof *p, int64_t number, const char *prev, const char *where)
{
	const struct audit_head *head = p->head;

	p->report->first = number;
	if (number == 1 && strcmp(prev, zero_hash) != 0)
		faults_add(p->faults, where, "the first record of all must follow nothing");
	if (number > head->anchor_number + 1)
		faults_add(p->faults, where,
		    "the log begins with record %lld, but only those up to %lld were pruned",
		    (long long)number, (long long)head->anchor_number);
	if (number > 1 && number == head->anchor_number + 1 && strcmp(prev, head->anchor_hash) != 0)
		faults_add(p->faults, where, "does not follow the last pruned record %lld",
		    (long long)head->anchor_number);
}

static int
check_line(const char *line, size_t len, const struct audit_place *place, void *data)
{
	struct proof *p = data;
	char where[300];
	struct err e = { 0 };

	snprintf(where, sizeof where, "%s:%ld", place->file, place->line);
	AUTO_JSON cJSON *record = json_parse(line, len, place->line, &e);
	if (record == NULL) {
		faults_add(p->faults, where, "is not a record: %s", e.msg);
		return 0;
	}

	int64_t number = json_int(record, "n", -1);
	const char *prev = json_str(record, "prev");
	if (number < 1 || prev == NULL) {
		faults_add(p->faults, where, "has no number or no hash of the record before");
		return 0;
	}
	if (p->number == 0)
		check_first(p, number, prev, where);
	else if (number != p->number + 1)
		faults_add(p->faults, where, "record %lld follows record %lld", (long long)number,
		    (long long)p->number);
	else if (strcmp(prev, p->hash) != 0)
		faults_add(p->faults, where, "record %lld was changed, or the one before it",
		    (long long)number);
	p->number = number;
	digest_bytes(line, len, p->hash);
	if (number == p->head->anchor_number && strcmp(p->hash, p->head->anchor_hash) != 0)
		faults_add(p->faults, where, "is not the record that the store's anchor names");
	return 0;
}

static int
check_files(const char *state, struct proof *p, struct err *e)
{
	struct strv paths = { 0 };
	int answer = 0;

	audit_files(state, &paths);
	p->report->files = (int)paths.len;
	for (size_t i = 0; answer == 0 && i < paths.len; i++) {
		bool torn;

		answer = audit_file_lines(paths.v[i], check_line, p, &torn, e);
		if (answer == 0 && torn && i + 1 < paths.len)
			faults_add(p->faults, paths.v[i], "ends within a record");
	}
	strv_clear(&paths);
	return answer;
}

static int
check_outbox(struct store *s, struct proof *p, struct err *e)
{
	while (p->number < p->head->number) {
		struct audit_line *lines;
		size_t len;

		if (store_audit_pending(s, p->number, 1000, &lines, &len, e) == -1)
			return -1;
		for (size_t i = 0; i < len && lines[i].number <= p->head->number; i++) {
			struct audit_place place = { "outbox", (long)lines[i].number };

			check_line(lines[i].line, strlen(lines[i].line), &place, p);
			p->report->pending++;
		}
		store_audit_free(lines, len);
		if (len == 0)
			break;
	}
	return 0;
}

int
audit_verify(struct store *s, const char *state, struct audit_report *report, struct faults *faults,
    struct err *e)
{
	CLEANUP(fd_cleanup) int lock = take_lock(state, e);
	struct audit_head head;
	size_t before = faults->count;

	memset(report, 0, sizeof *report);
	if (lock == -1 || store_audit_head(s, &head, e) == -1)
		return -1;

	struct proof p = { .report = report, .faults = faults, .head = &head };
	report->pruned = head.anchor_number;
	if (check_files(state, &p, e) == -1)
		return -1;
	if (p.number < head.flushed)
		faults_add(faults, AUDIT_NAME,
		    "ends with record %lld, but %lld had been written to it", (long long)p.number,
		    (long long)head.flushed);
	if (check_outbox(s, &p, e) == -1)
		return -1;
	report->last = p.number;
	if (p.number != head.number)
		faults_add(faults, AUDIT_NAME, "the last record is %lld, but the store says %lld",
		    (long long)p.number, (long long)head.number);
	else if (head.number > 0 && strcmp(p.hash, head.hash) != 0)
		faults_add(
		    faults, AUDIT_NAME, "the last record is not the one that the store knows");
	return faults->count == before ? 0 : -1;
}

struct each {
	audit_each_fn *function;
	void *data;
	int64_t number;
};

static int
each_line(const char *line, size_t len, const struct audit_place *place, void *data)
{
	struct each *each = data;
	AUTO_JSON cJSON *record = json_parse(line, len, place->line, NULL);

	if (record == NULL)
		return 0; /* audit_verify() complains, not the reader */
	each->number = json_int(record, "n", each->number);
	return each->function(record, line, each->data);
}

int
audit_each(struct store *s, const char *state, audit_each_fn *function, void *data, struct err *e)
{
	CLEANUP(fd_cleanup) int lock = take_lock(state, e);
	struct each each = { function, data, 0 };
	struct strv paths = { 0 };
	int answer = 0;

	if (lock == -1)
		return -1;
	audit_files(state, &paths);
	for (size_t i = 0; answer == 0 && i < paths.len; i++) {
		bool torn;

		answer = audit_file_lines(paths.v[i], each_line, &each, &torn, e);
	}
	strv_clear(&paths);
	while (answer == 0) {
		struct audit_line *lines;
		size_t len;

		if (store_audit_pending(s, each.number, 1000, &lines, &len, e) == -1)
			return -1;
		for (size_t i = 0; answer == 0 && i < len; i++) {
			struct audit_place place = { "outbox", (long)lines[i].number };

			answer = each_line(lines[i].line, strlen(lines[i].line), &place, &each);
		}
		store_audit_free(lines, len);
		if (len == 0)
			break;
	}
	return answer;
}
