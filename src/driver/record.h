/* Reads what purser-step left in the folder of an execution, and writes the same. */
#ifndef DRIVER_RECORD_H
#define DRIVER_RECORD_H

#include <stdbool.h>

#include "base/err.h"
#include "core/execution.h"

/*
 * Masks the secrets in the files of the output, which nobody may write any more. Then
 * fills RESULT, which was initialised, with what was recorded, and with the
 * bounded texts of the output. *is_there false: there is no result, or it is
 * torn or another execution's; RESULT then holds only what there is of the
 * texts. -1: the disk could not be asked, and nothing is known.
 */
int record_read(const char *folder, const char *execution_id, struct result *result, bool *is_there,
    struct err *e);
/* True if the helper has come as far as to start the tool; also where that cannot be told. */
bool record_is_started(const char *folder);

/*
 * The same records by hand, for an execution that no helper performs: the mark of
 * a start, and the result with its texts, in the form that record_read() reads. They
 * survive our death, and not a power cut. RESULT must be one that a helper could give.
 */
int record_mark(const char *folder, struct err *e);
int record_write(
    const char *folder, const char *execution_id, const struct result *result, struct err *e);

#endif
