/*
 * Actual cost, as the cloud's exports tell it (engine: pricing/bill.h reads them).
 * Continues store.h and follows its rules. Money that belongs to no objective is
 * kept too: it is shown, never lost.
 */
#ifndef STORE_ACTUAL_H
#define STORE_ACTUAL_H

#include "core/accrual.h"
#include "store/store.h"

/* The charges of one resource on one day, summed. */
struct charge {
	char *account;        /* subscription or billing account that the export is of */
	int64_t day_ms;       /* 00:00 UTC */
	char *resource;       /* as the export spells it; "" if the charge names none */
	char *tagged;         /* the id in the tag purser-objective; NULL if there is none */
	char *resource_group; /* "" if it is not told */
	char *service;        /* for people; "" if it is not told */
	money_t amount;       /* negative: a refund */
};
struct import_report {
	int64_t charges, days, matched, unmatched; /* unmatched: charges */
	int64_t replaced;                          /* charges of earlier imports of the same days */
	money_t matched_amount, unmatched_amount;
	int64_t first_ms, last_ms; /* days */
};
/*
 * [W] Takes over the charges. Those of earlier imports of the same account and day
 * are replaced, because exports grow day by day and are corrected later. Matched
 * by resource id (of what stands or stood), else by tag, else by the nearest
 * resource of ours that holds it. The forecasts of the present month use it.
 * NAME is that of the file, for the audit.
 */
int store_import_charges(struct store *s, const char *name, const struct charge *v, size_t len,
    int64_t now_ms, struct import_report *report, struct err *e);

/* [W] Announces the thresholds that are crossed now that actual cost is known (see store/ledger.h). */
struct budget;
int store_actual_announce(struct store *s, const struct budget *b, int64_t now_ms, struct err *e);

/* What one objective has cost in a month. */
struct actual {
	char objective_id[ID_SIZE];     /* "": unmatched */
	char *resource_group, *service; /* of unmatched charges; else NULL */
	money_t amount;
	int64_t until_ms; /* end of the last day that is known */
};
/* [R] Of a month, by objective; unmatched ones by group and service. */
int store_actuals(struct store *s, month_t month, struct actual **v, size_t *len, struct err *e);
void store_actuals_free(struct actual *v, size_t len);

#endif
