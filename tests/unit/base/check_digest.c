#include "config.h"
#include "base/digest.h"

#include <string.h>

#include "../unit.h"
#include "base/mem.h"

/* From FIPS 180-4's examples and NIST's test vectors. */
static const struct {
	const char *text;
	const char *digest;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

START_TEST(known_vectors)
{
	char out[DIGEST_SIZE];

	digest_text(vectors[_i].text, out);
	ck_assert_str_eq(out, vectors[_i].digest);
	digest_bytes(vectors[_i].text, strlen(vectors[_i].text), out);
	ck_assert_str_eq(out, vectors[_i].digest);
}
END_TEST

START_TEST(bytes_count_past_a_nul)
{
	char with_nul[DIGEST_SIZE];
	char without[DIGEST_SIZE];

	digest_bytes("a\0b", 3, with_nul);
	digest_bytes("a", 1, without);
	ck_assert_str_ne(with_nul, without);
	ck_assert_uint_eq(strlen(with_nul), DIGEST_LEN);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("digest");
	TCase *tc = tcase_create("digest");

	tcase_add_loop_test(tc, known_vectors, 0, COUNT_OF(vectors));
	tcase_add_test(tc, bytes_count_past_a_nul);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
