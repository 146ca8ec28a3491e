#include "config.h"
#include "step/output.h"

#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/stat.h>

#include "step/protocol.h"
#include "step/system.h"

/* Holes begin and end between blocks; a hole smaller than this is not worth a call. */
#define BLOCK_BYTES 4096
#define HOLE_MIN_BYTES (256 * 1024)

static void
give_back_middle(struct output *o)
{
	off_t from = o->hole_end > STEP_HEAD_BYTES ? o->hole_end : STEP_HEAD_BYTES;
	off_t to = (o->size - STEP_TAIL_BYTES) / BLOCK_BYTES * BLOCK_BYTES;

	if (o->stays_whole || to - from < HOLE_MIN_BYTES)
		return;
	if (CALL(fallocate, o->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from) ==
	    0)
		o->hole_end = to;
	else
		o->stays_whole = true;
}

off_t
output_trim(struct output *o)
{
	struct statx st;
	off_t grown;

	if (CALL(statx, o->fd, "", AT_EMPTY_PATH, STATX_SIZE, &st) < 0)
		return 0;
	grown = (off_t)st.stx_size - o->size;
	o->size = (off_t)st.stx_size;
	/* The tool has truncated its own output: what is there now has no hole. */
	if (grown < 0)
		o->hole_end = 0;
	give_back_middle(o);
	return grown < 0 ? -grown : grown;
}
