/*
 * A capability: a folder templates/NAME/ with a capability.toml that says what
 * may be asked for and how each strategy does it. Parsing and checking only;
 * engine/library.h reads the folders.
 *
 *	name = "storage_account"          the folder's name
 *	summary = "A storage account ..."
 *	synonyms = ["storage"]
 *	requires = ["region", "resource_group"]
 *	provider = "Microsoft.Storage"    for throttling by provider
 *	existing = "refuse"               refuse | use | update
 *	[parameters.NAME]  type, default, required, pattern, min, max, values, secret, kind, example,
 *	                   goes_with, help
 *	[outputs.NAME]     type, help
 *	[[decide]]         what core/decide.h documents
 *	[[cost]]           what core/cost.h documents
 *	[[azure_cli.step]] what strategies/azure_cli.c documents
 */
#ifndef CORE_CAPABILITY_H
#define CORE_CAPABILITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/doc.h"
#include "base/faults.h"
#include "base/json.h"
#include "base/strv.h"
#include "core/cost.h"
#include "core/decide.h"
#include "core/parameter.h"

/* What to do with a resource that stands already and is not ours. */
enum existing { EXISTING_REFUSE, EXISTING_USE, EXISTING_UPDATE };

const char *existing_name(enum existing existing);
/* False for a name that is none. */
bool existing_from_name(const char *name, enum existing *existing);

struct output {
	char *name;
	enum value_type type;
	char *help;
};

/* A file of the folder beside capability.toml. */
struct capability_file {
	char *name; /* relative to the folder */
	char digest[DIGEST_SIZE];
	cJSON *json; /* of a file NAME.json: what it holds; NULL if it cannot be parsed */
	char *fault; /* why not, with line and column; else NULL */
	char *text;  /* of a file NAME.tf: as it is; NULL if it is no UTF-8 text */
};

struct capability {
	char *name;
	char *summary;
	char *folder;   /* absolute */
	char *provider; /* NULL if not said */
	struct strv synonyms;
	bool needs_region, needs_resource_group;
	enum existing existing;
	struct parameter *parameters;
	size_t n_parameters;
	struct output *outputs;
	size_t n_outputs;
	struct decide decide;
	struct cost cost;
	cJSON *strategies;             /* strategy name -> its table, as written */
	struct capability_file *files; /* sorted by name */
	size_t n_files;
	struct doc doc; /* what was parsed, less the strategies' tables: for the places of faults */
	char digest[DIGEST_SIZE]; /* of capability.toml and all files */
};

/*
 * Parses capability.toml, already read as DOC, which it takes over (*DOC is
 * empty afterwards, also on failure). FOLDER may be NULL; else its last part
 * must be the capability's name. Checks all but the strategies' own tables.
 * Every fault goes to FAULTS with its place. The caller's own, or NULL.
 * Afterwards: capability_add_file() for each file, then capability_seal().
 */
struct capability *capability_parse(struct doc *doc, const char *folder, struct faults *faults);

/*
 * One more file of the folder (not capability.toml itself). NAME is relative
 * to the folder. 0, or -1 if it is no plain relative name or is there already.
 */
int capability_add_file(struct capability *c, const char *name, const void *data, size_t len);
/* Computes the digest, once all files are added. */
void capability_seal(struct capability *c);
void capability_free(struct capability *c);

const struct parameter *capability_parameter(const struct capability *c, const char *name);
/*
 * The parameter that is the size of the machine in a row of the cost, where no word stands
 * between them; NULL: there is none. Borrowed from C.
 */
const struct parameter *
capability_row_size(const struct capability *c, const struct cost_row *row);
/* The same in the first row that has one: the size of its machine. */
const struct parameter *capability_size(const struct capability *c);
const struct output *capability_output(const struct capability *c, const char *name);
const struct capability_file *capability_file(const struct capability *c, const char *name);
bool capability_has_strategy(const struct capability *c, const char *strategy);

/* "FILE:LINE:COLUMN" of a value of the capability, also of a strategy's table. Borrowed buffer of the caller. */
const char *
capability_where(const struct capability *c, const cJSON *value, char *out, size_t size);

#endif
