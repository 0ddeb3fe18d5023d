// Attach points in other programs, and programs that need no attach point.
#include <memory>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"
#include "bpf_objects.h"
#include "network.h"
#include "probe.h"

namespace test {
namespace {

using nlohmann::json;

constexpr std::uint64_t calls = 20;
constexpr std::size_t packets = 5;

// Runs a program with a function that can be replaced.
struct Replaceable {
  Network network;
  Directory directory;
  Probe probe{in_network(
      network.name(),
      probe_command(written(
          directory, spec_of("base", {{"type", "xdp"}, {"iface", network.iface()}, {"mode", "generic"}},
                             "replaced.bpf.o"))))};
  std::string program() const { return std::to_string(bpf_ids_of(probe.pid()).programs.at(0)); }
};

}  // namespace

std::vector<AttachVariant> other_variants() {
  std::vector<AttachVariant> all;
  const auto other = std::make_shared<Replaceable>();
  all.push_back(
      {"freplace",
       "",
       {spec_of("replacement", {{"type", "freplace"}, {"program", other->program()}, {"function", "chosen"}},
                "replaced.bpf.o")},
       [other](pid_t) { other->network.send(frame_of(private_protocol), packets); },
       {},
       packets});
  all.push_back({"run", "", {spec_of("on_run", {{"type", "run"}})}, {}, {}, 1});
  const auto actor = std::make_shared<Actor>(calling_getppid(calls));
  const auto act = [actor](pid_t) { actor->act(); };
  const json where_it_says{{"type", "auto"}};
  all.push_back({"auto",
                 "raw_tracepoint",
                 {for_process(spec_of("where_section_says", where_it_says), actor->id())},
                 act});
  all.push_back({"auto",
                 "tracepoint",
                 {for_process(spec_of("where_section_says_too", where_it_says), actor->id())},
                 act,
                 {},
                 calls});
  return all;
}

}  // namespace test
