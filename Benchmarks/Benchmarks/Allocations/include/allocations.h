#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Calls of malloc, calloc, realloc and aligned allocation by this process so far; 0 for ever where the
/// C library is not glibc.
uint64_t allocation_count(void);

/// Forgets the largest amount of memory held until now.
void reset_peak_bytes(void);

/// What was held at most since then, over what is held at the reset.
uint64_t peak_bytes(void);

#ifdef __cplusplus
}
#endif
