/*
 * JSON Schema, as far as the arguments of a tool need it: whether a value fits.
 * The dialect is 2020-12 (https://json-schema.org/draft/2020-12); read are
 *
 *	$ref to a place in the same schema	type enum const
 *	properties required additionalProperties patternProperties
 *	items prefixItems minItems maxItems	minLength maxLength pattern
 *	minimum maximum exclusiveMinimum exclusiveMaximum
 *	anyOf oneOf allOf
 *
 * What is not read (not, if, dependentRequired, format, a pattern that POSIX has
 * no words for, and whatever comes later) refuses nothing: that a value fits says
 * that nothing is known against it. For the same reason oneOf is as anyOf.
 */
#ifndef CORE_JSON_SCHEMA_H
#define CORE_JSON_SCHEMA_H

#include "base/err.h"
#include "base/json.h"

/*
 * 0 if VALUE fits SCHEMA; else -1 and ERR_INPUT: which member of it does not
 * ("size", "disks[1].name"), and what was expected. WHAT is what a member is
 * called ("argument").
 */
int json_schema_check(const cJSON *schema, const cJSON *value, const char *what, struct err *e);

#endif
