/* What doctor looks at: one row for each check. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/cli.h"

enum health { HEALTH_OK, HEALTH_NOTE, HEALTH_WARN, HEALTH_FAIL, HEALTHS };

struct diagnosis {
	enum health health;
	char *text; /* what was found */
	char *mend; /* how to mend it; NULL if there is nothing to mend */
};

struct patient {
	const struct cli *cli;
	struct config config;
	bool config_sound;
	struct store *store; /* NULL: none yet, or it cannot be opened */
};

struct checkup {
	const char *name;
	/* Later checks use what earlier ones found in PATIENT. D is empty. */
	void (*run)(struct patient *p, struct diagnosis *d);
};

/* In the order in which they must be run; ends with name NULL. */
extern const struct checkup checkups[];

void diagnosis_set(struct diagnosis *d, enum health health, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void
diagnosis_mend(struct diagnosis *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void diagnosis_clear(struct diagnosis *d);

/* The checks of tools, in a file of their own. */
void check_step(struct patient *p, struct diagnosis *d);
void check_az(struct patient *p, struct diagnosis *d);
void check_login(struct patient *p, struct diagnosis *d);
void check_terraform(struct patient *p, struct diagnosis *d);

#endif
