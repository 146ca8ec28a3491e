#!/bin/sh
# The same with the real az, and fewer objectives: see orchestration.t.
AZ=real
TORTURE_OBJECTIVES=${TORTURE_AZ_OBJECTIVES:-24}
TORTURE_KILLS=${TORTURE_AZ_KILLS:-10}
# shellcheck source=tests/torture/orchestration.t
. "$srcdir/tests/torture/orchestration.t"
