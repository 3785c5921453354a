#pragma once
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Plays an explicit graph of tasks with a binary heap, as a simulator in C++ would: what the step
/// benchmarks are compared with.
///
/// Task `i` takes `durations[i]` and frees `successors[starts[i]]` to `successors[starts[i + 1] - 1]`.
/// Returns the end of the last task, or -1 where tasks wait for each other.
int64_t play_with_heap(uint32_t tasks, const int64_t *durations, const uint32_t *starts,
                       const uint32_t *successors);

#ifdef __cplusplus
}
#endif
