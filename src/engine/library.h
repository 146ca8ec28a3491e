/* Reads the folders of capabilities. */
#ifndef ENGINE_LIBRARY_H
#define ENGINE_LIBRARY_H

#include "base/faults.h"
#include "base/strv.h"
#include "core/failure_table.h"
#include "core/library.h"
#include "strategies/strategy.h"

/*
 * One folder: capability.toml and the files beside it; checked by
 * capability_parse() and by each strategy that it names. The caller's own, or
 * NULL with faults.
 */
struct capability *library_load_one(
    const char *folder, const struct strategy *const *strategies, struct faults *faults);
/*
 * All folders below each of FOLDERS that hold a capability.toml; the first of a
 * name wins. A name or synonym that two capabilities claim is a fault. 0 or -1.
 */
int library_load(struct library *l, const struct strv *folders,
    const struct strategy *const *strategies, struct faults *faults);
/* Reads what is known of failures from the TOML file PATH. The caller's own, or NULL with faults. */
struct failure_table *library_load_failures(const char *path, struct faults *faults);

#endif
