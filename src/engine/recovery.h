/*
 * Runners that are gone, and taking over what they had in hand. A runner holds
 * the flock of STATE/runners/ID.lock as long as it lives; one that was stopped
 * for longer than its lease is overtaken too, and its fencing token voids
 * whatever it tries to write later.
 */
#ifndef ENGINE_RECOVERY_H
#define ENGINE_RECOVERY_H

#include "base/strv.h"
#include "engine/paths.h"
#include "store/store.h"

/* Takes the lock of a runner's life; the descriptor, or -1. */
int recovery_lock_runner(const struct paths *paths, const char *runner_id, struct err *e);
void recovery_unlock_runner(const struct paths *paths, const char *runner_id, int fd);
/* Where the lock lies of a server of tools that this runner starts; the caller's own. */
char *recovery_server_lock(const struct paths *paths, const char *runner_id, const char *server);

/* What is known of one runner other than ourselves that can be relieved. */
struct casualty {
	char id[ID_SIZE];
	int64_t lease_boot_ms; /* as it was when it was found: a renewal since saves it */
	int lock_fd;           /* -1: it lives, but its lease has run out */
	bool rebooted;
	bool relieved; /* its row is removed by the open transaction */
};

/* Looks for them; reads only. The caller's own. */
int recovery_scan(struct store *s, const struct paths *paths, const char *host, const char *self,
    struct casualty **v, size_t *len, struct err *e);
void recovery_scan_free(struct casualty *v, size_t len);
/*
 * Removes the copies of tools' settings (they hold tokens) that dead runners
 * left with an objective, but for the execution OPEN and those that still live.
 */
void recovery_tidy(const struct paths *paths, const char *objective_id, const char *open);
/* After the commit: removes the lock files, and what was left of probes, of those that are dead and relieved. */
void recovery_bury(const struct paths *paths, const struct casualty *v, size_t len);

/*
 * [in a transaction] Takes over up to MAX objectives of the casualty (NULL: of
 * runners that left without their objectives); removes its row once it has
 * none left. The claims are appended to CLAIMS from *len on.
 */
int recovery_take_over(struct store *s, struct casualty *c, const char *host, const char *self,
    size_t max, struct claim *claims, size_t *len, struct err *e);

#endif
