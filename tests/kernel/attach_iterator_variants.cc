// Iterators: attach points that are read.
#include <algorithm>
#include <memory>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"
#include "probe.h"

namespace test {
namespace {

using nlohmann::json;

json iterator_spec(const std::string& program, json point, json map = json::object()) {
  point["type"] = "iter";
  map["name"] = program;
  return {{"name", program},
          {"object", "iterators.bpf.o"},
          {"programs", json::array({{{"name", program}, {"attach", point}}})},
          {"maps", json::array({map})},
          {"outputs", json::array({{{"map", program}, {"format", "jsonl"}}})}};
}

std::size_t lines_with(const std::string& out, const std::string& text) {
  const std::vector<std::string> lines = split_lines(out);
  return static_cast<std::size_t>(
      std::count_if(lines.begin(), lines.end(), [&](const auto& line) { return contains(line, text); }));
}

}  // namespace

std::vector<AttachVariant> iterator_variants() {
  const auto actor = std::make_shared<Actor>(calling_getppid(1));
  const auto cgroup = std::make_shared<Cgroup>();
  const std::string of_actor = actor->id() + " of " + actor->id() + ": ";
  const auto once = [=](const std::string& out) { return actor && lines_with(out, of_actor) == 1; };
  std::vector<AttachVariant> all;
  all.push_back({"iter", "tasks, once", {iterator_spec("lines", {{"target", "task"}})}, {}, {}, 0, once});
  all.push_back({"iter",
                 "tasks, at each interval",
                 {iterator_spec("lines", {{"target", "task"}}, {{"poll", "50ms"}})},
                 {},
                 {},
                 0,
                 [=](const std::string& out) { return actor && lines_with(out, of_actor) >= 2; }});
  all.push_back({"iter",
                 "tasks of a process",
                 {iterator_spec("lines", {{"target", "task"}, {"pid", actor->pid()}})},
                 {},
                 {},
                 0,
                 [=](const std::string& out) { return once(out) && split_lines(out).size() == 1; }});
  all.push_back({"iter",
                 "entries of a map",
                 {iterator_spec("entries", {{"target", "bpf_map_elem"}, {"map", "squares"}})},
                 {},
                 {},
                 0,
                 [](const std::string& out) { return split_lines(out).size() == 3; }});
  all.push_back({"iter",
                 "cgroups below one",
                 {iterator_spec("groups", {{"target", "cgroup"}, {"cgroup", cgroup->path()}})},
                 {},
                 {},
                 0,
                 [cgroup](const std::string& out) { return cgroup && lines_with(out, "level ") == 1; }});
  return all;
}

}  // namespace test
