#include "config.h"

#include "cli/display.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "cli/progress_line.h"
#include "cli/style.h"
#include "cli/text.h"

/* Not oftener than ten times a second, however much happens. */
#define REDRAW_MS 100
#define LABEL_COLUMNS 32
/* A look that takes longer is told: nothing else moves meanwhile. */
#define LOOK_MS 10000

/* The one on the terminal, for the log's hooks, which carry no data. */
static struct display *shown;

/* ---- what runs ---- */

static struct running *
running_find(struct display *d, const char *id)
{
	for (size_t i = 0; i < d->n_running; i++) {
		if (strcmp(d->running[i].id, id) == 0)
			return &d->running[i];
	}
	return NULL;
}

static struct running *
running_add(struct display *d, const struct objective *o)
{
	struct running *r = running_find(d, o->id);

	if (r != NULL || d->n_running == DISPLAY_RUNNING_MAX)
		return r;
	r = &d->running[d->n_running++];
	*r = (struct running){ .label = progress_label(o), .since_ms = clock_boot_ms() };
	memcpy(r->id, o->id, sizeof(r->id));
	return r;
}

static void
running_step(struct running *r, const struct progress *p)
{
	free(r->step);
	r->step = text_visible(p->step);
	free(r->detail);
	r->detail = NULL;
	r->act = p->act;
	r->ended = false;
	r->number = p->step_number;
	r->of = p->steps;
}

static void
running_remove(struct display *d, const char *id)
{
	struct running *r = running_find(d, id);

	if (r == NULL)
		return;
	free(r->label);
	free(r->step);
	free(r->detail);
	d->n_running--;
	memmove(r, r + 1, (size_t)(&d->running[d->n_running] - r) * sizeof(*r));
}

static void
trouble_add(struct display *d, const struct progress *p)
{
	struct trouble *t;

	if (d->n_troubles == DISPLAY_TROUBLES_MAX) {
		d->more_troubles++;
		return;
	}
	t = &d->troubles[d->n_troubles++];
	*t = (struct trouble){ .label = progress_label(p->objective), .kind = p->kind };
	memcpy(t->id, p->objective->id, sizeof(t->id));
}

/* ---- the block ---- */

static void
erase(struct display *d)
{
	if (d->drawn_lines > 0)
		printf("\033[%zuA\r\033[J", d->drawn_lines);
	d->drawn_lines = 0;
}

static bool
is_long_look(const struct running *r)
{
	return r->step != NULL && !r->ended && act_is_look(r->act) &&
	    clock_boot_ms() - r->since_ms >= LOOK_MS;
}

static void
draw_running(const struct running *r, size_t columns)
{
	char span[CLOCK_TEXT_SIZE];
	AUTO_FREE char *label = text_cut(r->label, LABEL_COLUMNS);
	AUTO_FREE char *line = NULL, *cut = NULL, *does = NULL;
	int padding = LABEL_COLUMNS - (int)text_width(label);
	const char *act;

	text_span(clock_boot_ms() - r->since_ms, span);
	act = is_long_look(r) ? "still looking" : act_name(r->act);
	if (r->step != NULL)
		does = r->detail != NULL ? xstrdup(r->detail) : xasprintf("%s, %s", r->step, act);
	if (r->step == NULL)
		line = xasprintf("  %s%*s  %s", label, padding, "", span);
	else if (r->of > 0)
		line = xasprintf(
		    "  %s%*s  %d/%d %s  %s", label, padding, "", r->number, r->of, does, span);
	else
		line = xasprintf("  %s%*s  %s  %s", label, padding, "", does, span);
	cut = text_cut(line, columns);
	printf("%s%s%s\n", style_on(STYLE_BUSY), cut, style_off(STYLE_BUSY));
}

static void
draw(struct display *d)
{
	char span[CLOCK_TEXT_SIZE];
	size_t columns = style_columns(), rows = 24, lines;
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 4)
		rows = size.ws_row;
	/* A line that reaches the last column would wrap on some terminals. */
	columns = columns > 1 ? columns - 1 : 79;
	lines = d->n_running < rows - 3 ? d->n_running : rows - 3;
	for (size_t i = 0; i < lines; i++)
		draw_running(&d->running[i], columns);
	if (d->n_running > lines)
		printf("  ... and %zu more\n", d->n_running - lines);
	d->drawn_lines = lines + (d->n_running > lines);
	printf("%s  %zu running, %" PRId64 " ended, %s%s%s\n", style_on(STYLE_DIM), d->n_running,
	    d->ended, text_span(clock_boot_ms() - d->begun_ms, span),
	    d->stopping ? ", stopping" : "", style_off(STYLE_DIM));
	d->drawn_lines++;
	d->drawn_ms = clock_boot_ms();
}

static void
put(void)
{
	/* Nobody reads any more (a pager was left): the work goes on all the same. */
	if (fflush(stdout) != 0 && errno == EPIPE)
		clearerr(stdout);
}

static void
redraw(struct display *d)
{
	if (d->mode != DISPLAY_LIVE || clock_boot_ms() - d->drawn_ms < REDRAW_MS)
		return;
	erase(d);
	draw(d);
	put();
}

static void
make_room(void)
{
	if (shown == NULL)
		return;
	erase(shown);
	put();
}

static void
come_back(void)
{
	if (shown == NULL)
		return;
	draw(shown);
	put();
}

/* ---- lines ---- */

/* An answer that asks for patience is told, and then what is put off for it: the reason once. */
static bool
was_told(struct display *d, const struct progress *p)
{
	bool same = progress_is_put_off(p->kind) && p->objective != NULL && p->detail != NULL &&
	    d->told != NULL && strcmp(d->told_id, p->objective->id) == 0 &&
	    strcmp(d->told, p->detail) == 0;

	free(d->told);
	d->told = p->objective != NULL && p->detail != NULL ? xstrdup(p->detail) : NULL;
	if (p->objective != NULL)
		memcpy(d->told_id, p->objective->id, sizeof(d->told_id));
	return same;
}

static bool
tells_enough(const struct display *d, const struct progress *p)
{
	if (d->verbose)
		return true;
	/* The block shows the latest; lines tell only how each resource ended. */
	if (p->kind == PROGRESS_DETAIL)
		return d->mode == DISPLAY_LINES && p->is_end;
	/* Only where it is made otherwise than it was asked for. */
	if (p->kind == PROGRESS_CLAIMED)
		return p->detail != NULL;
	if (p->kind != PROGRESS_STEP)
		return !progress_is_verbose(p->kind);
	/* The block shows steps; and of the acts only two change anything. */
	return d->mode == DISPLAY_LINES && (p->act == ACT_RUN || p->act == ACT_UNDO);
}

/* ---- events ---- */

static void
take_in(struct display *d, const struct progress *p)
{
	struct running *r;

	switch (p->kind) {
	case PROGRESS_CLAIMED:
	case PROGRESS_ADOPTED:
		running_add(d, p->objective);
		break;
	case PROGRESS_STEP:
		r = running_add(d, p->objective);
		if (r == NULL)
			break;
		running_step(r, p);
		r->since_ms = clock_boot_ms();
		break;
	case PROGRESS_DETAIL:
		r = running_add(d, p->objective);
		if (r == NULL)
			break;
		/* One that was taken over was begun by another runner. */
		if (r->step == NULL)
			running_step(r, p);
		free(r->detail);
		r->detail = text_visible(p->detail);
		break;
	case PROGRESS_STEP_ENDED:
		r = running_find(d, p->objective->id);
		if (r != NULL)
			r->ended = true;
		break;
	case PROGRESS_THROTTLED:
	case PROGRESS_UNDOING:
	case PROGRESS_ORPHANED:
	case PROGRESS_WARNED:
		break;
	case PROGRESS_HELD:
	case PROGRESS_FAILED:
		trouble_add(d, p);
		d->ended++;
		running_remove(d, p->objective->id);
		break;
	case PROGRESS_SUCCEEDED:
	case PROGRESS_CANCELLED:
	case PROGRESS_DESTROYED:
		d->ended++;
		running_remove(d, p->objective->id);
		break;
	case PROGRESS_WAITING:
	case PROGRESS_RETRY:
	case PROGRESS_FALLBACK:
		running_remove(d, p->objective->id);
		break;
	case PROGRESS_STOPPING:
		d->stopping = true;
		break;
	}
}

static void
show(struct display *d, const struct progress *p)
{
	switch (d->mode) {
	case DISPLAY_NONE:
		return;
	case DISPLAY_JSON:
		progress_print_json(p);
		put();
		return;
	case DISPLAY_LINES:
		if (tells_enough(d, p))
			progress_print_line(p, was_told(d, p) ? NULL : p->detail);
		put();
		return;
	case DISPLAY_LIVE:
		break;
	}
	if (tells_enough(d, p)) {
		erase(d);
		progress_print_line(p, was_told(d, p) ? NULL : p->detail);
		draw(d);
		put();
	} else {
		redraw(d);
	}
}

void
display_progress(const struct progress *p, void *data)
{
	take_in(data, p);
	show(data, p);
}

void
display_dependent(struct display *d, const struct objective *o, const char *detail)
{
	AUTO_FREE char *text =
	    xasprintf("dependency%s%s", detail != NULL ? ": " : "", detail != NULL ? detail : "");

	show(d, &(struct progress){ .kind = PROGRESS_HELD, .objective = o, .detail = text });
}

/* Once for each look; the block of a live display says it as long as it lasts. */
static void
tell_long_looks(struct display *d)
{
	for (size_t i = 0; i < d->n_running; i++) {
		struct running *r = &d->running[i];
		char now[CLOCK_TEXT_SIZE], span[CLOCK_TEXT_SIZE];

		if (!is_long_look(r))
			continue;
		r->ended = true;
		clock_format(clock_now_ms(), now);
		text_span(clock_boot_ms() - r->since_ms, span);
		printf("%.8sZ %s (%s): %s, still looking (%s)\n", now + strlen("2026-11-21T"),
		    r->label, id_short(r->id), r->step, span);
		put();
	}
}

void
display_tick(void *data)
{
	struct display *d = data;

	if (d->mode == DISPLAY_LINES)
		tell_long_looks(d);
	else
		redraw(d);
}

void
display_open(struct display *d, enum display_mode mode, bool verbose)
{
	*d = (struct display){ .mode = mode, .verbose = verbose, .begun_ms = clock_boot_ms() };
	if (mode != DISPLAY_LIVE)
		return;
	shown = d;
	log_set_hooks(make_room, come_back);
}

void
display_close(struct display *d)
{
	if (d->mode == DISPLAY_LIVE) {
		log_set_hooks(NULL, NULL);
		shown = NULL;
		erase(d);
		put();
	}
	d->mode = DISPLAY_NONE;
}

void
display_clear(struct display *d)
{
	while (d->n_running > 0)
		running_remove(d, d->running[0].id);
	for (size_t i = 0; i < d->n_troubles; i++)
		free(d->troubles[i].label);
	d->n_troubles = 0;
	free(d->told);
	d->told = NULL;
}
