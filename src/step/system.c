#include "config.h"
#include "step/system.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#ifndef STEP_FREESTANDING
#include <sanitizer/asan_interface.h>
#endif

static char **environment;

/* ---- from the first instruction to step_main() ---- */

#ifdef STEP_FREESTANDING

_Noreturn void system_begin(long *stack);

/* The kernel leaves argc, argv, NULL, the environment, NULL on the stack. */
_Noreturn __attribute__((used)) void
system_begin(long *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);

	environment = argv + argc + 1;
	for (;;)
		CALL(exit_group, step_main(argc, argv));
}

#if defined(__x86_64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, @function\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call system_begin\n"
	"	hlt\n"
	".size _start, . - _start\n");

long
system_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long answer;

	__asm__ volatile("syscall"
			 : "=a"(answer)
			 : "0"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return answer;
}

static long
spawn_on(char *stack, void (*fn)(void *), void *arg)
{
	register long r10 __asm__("r10") = 0;
	register long r8 __asm__("r8") = 0;
	register void (*r12)(void *) __asm__("r12") = fn;
	register void *r13 __asm__("r13") = arg;
	long answer;

	__asm__ volatile("syscall\n"
			 "	test %%rax, %%rax\n"
			 "	jnz 1f\n"
			 "	xor %%ebp, %%ebp\n"
			 "	mov %%r13, %%rdi\n"
			 "	call *%%r12\n"
			 "	mov %[exit], %%eax\n"
			 "	mov $127, %%edi\n"
			 "	syscall\n"
			 "	hlt\n"
			 "1:"
			 : "=a"(answer)
			 : "0"(SYS_clone), "D"(CLONE_VM | CLONE_VFORK | SIGCHLD), "S"(stack),
			 "d"(0L), "r"(r10), "r"(r8), "r"(r12), "r"(r13), [exit] "i"(SYS_exit_group)
			 : "rcx", "r11", "memory", "cc");
	return answer;
}
#elif defined(__aarch64__)
__asm__(".text\n"
	".global _start\n"
	".type _start, %function\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	and sp, x0, #-16\n"
	"	b system_begin\n"
	".size _start, . - _start\n");

long
system_call(long number, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc #0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory", "cc");
	return x0;
}

static long
spawn_on(char *stack, void (*fn)(void *), void *arg)
{
	register long x8 __asm__("x8") = SYS_clone;
	register long x0 __asm__("x0") = CLONE_VM | CLONE_VFORK | SIGCHLD;
	register char *x1 __asm__("x1") = stack;
	register long x2 __asm__("x2") = 0;
	register long x3 __asm__("x3") = 0;
	register long x4 __asm__("x4") = 0;
	register void (*x19)(void *) __asm__("x19") = fn;
	register void *x20 __asm__("x20") = arg;

	__asm__ volatile("svc #0\n"
			 "	cbnz x0, 1f\n"
			 "	mov x29, #0\n"
			 "	mov x0, x20\n"
			 "	blr x19\n"
			 "	mov x0, #127\n"
			 "	mov x8, %[exit]\n"
			 "	svc #0\n"
			 "	brk #0\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x19),
			 "r"(x20), [exit] "i"(SYS_exit_group)
			 : "memory", "cc");
	return x0;
}
#else
#error "STEP_FREESTANDING on a processor that is not known here"
#endif

/* The child has a stack of its own, in the frame of a parent that sleeps meanwhile. */
long
system_spawn(void (*fn)(void *), void *arg)
{
	_Alignas(16) char stack[16 * 1024];

	return spawn_on(stack + sizeof stack, fn, arg);
}

/* The compiler makes calls of these by itself. */
void *memcpy(void *restrict to, const void *restrict from, size_t len);
void *memset(void *to, int byte, size_t len);

void *
memcpy(void *restrict to, const void *restrict from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile char *)to)[i] = ((const char *)from)[i];
	return to;
}

void *
memset(void *to, int byte, size_t len)
{
	for (size_t i = 0; i < len; i++)
		((volatile char *)to)[i] = (char)byte;
	return to;
}

#else

long
system_call(long number, long a, long b, long c, long d, long e, long f)
{
	long answer = syscall(number, a, b, c, d, e, f);

	return answer == -1 ? -errno : answer;
}

/* Not vfork(): no compiler promises what it leaves of the parent's variables. */
struct start {
	void (*fn)(void *);
	void *arg;
};

static int
run_child(void *data)
{
	const struct start *start = data;

	start->fn(start->arg);
	_exit(127);
}

long
system_spawn(void (*fn)(void *), void *arg)
{
	_Alignas(16) char stack[64 * 1024];
	struct start start = { fn, arg };
	int pid = clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, &start);

	/* The child never returned from its functions, which poison what lies around their variables. */
	ASAN_UNPOISON_MEMORY_REGION(stack, sizeof stack);
	return pid == -1 ? -errno : pid;
}

/* Nothing is buffered, so there is nothing to flush. */
int
main(int argc, char **argv)
{
	environment = environ;
	_exit(step_main(argc, argv));
}

#endif

/* ---- calls ---- */

int
system_open(const char *path, int flags, int mode)
{
	return (int)CALL(openat, AT_FDCWD, path, flags, mode);
}

void
system_close(int fd)
{
	(void)CALL(close, fd);
}

int64_t
system_clock_ms(int clock)
{
	struct timespec t = { 0 };

	(void)CALL(clock_gettime, clock, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void
system_mask(signals_t blocked)
{
	(void)CALL(rt_sigprocmask, SIG_SETMASK, &blocked, NULL, sizeof blocked);
}

/* The kernel's struct sigaction begins with the handler; all else is zero here. */
void
system_dispose(int signal, bool ignored)
{
	long action[8] = { ignored ? (long)SIG_IGN : (long)SIG_DFL };

	(void)CALL(rt_sigaction, signal, action, NULL, sizeof(signals_t));
}

char **
system_environment(void)
{
	return environment;
}

const char *
system_variable(const char *name)
{
	size_t len = text_length(name);

	for (char **entry = environment; *entry != NULL; entry++) {
		size_t i = 0;

		while (i < len && (*entry)[i] == name[i])
			i++;
		if (i == len && (*entry)[len] == '=')
			return *entry + len + 1;
	}
	return NULL;
}

/* ---- text ---- */

size_t
text_length(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0')
		len++;
	return len;
}

bool
text_equal(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

void
text_begin(struct text *t, char *data, size_t size)
{
	*t = (struct text){ .data = data, .size = size };
	data[0] = '\0';
}

void
text_add(struct text *t, const char *more)
{
	while (*more != '\0' && t->len + 1 < t->size)
		t->data[t->len++] = *more++;
	t->data[t->len] = '\0';
}

void
text_add_number(struct text *t, int64_t number)
{
	char digits[24];
	char *at = digits + sizeof digits;
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	*--at = '\0';
	do
		*--at = (char)('0' + left % 10);
	while ((left /= 10) > 0);
	if (number < 0)
		*--at = '-';
	text_add(t, at);
}

void
text_add_hex(struct text *t, uint64_t number)
{
	char digits[17];

	for (int i = 0; i < 16; i++)
		digits[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
	digits[16] = '\0';
	text_add(t, digits);
}

int64_t
text_number(const char *text, int64_t max)
{
	int64_t number = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || number > max / 10)
			return -1;
		number = number * 10 + (*text - '0');
	}
	return number <= max ? number : -1;
}
