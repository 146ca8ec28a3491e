/* What the two halves of an attempt share; for core/attempt*.c only. */
#ifndef CORE_ATTEMPT_STAGE_H
#define CORE_ATTEMPT_STAGE_H

#include "core/attempt.h"

/* A stage of the present step, from its beginning. */
void attempt_enter(struct attempt *a, enum stage stage);
/* Its time is over, or a person wants it cancelled: nothing is run any more. */
bool attempt_is_over(const struct attempt_view *view);
/* A look that told nothing is repeated after a growing pause. */
void attempt_ask_again(
    struct attempt *a, const struct attempt_view *view, const struct reading *reading);
/* What is in progress is looked at again, and the longer it lasts the more seldom. */
void attempt_poll(struct attempt *a, const struct attempt_view *view);

/* attempt_take() for each stage. */
void attempt_take_look(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);
void attempt_take_run(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);
void attempt_take_answer(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);
void attempt_take_collection(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);
void attempt_take_guard(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);
/* READING's resources: what its tool's records had when it began. */
void attempt_take_undo(struct attempt *a, const struct reading *reading);
void attempt_take_proof(struct attempt *a, const struct attempt_view *view,
    const struct reading *reading, struct finding *found);

/* attempt_decide() of one that undoes. */
void attempt_decide_undo(struct attempt *a, const struct attempt_view *view, struct decision *d);

#endif
