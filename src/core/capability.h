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
 *	[parameters.NAME]  type, default, required, pattern, min, max, values, secret, help
 *	[outputs.NAME]     type, help
 *	[[azure_cli.step]] what strategies/azure_cli.c documents
 */
#ifndef CORE_CAPABILITY_H
#define CORE_CAPABILITY_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/digest.h"
#include "base/doc.h"
#include "base/faults.h"
#include "base/json.h"
#include "base/strv.h"

enum value_type {
	VALUE_STRING,
	VALUE_INTEGER,
	VALUE_NUMBER,
	VALUE_BOOLEAN,
	VALUE_ARRAY,  /* of strings */
	VALUE_OBJECT, /* of strings */
	VALUE_TYPES
};

/* What to do with a resource that stands already and is not ours. */
enum existing { EXISTING_REFUSE, EXISTING_USE, EXISTING_UPDATE };

const char *existing_name(enum existing existing);
/* False for a name that is none. */
bool existing_from_name(const char *name, enum existing *existing);

struct parameter {
	char *name;
	enum value_type type;
	bool required, secret;
	cJSON *
	    fallback; /* the default; a string may hold {region} {resource_group} {objective} {batch} {hash}; NULL if none */
	char *pattern; /* POSIX extended, anchored by us; NULL if none */
	regex_t regex; /* of pattern */
	bool has_min, has_max;
	double min, max; /* of the number, or of the length of a string or array */
	cJSON *values;   /* allowed values, an array; NULL: any */
	char *help;
};

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
const struct output *capability_output(const struct capability *c, const char *name);
const struct capability_file *capability_file(const struct capability *c, const char *name);
bool capability_has_strategy(const struct capability *c, const char *strategy);

/* "FILE:LINE:COLUMN" of a value of the capability, also of a strategy's table. Borrowed buffer of the caller. */
const char *
capability_where(const struct capability *c, const cJSON *value, char *out, size_t size);

/* Reads the table [parameters.NAME]. 0 or -1; what was read is in P all the same, for parameter_clear(). */
int parameter_parse(
    struct parameter *p, const struct doc *doc, const cJSON *table, struct faults *faults);
void parameter_clear(struct parameter *p);

/*
 * One value against its parameter: type, pattern, range, allowed values, and
 * for strings no control characters. A fault names where. 0 or -1.
 */
int parameter_check(
    const struct parameter *p, const cJSON *value, const char *where, struct faults *faults);
/* True if VALUE is of TYPE; arrays and objects must hold strings only. */
bool value_has_type(const cJSON *value, enum value_type type);
const char *value_type_name(enum value_type type);
/* VALUE_TYPES for a name that is none. */
enum value_type value_type_from_name(const char *name);
/* True for a name of a parameter or an output: [a-z][a-z0-9_]*, at most 64. */
bool value_name_is_valid(const char *name);

/* All capabilities that are installed; names and synonyms are unique in it. */
struct library {
	struct capability **v; /* sorted by name */
	size_t len;
};

/*
 * Takes C in at its place. A name or synonym that is known already is a fault,
 * and C is freed then. 0 or -1.
 */
int library_add(struct library *l, struct capability *c, struct faults *faults);
/* By name or synonym; NULL if there is none. */
const struct capability *library_find(const struct library *l, const char *name);
/* The name most like it, for "did you mean"; NULL if none is near. */
const char *library_suggest(const struct library *l, const char *name);
void library_clear(struct library *l);

#endif
