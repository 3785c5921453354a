// Plays an explicit graph of tasks with SimGrid: what `StepTable --dump` writes.
//
// Tasks compute on hosts with more cores than tasks that run at a time: then each takes its own time
// whatever else runs, as in an explicit graph.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <set>
#include <simgrid/s4u.hpp>
#include <string>
#include <vector>

namespace sg = simgrid::s4u;

template <typename Value> static std::vector<Value> read(std::ifstream &file, size_t count) {
  std::vector<Value> values(count);
  file.read(reinterpret_cast<char *>(values.data()), count * sizeof(Value));
  return values;
}

int main(int argc, char **argv) {
  sg::Engine engine(&argc, argv);
  if (argc != 2) return std::fprintf(stderr, "usage: simgrid-dag FILE\n"), 64;
  std::ifstream file(argv[1], std::ios::binary);
  const size_t tasks = read<int64_t>(file, 1)[0];
  const auto durations = read<int64_t>(file, tasks);
  const auto starts = read<uint32_t>(file, tasks + 1);
  const auto successors = read<uint32_t>(file, starts[tasks]);

  // A flop is a picosecond; what takes no time takes one, because SimGrid refuses it.
  auto *zone = sg::create_full_zone("zone");
  std::vector<sg::Host *> hosts;
  for (int number = 0; number < 256; ++number)
    hosts.push_back(
        zone->create_host("host" + std::to_string(number), 1e12)->set_core_count(1 << 10));
  zone->seal();
  const auto begin = std::chrono::steady_clock::now();
  std::vector<sg::ExecPtr> execs;
  execs.reserve(tasks);
  for (size_t task = 0; task < tasks; ++task)
    execs.push_back(sg::Exec::init()->set_flops_amount(double(std::max<int64_t>(1, durations[task]))));
  for (size_t task = 0; task < tasks; ++task) {
    // A dependency that is named twice is refused.
    const std::set<uint32_t> next(successors.begin() + starts[task],
                                  successors.begin() + starts[task + 1]);
    for (uint32_t other : next) execs[task]->add_successor(execs[other]);
  }
  for (size_t task = 0; task < tasks; ++task) execs[task]->set_host(hosts[task * hosts.size() / tasks]);
  for (auto &exec : execs) exec->vetoable_start();
  engine.run();
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  std::printf("SimGrid: %zu tasks in %.2f s, %.3f M tasks/s, makespan %.0f ps\n", tasks, time.count(),
              tasks / time.count() / 1e6, sg::Engine::get_clock() * 1e12);
}
