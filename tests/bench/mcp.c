/*
 * What the MCP client adds to a call: as many echoes through it as through bare
 * pipes, to the same program, in the same run. In rounds by turns, because the
 * machine is not ours alone; the medians of the rounds are compared.
 *
 *	mcp		measures
 *	mcp --echo	is the server: it answers lines, and knows the few methods
 */
#include "config.h"

#include <fcntl.h>
#include <malloc.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "driver/mcp.h"

#define CALLS 1000
#define ROUNDS 9

#define CALL \
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"echo\",\"arguments\":{\"text\":\"hello\"}}}\n"

/* ---- the server ---- */

/* The id of a request stands where the client puts it; no JSON is read. */
static int
echo(void)
{
	static char line[65536];

	while (fgets(line, sizeof line, stdin) != NULL) {
		const char *id = strstr(line, "\"id\":");
		long number = id != NULL ? strtol(id + 5, NULL, 10) : 0;

		if (id == NULL)
			continue;
		if (strstr(line, "\"initialize\"") != NULL)
			printf(
			    "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"protocolVersion\":\"2025-11-25\",\"capabilities\":{\"tools\":{}},\"serverInfo\":{\"name\":\"echo\",\"version\":\"1\"}}}\n",
			    number);
		else
			printf(
			    "{\"jsonrpc\":\"2.0\",\"id\":%ld,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"hello\"}]}}\n",
			    number);
		fflush(stdout);
	}
	return 0;
}

/* ---- measuring ---- */

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, compare);
	return v[n / 2];
}

/* ---- bare pipes ---- */

struct pipes {
	pid_t pid;
	int in;
	FILE *out;
};

static void
open_pipes(struct pipes *p, const char *program)
{
	char *argv[] = { (char *)(uintptr_t)program, (char *)(uintptr_t) "--echo", NULL };
	posix_spawn_file_actions_t actions;
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) == -1 || pipe2(out, O_CLOEXEC) == -1)
		abort();
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
	if (posix_spawn(&p->pid, program, &actions, NULL, argv, environ) != 0)
		abort();
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = fdopen(out[0], "r");
}

static double
bare_round(struct pipes *p)
{
	char line[4096];
	double start = now_us();

	for (int i = 0; i < CALLS; i++)
		if (write(p->in, CALL, strlen(CALL)) == -1 ||
		    fgets(line, sizeof line, p->out) == NULL)
			abort();
	return (now_us() - start) / CALLS;
}

static void
close_pipes(struct pipes *p)
{
	close(p->in);
	fclose(p->out);
	waitpid(p->pid, NULL, 0);
}

/* ---- the client ---- */

struct round {
	uv_loop_t *loop;
	const cJSON *arguments;
	int left;
};

static void call(struct mcp *m, struct round *round);

static void
on_done(struct mcp *m, int64_t id, const struct mcp_reply *reply, void *data)
{
	struct round *round = data;

	(void)id;
	if (reply->outcome != MCP_ANSWERED) {
		fprintf(stderr, "mcp: %s\n", reply->why->msg);
		exit(1);
	}
	if (--round->left > 0)
		call(m, round);
	else
		uv_stop(round->loop);
}

static void
call(struct mcp *m, struct round *round)
{
	const struct mcp_request request = { .done = on_done, .data = round };

	mcp_call(m, "echo", round->arguments, &request);
}

static double
client_round(struct mcp *m, uv_loop_t *loop, const cJSON *arguments)
{
	struct round round = { .loop = loop, .arguments = arguments, .left = CALLS };
	double start = now_us();

	call(m, &round);
	uv_run(loop, UV_RUN_DEFAULT);
	return (now_us() - start) / CALLS;
}

int
main(int argc, char **argv)
{
	AUTO_JSON cJSON *arguments = cJSON_CreateObject();
	struct mcp_server server = { .timeout_ms = 60000, .era = MCP_ERA_LEGACY };
	double bare[ROUNDS], ours[ROUNDS], b, o;
	size_t before = 0, after;
	struct pipes pipes;
	uv_loop_t loop;
	struct mcp *m;

	if (argc > 1)
		return echo();
	json_add_str(arguments, "text", "hello");
	server.name = (char *)(uintptr_t) "echo";
	server.command = argv[0];
	strv_add(&server.args, "--echo");
	uv_loop_init(&loop);
	m = mcp_open(&server, NULL, &loop);
	open_pipes(&pipes, argv[0]);
	client_round(m, &loop, arguments);
	bare_round(&pipes);
	before = mallinfo2().uordblks;
	for (int i = 0; i < ROUNDS; i++) {
		bare[i] = bare_round(&pipes);
		ours[i] = client_round(m, &loop, arguments);
	}
	after = mallinfo2().uordblks;
	b = median(bare, ROUNDS);
	o = median(ours, ROUNDS);
	printf("%d rounds of %d calls through one server process, medians\n", ROUNDS, CALLS);
	printf("  bare pipes      %7.1f us a call\n", b);
	printf("  the MCP client  %7.1f us a call, %.2f times as much\n", o, o / b);
	printf("  overhead        %7.1f us a call (goal: below 200)\n", o - b);
	printf("  memory in use   %zu bytes before, %zu after\n", before, after);
	mcp_close(m, NULL, NULL);
	uv_run(&loop, UV_RUN_DEFAULT);
	uv_loop_close(&loop);
	close_pipes(&pipes);
	strv_clear(&server.args);
	return 0;
}
