/*
 * The helper's way to the kernel. Two processes are started for each step, and
 * half of what starting the helper would cost is libc's own beginning (on a
 * virtual machine it asks the processor what it is, and each question is an
 * exit to the hypervisor). So where STEP_FREESTANDING is defined, which
 * configure does on the processors that system.c knows, the helper is linked
 * without libc and begins at its own first instruction; elsewhere, and with
 * sanitizers, the same code runs on top of libc.
 *
 * Everything here answers like the kernel: a number of 0 or more, or the
 * negated number of the error. There is no errno, and nothing allocates.
 */
#ifndef STEP_SYSTEM_H
#define STEP_SYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>

/* A signal set as the kernel has it: bit N - 1 is signal N. */
typedef uint64_t signals_t;
#define SIGNALS_ALL (~(signals_t)0)
#define SIGNAL_BIT(n) ((signals_t)1 << ((n)-1))
#define SIGNALS_MAX 64

long system_call(long number, long a, long b, long c, long d, long e, long f);

/* CALL(openat, AT_FDCWD, path, flags): the arguments that are left out are 0. */
#define CALL(name, ...) CALL_PAD(SYS_##name, __VA_ARGS__, 0, 0, 0, 0, 0, 0)
#define CALL_PAD(number, a, b, c, d, e, f, ...) \
	system_call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))

/* The calls that are made in more than one place. */
int system_open(const char *path, int flags, int mode); /* O_CLOEXEC is the caller's wish */
void system_close(int fd);
int64_t system_clock_ms(int clock);
/* Unblocks or blocks: the mask becomes exactly this. */
void system_mask(signals_t blocked);
/* SIGNAL is ignored from now on, or has its default effect. */
void system_dispose(int signal, bool ignored);

/*
 * Starts a child that shares the memory with us, which waits until FN's program
 * has begun or could not. FN(ARG) runs in the child; it returns only if it
 * fails. The child's pid, or minus the error's number.
 */
long system_spawn(void (*fn)(void *), void *arg);

/* The variable's value, NULL if there is none. */
const char *system_variable(const char *name);
char **system_environment(void);

/* What string.h has, as far as it is needed here. */
size_t text_length(const char *text);
bool text_equal(const char *a, const char *b);

/* Text that grows in place of its own; what does not fit is left out. */
struct text {
	char *data;
	size_t size; /* of data, with the NUL */
	size_t len;
};
void text_begin(struct text *t, char *data, size_t size);
void text_add(struct text *t, const char *more);
void text_add_number(struct text *t, int64_t number);
void text_add_hex(struct text *t, uint64_t number); /* 16 digits */
/* All of TEXT as a number from 0 to MAX; -1 if it is none. */
int64_t text_number(const char *text, int64_t max);

/* What the helper does; the result is its exit status. */
int step_main(int argc, char **argv);

#endif
