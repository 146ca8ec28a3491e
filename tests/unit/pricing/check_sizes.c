#include <config.h>

#include "base/buf.h"
#include "pricing/sizes.h"
#include "tests/unit/pricing/estimate.h"

#define VM "[[cost]]\nname = \"vms\"\nvm = \"{size}\"\nquantity = \"{count}\"\n"
#define DISK                                                                      \
	"[[cost]]\nname = \"disk\"\nservice = \"Storage\"\nproduct = \"Disks\"\n" \
	"sku = \"E4 LRS\"\nmeter = \"E4 LRS Disk\"\nquantity = 1\n"

static const struct {
	const char *cost, *region, *parameters, *parameter, *found;
} cases[] = {
	/* The closest in price, cheapest first, without the one that is asked for. */
	{ VM, "here", "{\"size\": \"Standard_D8s_v5\", \"count\": 1}", "size",
	    " Standard_D2s_v5 Standard_D4s_v5 Standard_D16s_v5" },
	{ DISK VM, "there", "{\"size\": \"standard_d4s_v5\", \"count\": 1}", "size",
	    " Standard_D2s_v5 Standard_D8s_v5 Standard_D16s_v5" },
	/* One that nobody sells has a family all the same. */
	{ VM, "here", "{\"size\": \"Standard_D3s_v5\", \"count\": 1}", "size",
	    " Standard_D2s_v5 Standard_D4s_v5 Standard_D8s_v5" },
	{ VM, "nowhere", "{\"size\": \"Standard_D4s_v5\", \"count\": 1}", "size", "" },
	{ DISK, "here", "{}", NULL, "" },
};

START_TEST(are_found)
{
	struct book *book = small_book();
	struct capability *c = box(cases[_i].cost);
	struct buf text = BUF_INIT(1024);
	struct err e = { 0 };
	struct objective o;
	struct sizes sizes;

	wish(&o, cases[_i].region, cases[_i].parameters);
	ck_assert_msg(sizes_find(book, c, &o, 3, &sizes, &e) == 0, "%s", e.msg);
	ck_assert_pstr_eq(sizes.parameter, cases[_i].parameter);
	for (size_t i = 0; i < sizes.list.len; i++)
		buf_addf(&text, " %s", sizes.list.v[i].size);
	ck_assert_str_eq(buf_str(&text), cases[_i].found);
	sizes_clear(&sizes);
	buf_clear(&text);
	objective_clear(&o);
	capability_free(c);
	book_close(book);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("sizes");
	TCase *tcase = tcase_create("sizes");

	tcase_add_loop_test(tcase, are_found, 0, COUNT_OF(cases));
	suite_add_tcase(suite, tcase);
	return unit_run(suite);
}
