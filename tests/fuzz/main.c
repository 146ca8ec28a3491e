/*
 * Stands in for libFuzzer:
 *
 *	TARGET FOLDER [COPIES]
 *
 * runs the target over each file of the folder, and over so many copies of each in
 * which some bytes were changed, doubled, moved or cut: the same ones every time.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/mem.h"
#include "tests/fuzz/fuzz.h"

#define INPUT_MAX (64 * 1024)

/* xorshift64: any sequence will do, but always the same. */
static uint64_t
next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void
change(uint8_t *data, size_t *len, uint64_t *state)
{
	static const char likely[] = "{}[]\":,\\\n0-19e@!\xff";
	size_t at = next(state) % *len, n = next(state) % 16 + 1;

	if (n > *len - at)
		n = *len - at;
	switch (next(state) % 5) {
	case 0:
		data[at] = (uint8_t)next(state);
		break;
	case 1:
		data[at] = (uint8_t)likely[next(state) % (sizeof(likely) - 1)];
		break;
	case 2:
		memmove(data + at, data + at + n, *len - at - n);
		*len -= n;
		break;
	case 3:
		if (*len + n > INPUT_MAX)
			break;
		memmove(data + at + n, data + at, *len - at);
		*len += n;
		break;
	default:
		memmove(data + at, data + next(state) % (*len - n + 1), n);
		break;
	}
}

static void
run_copies(const struct buf *original, long copies, uint64_t seed)
{
	uint8_t *data = xmalloc(INPUT_MAX);
	uint64_t state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

	for (long i = 0; i < copies && original->len > 0; i++) {
		size_t len = original->len;

		memcpy(data, original->data, len);
		for (uint64_t n = next(&state) % 8 + 1; n > 0 && len > 0; n--)
			change(data, &len, &state);
		LLVMFuzzerTestOneInput(data, len);
	}
	free(data);
}

int
main(int argc, char **argv)
{
	long copies = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	DIR *folder = argc > 1 ? opendir(argv[1]) : NULL;
	struct dirent *entry;
	uint64_t files = 0;

	if (folder == NULL) {
		fputs("usage: TARGET FOLDER [COPIES]\n", stderr);
		return 2;
	}
	while ((entry = readdir(folder)) != NULL) {
		AUTO_FREE char *path = file_join(argv[1], entry->d_name);
		struct buf input = BUF_INIT(INPUT_MAX);

		if (entry->d_name[0] != '.' && file_read(path, INPUT_MAX, &input, NULL) == 0) {
			LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&input), input.len);
			run_copies(&input, copies, ++files);
		}
		buf_clear(&input);
	}
	closedir(folder);
	printf("%d files, %ld copies of each\n", (int)files, copies);
	return files == 0;
}
