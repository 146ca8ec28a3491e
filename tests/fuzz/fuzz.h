/*
 * A fuzz target is one function that takes any bytes, as libFuzzer calls it;
 * what must hold is asserted. Without libFuzzer, main.c calls it for the files of
 * a corpus and for changed copies of them.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
