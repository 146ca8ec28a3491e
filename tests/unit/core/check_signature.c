/* What of a failure its signature sees, and what it does not. */
#include <config.h>

#include "core/signature.h"

#include <string.h>

#include "base/mem.h"
#include "tests/unit/unit.h"

static const struct {
	const char *message, *text;
} texts[] = {
	{ "", "" },
	{ "The Same Words.", "the same words" },
	{ "  many   blanks\n\tand lines ", "many blanks and lines" },
	{ "group 'rg-web' could not be found", "group @ could not be found" },
	{ "group \"rg web\" could not be found", "group @ could not be found" },
	{ "failed with 'this is a sentence about 'x1' of y.' and ended",
	    "failed with this is a sentence about @ of y and ended" },
	{ "they can't and don't", "they can t and don t" },
	{ "sizes are: 'a','b', 'c' and d1", "sizes are @ and @" },
	{ "id 5a2db0c5-0000-4000-8000-000000000001 of /subscriptions/x/y", "id @ of @" },
	{ "in East US 2 or in westeurope", "in @ or in @" },
	{ "Germany West Central has none", "@ has none" },
	{ "the west has none", "the west has none" },
	{ "at Sat, 21 Nov 2026 20:46:11 GMT it was over", "at @ it was over" },
	{ "wait 30 seconds", "wait @" },
	{ "wait 2 minutes", "wait @" },
	{ "ask management.azure.com:443 or https://x/y", "ask @ or @" },
	{ "action Microsoft.Compute/virtualMachines/write",
	    "action microsoft.compute/virtualmachines @" },
	{ "a disk mydisk is there", "a disk @ is there" },
	{ "no value for name=web or Name=", "no value for name @ or name" },
	{ "a=b&c=d", "a @" },
	{ "a disk called mydisk and one named mydisk", "a disk called @ and one named @" },
	/* What marks a name does so whatever it is. */
	{ "the quota of 'quota' is not enough for vm (vm)",
	    "the quota of @ is not enough for vm @" },
	/* What was cut in the middle of a name. */
	{ "not found: '/subscriptions/0123", "not found @" },
	{ "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
	  "eighteen nineteen",
	    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
	    "seventeen eighteen" },
};

START_TEST(is_seen_so)
{
	char *known[] = { (char[]){ "mydisk" } };
	AUTO_FREE char *message = xstrdup(texts[_i].message);
	const struct strv names = { .v = known, .len = 1 };
	const struct failure f = { .code = (char[]){ "Code" }, .message = message };
	AUTO_FREE char *text = signature_text(&f, &names);

	ck_assert_str_eq(text, texts[_i].text);
}
END_TEST

/* An objective may be called like a word of the message: that word says the same for all. */
START_TEST(words_stay_words)
{
	static const char *const called[] = { "vm", "quota", "not", "network", "the", "a", "error",
		"Failed", "1", "web-1" };
	struct failure f = { .code = (char[]){ "QuotaExceeded" } };
	char one[SIGNATURE_SIZE] = "", other[SIGNATURE_SIZE];

	for (size_t i = 0; i < COUNT_OF(called); i++) {
		char *own[] = { (char *)(uintptr_t)called[i] };
		const struct strv names = { .v = own, .len = 1 };
		AUTO_FREE char *message =
		    xasprintf("Error: the quota for vm '%s' is not a network quota; "
			      "/subscriptions/s/resourceGroups/%s failed, name=%s",
			called[i], called[i], called[i]);

		f.message = message;
		signature_of(&f, "linux_vm", &names, other);
		if (i > 0)
			ck_assert_str_eq(one, other);
		memcpy(one, other, sizeof(one));
	}
}
END_TEST

static void
sign(enum failure_class class, const char *code, const char *step, const char *message,
    const char *capability, char out[static SIGNATURE_SIZE])
{
	struct failure f = { 0 };

	failure_set(&f, class, code, step, "%s", message);
	signature_of(&f, capability, NULL, out);
	ck_assert_uint_eq(strlen(out), SIGNATURE_LEN);
	ck_assert_uint_eq(strspn(out, "0123456789abcdef"), SIGNATURE_LEN);
	failure_clear(&f);
}

START_TEST(each_part_counts)
{
	char one[SIGNATURE_SIZE], other[SIGNATURE_SIZE];

#define DIFFERS(...)                          \
	do {                                  \
		sign(__VA_ARGS__, other);     \
		ck_assert_str_ne(one, other); \
	} while (0)
	sign(FAILURE_QUOTA, "QuotaExceeded", "machines", "no more in 'x'", "linux_vm", one);
	sign(FAILURE_QUOTA, "QUOTAEXCEEDED", "machines", "No more in 'y'.", "linux_vm", other);
	ck_assert_str_eq(one, other);
	DIFFERS(FAILURE_CAPACITY, "QuotaExceeded", "machines", "no more in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaReached", "machines", "no more in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, NULL, "machines", "no more in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaExceeded", "disks", "no more in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaExceeded", NULL, "no more in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaExceeded", "machines", "none in 'x'", "linux_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaExceeded", "machines", "no more in 'x'", "windows_vm");
	DIFFERS(FAILURE_QUOTA, "QuotaExceeded", "machines", "no more in 'x'", NULL);
#undef DIFFERS
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("signature");
	TCase *tcase = tcase_create("signature");

	tcase_add_loop_test(tcase, is_seen_so, 0, COUNT_OF(texts));
	tcase_add_test(tcase, words_stay_words);
	tcase_add_test(tcase, each_part_counts);
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
