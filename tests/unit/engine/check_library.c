/* Capabilities from folders: what is taken, what is refused, and who wins. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "engine/library.h"
#include "../unit.h"

static char root[] = "/tmp/purser-library-XXXXXX";

static int
validate(const struct capability *c, struct faults *faults)
{
	return strcmp(c->name, "refused") == 0
	    ? faults_add(faults, c->name, "the strategy refuses it")
	    : 0;
}

static const struct strategy fake = {
	.name = "azure_cli", .summary = "a fake", .validate = validate
};
static const struct strategy *const fakes[] = { &fake, NULL };

static void
put(const char *folder, const char *name, const char *text)
{
	AUTO_FREE char *path = xasprintf("%s/%s/%s", root, folder, name);
	struct err e = { 0 };
	char *slash = strrchr(path, '/');

	*slash = '\0';
	ck_assert_int_eq(file_make_folder(path, &e), 0);
	*slash = '/';
	ck_assert_msg(file_replace(path, text, strlen(text), 0600, &e) == 0, "%s", e.msg);
}

/* The smallest capability there is; MORE comes before the tables. */
static void
put_capability(const char *folder, const char *name, const char *more)
{
	AUTO_FREE char *text =
	    xasprintf("name = \"%s\"\nsummary = \"A %s\"\n%s\n[[azure_cli.step]]\nname = \"x\"\n",
		name, name, more);
	AUTO_FREE char *below = xasprintf("%s/%s", folder, name);

	put(below, "capability.toml", text);
}

static int
load(struct library *l, struct faults *faults, const char *first, const char *second)
{
	struct strv folders = { 0 };
	int rc;

	strv_addf(&folders, "%s/%s", root, first);
	if (second != NULL)
		strv_addf(&folders, "%s/%s", root, second);
	rc = library_load(l, &folders, fakes, faults);
	strv_clear(&folders);
	return rc;
}

static void
assert_fault(const struct faults *faults, const char *text)
{
	ck_assert_int_gt(faults->count, 0);
	ck_assert_msg(strstr(faults->list.v[0], text) != NULL, "wanted \"%s\" in \"%s\"", text,
	    faults->list.v[0]);
}

static void
setup(void)
{
	memcpy(root + strlen(root) - 6, "XXXXXX", 6);
	ck_assert_ptr_nonnull(mkdtemp(root));
}

static void
teardown(void)
{
	file_remove_tree(root, NULL);
}

START_TEST(all_are_found_and_sorted)
{
	struct faults faults = { 0 };
	struct library l;

	put_capability("a", "two", "synonyms = [\"zwei\"]");
	put_capability("a", "one", "");
	put("a/not_one", "README", "no capability");
	put("a", "file", "nor is a file");
	ck_assert_msg(
	    load(&l, &faults, "a", NULL) == 0, "%s", faults.count > 0 ? faults.list.v[0] : "");
	ck_assert_int_eq(l.len, 2);
	ck_assert_str_eq(l.v[0]->name, "one");
	ck_assert_str_eq(l.v[1]->name, "two");
	ck_assert_ptr_eq(library_find(&l, "zwei"), l.v[1]);
	ck_assert_int_eq(*l.v[0]->folder, '/');
	library_clear(&l);
}
END_TEST

START_TEST(the_first_of_a_name_wins)
{
	struct faults faults = { 0 };
	struct library l;

	put_capability("mine", "one", "provider = \"Mine\"");
	put_capability("theirs", "one", "provider = \"Theirs\"");
	put_capability("theirs", "two", "");
	ck_assert_int_eq(load(&l, &faults, "mine", "theirs"), 0);
	ck_assert_int_eq(l.len, 2);
	ck_assert_str_eq(l.v[0]->provider, "Mine");
	library_clear(&l);
}
END_TEST

START_TEST(a_word_that_two_claim_is_a_fault)
{
	struct faults faults = { 0 };
	struct library l;

	put_capability("a", "one", "synonyms = [\"two\"]");
	put_capability("a", "two", "synonyms = [\"both\"]");
	put_capability("a", "three", "synonyms = [\"both\"]");
	ck_assert_int_eq(load(&l, &faults, "a", NULL), -1);
	ck_assert_int_eq(faults.count, 2);
	assert_fault(&faults, "synonym \"two\" is already a name of two");
	ck_assert_int_eq(l.len, 0);
	faults_clear(&faults);
}
END_TEST

START_TEST(a_missing_folder_is_a_fault)
{
	struct faults faults = { 0 };
	struct library l;

	ck_assert_int_eq(load(&l, &faults, "nowhere", NULL), -1);
	assert_fault(&faults, "nowhere: cannot read this folder");
	faults_clear(&faults);
}
END_TEST

START_TEST(the_strategies_are_asked)
{
	struct faults faults = { 0 };
	struct library l;

	put_capability("a", "refused", "");
	ck_assert_int_eq(load(&l, &faults, "a", NULL), -1);
	assert_fault(&faults, "the strategy refuses it");
	faults_clear(&faults);
}
END_TEST

START_TEST(files_are_part_of_the_digest)
{
	AUTO_FREE char *folder = xasprintf("%s/a/one", root);
	struct faults faults = { 0 };
	struct capability *before, *same, *after;

	put_capability("a", "one", "");
	put("a/one", "main.json", "{}");
	put("a/one", "modules/b.json", "{}");
	put("a/one", ".hidden", "x");
	put("a/one", "main.json~", "x");
	before = library_load_one(folder, fakes, &faults);
	ck_assert_msg(before != NULL, "%s", faults.count > 0 ? faults.list.v[0] : "");
	ck_assert_int_eq(before->n_files, 2);
	ck_assert_ptr_nonnull(capability_file(before, "modules/b.json"));
	put("a/one", "main.json~", "y");
	same = library_load_one(folder, fakes, &faults);
	ck_assert_str_eq(before->digest, same->digest);
	put("a/one", "modules/b.json", "{ }");
	after = library_load_one(folder, fakes, &faults);
	ck_assert_str_ne(before->digest, after->digest);
	capability_free(before);
	capability_free(same);
	capability_free(after);
}
END_TEST

START_TEST(what_is_no_file_is_a_fault)
{
	AUTO_FREE char *folder = xasprintf("%s/a/one", root), *fifo = xasprintf("%s/fifo", folder);
	struct faults faults = { 0 };

	put_capability("a", "one", "");
	ck_assert_int_eq(mkfifo(fifo, 0600), 0);
	ck_assert_ptr_null(library_load_one(folder, fakes, &faults));
	assert_fault(&faults, "is neither a file nor a folder");
	faults_clear(&faults);
}
END_TEST

START_TEST(a_broken_description_is_told_with_its_place)
{
	AUTO_FREE char *folder = xasprintf("%s/a/one", root);
	struct faults faults = { 0 };

	put("a/one", "capability.toml", "name = \n");
	ck_assert_ptr_null(library_load_one(folder, fakes, &faults));
	assert_fault(&faults, "capability.toml");
	faults_clear(&faults);
	ck_assert_ptr_null(library_load_one(root, fakes, &faults));
	assert_fault(&faults, "capability.toml");
	faults_clear(&faults);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("library");
	TCase *tc = tcase_create("library");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, all_are_found_and_sorted);
	tcase_add_test(tc, the_first_of_a_name_wins);
	tcase_add_test(tc, a_word_that_two_claim_is_a_fault);
	tcase_add_test(tc, a_missing_folder_is_a_fault);
	tcase_add_test(tc, the_strategies_are_asked);
	tcase_add_test(tc, files_are_part_of_the_digest);
	tcase_add_test(tc, what_is_no_file_is_a_fault);
	tcase_add_test(tc, a_broken_description_is_told_with_its_place);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
