/* What a display is told of a change, once it is committed. */
#ifndef ENGINE_TELL_H
#define ENGINE_TELL_H

#include "engine/change.h"

void tell_claim(const struct scene *set, const struct change *c);
/* The budget does not let it begin. */
void tell_refusal(const struct scene *set, const struct change *c);
/* The execution that starts now. */
void tell_step(const struct scene *set, const struct change *c);
/* What goes on in the open execution of J; IS_END: something of it is over. */
void tell_detail(const struct scene *set, const struct job *j, const char *detail, bool is_end);
/* The execution that has ended, before the job forgets it. */
void tell_end_of_step(const struct scene *set, const struct change *c);
/* What could not be undone, and that the service wants patience. */
void tell_finding(const struct scene *set, const struct change *c);
/* From now on it undoes. */
void tell_turn(const struct scene *set, const struct change *c);
/* The end of the objective, or of this runner's part in it. */
void tell_move(const struct scene *set, const struct change *c);

#endif
