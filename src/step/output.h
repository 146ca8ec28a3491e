/*
 * A file that the tool writes and that we keep small: only its head and its
 * tail stay on the disk. The tool appends, so that a hole in the middle never
 * meets what it writes next.
 */
#ifndef STEP_OUTPUT_H
#define STEP_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

struct output {
	int fd;
	off_t size;       /* when last looked at */
	off_t hole_end;   /* what lies between the head and here is a hole */
	bool stays_whole; /* the file system makes no holes */
};

/* Gives back what lies between head and tail; the number of bytes that came since the last look. */
off_t output_trim(struct output *o);

#endif
