/*
 * The notifier: tells [notify] command what a person should know, by the notices
 * that the store keeps. The command gets one notice, a line of JSON, on its
 * standard input, and says by exit status 0 that it is delivered; anything else
 * is tried again after 10 s, and twice as long each time up to 10 min. After
 * NOTIFY_TRIES tries the notice is given up, with a record in the audit
 * (notice.dropped).
 *
 * At least once: a notice leaves the store only after its delivery, so that a
 * runner that dies in between leaves it to the next one, and the command may be
 * told the same twice (by its member "number"). One at a time in one of all runners,
 * which holds notify.lock in the state folder for as long as something is due.
 *
 * Nothing of this stops the runner: what fails is logged and tried later.
 */
#ifndef ENGINE_NOTIFY_H
#define ENGINE_NOTIFY_H

#include <stdbool.h>
#include <uv.h>

#include "core/config.h"
#include "engine/paths.h"
#include "store/store.h"

#define NOTIFY_LOCK_NAME "notify.lock"
#define NOTIFY_TRIES 8

struct notifier;

/*
 * Everything is borrowed until notifier_free(). Without a command in the
 * configuration it does nothing and costs nothing.
 */
struct notifier *notifier_new(
    uv_loop_t *loop, struct store *s, const struct paths *paths, const struct config *config);
/*
 * Starts the next delivery if one is due and none is under way; writes down the
 * end of the last one. To be called after a commit and on ticks; never with an
 * open transaction, because it makes short ones of its own.
 */
void notifier_look(struct notifier *n);
/*
 * Something is being delivered or is due now, as far as the last look knew: a
 * run does not end yet. What failed and waits for its next try is left to the
 * next run, and so is what another process does not get on with.
 */
bool notifier_is_busy(const struct notifier *n);
/* From now on IDLE is called, from the loop, each time that a delivery's end left it not busy. */
void notifier_on_idle(struct notifier *n, void (*idle)(void *data), void *data);
/*
 * A command that runs is left alone, and its notice is delivered again by the
 * next run. The loop must turn once more before it is closed.
 */
void notifier_free(struct notifier *n);

#endif
