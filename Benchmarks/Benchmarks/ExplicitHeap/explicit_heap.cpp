#include "explicit_heap.h"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

int64_t play_with_heap(uint32_t tasks, const int64_t *durations, const uint32_t *starts,
                       const uint32_t *successors) {
  using Completion = std::pair<int64_t, uint32_t>;
  std::priority_queue<Completion, std::vector<Completion>, std::greater<Completion>> pending;
  std::vector<uint32_t> waiting(tasks, 0);
  for (uint32_t edge = 0; edge < starts[tasks]; ++edge) ++waiting[successors[edge]];
  for (uint32_t task = 0; task < tasks; ++task)
    if (waiting[task] == 0) pending.emplace(durations[task], task);
  int64_t now = 0;
  uint32_t ended = 0;
  while (!pending.empty()) {
    const auto [time, task] = pending.top();
    pending.pop();
    now = time;
    ++ended;
    // Ends come in order of time, so the last predecessor to end starts its successor.
    for (uint32_t edge = starts[task]; edge < starts[task + 1]; ++edge) {
      const uint32_t next = successors[edge];
      if (--waiting[next] == 0) pending.emplace(now + durations[next], next);
    }
  }
  return ended == tasks ? now : -1;
}
