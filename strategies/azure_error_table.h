/* The classes of az's failures, by code, by Entra's number, and by text. */
#ifndef STRATEGIES_AZURE_ERROR_TABLE_H
#define STRATEGIES_AZURE_ERROR_TABLE_H

#include <stdbool.h>

#include "core/failure.h"

/* False for a code that is not in the table. Some codes mean several things, which MESSAGE tells apart. */
bool azure_class_of_code(const char *code, const char *message, enum failure_class *class);
/* Of "AADSTS" and NUMBER; FAILURE_AUTH for one that is not in the table. */
enum failure_class azure_class_of_entra(unsigned long number);
/* Of a text without any code; FAILURE_UNKNOWN if it holds none of the known ones. */
enum failure_class azure_class_of_text(const char *text);

#endif
