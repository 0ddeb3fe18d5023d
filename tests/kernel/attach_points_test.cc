// Every attach type on this kernel either delivers something or is refused, exactly as docs/attach-points.md
// records for this kernel.
//
// Environment variables:
//   PROBE_RUN_ATTACH_POINTS    that document
//   PROBE_RUN_ATTACH_OUTCOMES  a file to which the outcomes are appended instead of being compared: for each
//                              variant a line with the kernel, the type, the variant, "seen" or "refused", and
//                              the message, separated by tabs. tests/vm/attach-points makes the table from it.
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <regex>

#include "attach/attach_type.h"
#include "attach/libbpf_version.h"
#include "attach_variants.h"
#include "machine.h"
#include "support/catch.h"
#include "support/places.h"

using namespace test;

namespace {

using Kind = AttachOutcome::Kind;

// The table covers Debian's cloud kernels: returns "6.1", for example. For any other kernel, "".
std::string column_of_this_kernel() {
  utsname system{};
  ::uname(&system);
  const std::string release = system.release;
  std::smatch match;
  return std::regex_match(release, match, std::regex(R"((\d+\.\d+)\..*-cloud-amd64)")) ? match[1].str()
                                                                                       : std::string();
}

const char* outcomes_file() {
  return std::getenv("PROBE_RUN_ATTACH_OUTCOMES");
}

const AttachTable& table() {
  static const AttachTable read = [] {
    const char* const file = std::getenv("PROBE_RUN_ATTACH_POINTS");
    return AttachTable(read_file(file != nullptr ? file : PROBE_RUN_SOURCE_DIR "/docs/attach-points.md"));
  }();
  return read;
}

void record(const AttachVariant& variant, const AttachOutcome& outcome) {
  std::ofstream(outcomes_file(), std::ios::app)
      << column_of_this_kernel() << '\t' << variant.type << '\t' << variant.variant << '\t'
      << (outcome.kind == Kind::seen ? "seen" : "refused") << '\t' << outcome.message << '\n';
}

// The libbpf of this build may not know a type that the table's build knew.
std::string refusal_of_this_build(const std::string& type) {
  std::string refusal;
  const auto look = [&]<class Point>(const Point& point) {
    const probe_run::LibbpfVersion needed = probe_run::attach_type(point).libbpf;
    if (Point::type == type && needed > probe_run::libbpf_built_with)
      refusal = probe_run::needs_newer_libbpf(type, needed);
  };
  [&]<class... Point>(const std::variant<Point...>*) {
    (look(Point{}), ...);
  }(static_cast<const probe_run::AttachPoint*>(nullptr));
  return refusal;
}

// Whether the outcome depends on the machine, not on the kernel: a virtual machine may or may not count
// cycles.
bool depends_on_machine(const AttachVariant& variant) {
  return variant.variant.starts_with("cpu-cycles");
}

void compare(const AttachVariant& variant, const AttachOutcome& outcome) {
  if (const std::string refusal = refusal_of_this_build(variant.type); !refusal.empty()) {
    CHECK(in_words(outcome) == "refused: " + refusal);
    return;
  }
  CHECK(outcome.kind != Kind::unseen);
  if (column_of_this_kernel().empty()) return;
  const AttachOutcome* const expected =
      table().find({variant.type, variant.variant}, column_of_this_kernel());
  if (expected == nullptr) {
    FAIL_CHECK("docs/attach-points.md has no row for it: run tests/vm/attach-points to regenerate the table");
  } else if (!depends_on_machine(variant) || outcome.kind != Kind::seen) {
    CHECK(in_words(outcome) == in_words(*expected));
  }
}

// Also checks that every variant of these types in the table is tried.
void look_at(const std::vector<AttachVariant>& variants) {
  std::map<std::string, std::size_t> tried;
  for (const AttachVariant& variant : variants) {
    ++tried[variant.type];
    INFO(variant.type << " " << variant.variant);
    const AttachOutcome outcome = attempt(variant);
    INFO(in_words(outcome));
    if (outcomes_file() != nullptr) {
      CHECK(outcome.kind != Kind::unseen);
      record(variant, outcome);
    } else {
      compare(variant, outcome);
    }
  }
  if (outcomes_file() != nullptr) return;
  for (const auto& entry : tried) {
    INFO(entry.first);
    const auto& rows = table().rows();
    CHECK(static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [&](const AttachRow& row) {
            return row.first == entry.first;
          })) == entry.second);
  }
}

}  // namespace

TEST_CASE("each attach point at interfaces and hooks sees packets", "[attach-points]") {
  look_at(packet_variants());
}
TEST_CASE("each attach point at namespaces, maps and TCP sees sockets", "[attach-points]") {
  look_at(socket_variants());
}
TEST_CASE("each type of cgroup program is called", "[attach-points]") {
  look_at(cgroup_variants());
}
TEST_CASE("each attach point at kernel functions sees calls", "[attach-points]") {
  look_at(function_variants());
}
TEST_CASE("each attach point at tracepoints and counters sees events", "[attach-points]") {
  look_at(event_variants());
}
TEST_CASE("each type of iterator can be read", "[attach-points]") {
  look_at(iterator_variants());
}
TEST_CASE("each attach point in executables and libraries sees calls", "[attach-points]") {
  look_at(user_variants());
}
TEST_CASE("programs of other types are replaced, run once, or attached by section", "[attach-points]") {
  look_at(other_variants());
}
