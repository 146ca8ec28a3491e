/* The folder in which an objective's steps leave what they need later. */
#ifndef ENGINE_WORK_H
#define ENGINE_WORK_H

#include "engine/change.h"

/*
 * Before the call that C has decided on, in FOLDER: a state that a kill has torn is
 * restored, and what changes something is preceded by a copy of it, once an attempt. ERR_INPUT: only the user can
 * mend it.
 */
int
work_prepare(const struct scene *set, const struct change *c, const char *folder, struct err *e);
/* After the commit of what became of J's open execution: what it mended needs no more mending. */
void work_take_mend(const struct scene *set, const struct job *j);
/* Removes the folders of objectives that have ended without a runner: cancelled while they waited. */
void work_sweep(struct store *s, const struct paths *paths);
/* After the commit of a change that ends its objective: the folder goes if nothing is left to stand. */
void work_end(const struct scene *set, const struct change *c);

#endif
