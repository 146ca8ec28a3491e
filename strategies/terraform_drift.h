/*
 * What changed outside, and which attributes that are: terraform refreshes what
 * its state has and saves that as a plan, and the document of that plan tells
 * (resource_drift of `terraform show -json PLAN`,
 * https://developer.hashicorp.com/terraform/internals/json-format). The plan
 * holds values in clear, and so does the document.
 */
#ifndef STRATEGIES_TERRAFORM_DRIFT_H
#define STRATEGIES_TERRAFORM_DRIFT_H

#include "core/execution.h"
#include "core/plan.h"

/* The plan's name in the folder of the call that makes it. */
#define TERRAFORM_DRIFT_PLAN "drift.tfplan"

/*
 * The call that refreshes; it ends with 2 if anything changed, and writes no
 * state. ARGV was empty. False: STEP is none that could be asked.
 */
bool terraform_drift_refresh(const struct step *step, struct strv *argv);
/* The call that shows the plan that it has left, by its full path; likewise. */
bool terraform_drift_show(const struct step *step, const char *path, struct strv *argv);

struct terraform_attribute {
	char *path;            /* "os_disk[0].disk_size_gb", "tags[\"cost center\"]" */
	bool sensitive;        /* it, or a part of it: then its values are not told */
	cJSON *before, *after; /* NULL: it has none there */
};

/* A resource that has other attributes now. */
struct terraform_change {
	char *address;
	struct terraform_attribute *v;
	size_t len, cap;
};

struct terraform_drift {
	struct terraform_change *v;
	size_t len, cap;
};

/* Into D, which was zero, in the order of the document. False, and nothing in D: R is no such document. */
bool terraform_drift_read(struct terraform_drift *d, const struct result *r);
void terraform_drift_clear(struct terraform_drift *d);
void terraform_change_clear(struct terraform_change *c);

#endif
