/*
 * A parameter of a capability: the table [parameters.NAME] of its
 * capability.toml, and what a value must be to fit it.
 */
#ifndef CORE_PARAMETER_H
#define CORE_PARAMETER_H

#include <regex.h>
#include <stdbool.h>

#include "base/doc.h"
#include "base/faults.h"
#include "base/json.h"
#include "core/naming.h"

enum value_type {
	VALUE_STRING,
	VALUE_INTEGER,
	VALUE_NUMBER,
	VALUE_BOOLEAN,
	VALUE_ARRAY,  /* of strings */
	VALUE_OBJECT, /* of strings */
	VALUE_TYPES
};

/* What the value of a secret parameter is: where to find it. As an extended regular expression. */
#define PARAMETER_SECRET_PATTERN "^(env:[A-Za-z_][A-Za-z0-9_]*|file:/.+)$"

struct parameter {
	char *name;
	enum value_type type;
	bool required, secret;
	/*
	 * A string may hold {region} {resource_group} {objective} {batch} {hash}, and with a kind
	 * {naming}: then all of it is fitted to the kind. NULL if none.
	 */
	cJSON *default_value;
	const struct naming_kind *kind; /* it is a name of such a resource; NULL: of none */
	char *pattern;                  /* POSIX extended, anchored by us; NULL if none */
	regex_t regex;                  /* of pattern */
	bool has_min, has_max;
	double min, max; /* of the number, or of the length of a string or array */
	cJSON *values;   /* allowed values, an array; NULL: any */
	cJSON *example;  /* for the estimate that the catalogue shows; NULL if none */
	char *goes_with; /* a parameter: what this one says is right for that value of it only; NULL: none */
	char *help;
};

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
/* True if the default is made by the pattern of the settings. */
bool parameter_is_named(const struct parameter *p);

#endif
