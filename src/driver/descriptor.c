#include "config.h"
#include "driver/descriptor.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/mem.h"
#include "step/protocol.h"

int
descriptor_raise(int low, struct err *e)
{
	CLEANUP(fd_cleanup) int fd = low;
	int high;

	if (fd == -1)
		return -1;
	if (fd > STEP_SECRETS_FD) {
		fd = -1;
		return low;
	}
	high = fcntl(fd, F_DUPFD_CLOEXEC, STEP_SECRETS_FD + 1);
	return high == -1 ? err_sys(e, "duplicate a descriptor") : high;
}
