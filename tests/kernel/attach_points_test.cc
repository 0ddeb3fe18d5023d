// Every attach type on this kernel: something comes through it, or it is refused, as docs/attach-points.md
// says of this kernel.
//
// The environment:
//   PROBE_RUN_ATTACH_POINTS    that document
//   PROBE_RUN_ATTACH_OUTCOMES  a file, to which what is seen is appended instead of being compared: a line
//   for
//                              each variant with the kernel, the type, the variant, "seen" or "refused", and
//                              the message, separated by tabs. tests/vm/attach-points makes the table of it.
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

// The table is of Debian's kernels for machines in a cloud: "6.1". Of others it says nothing; "".
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

// What this program was built with may lack a type that the table's was built with.
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

// Whether it depends on the machine, and not on the kernel: a virtual one may count cycles, or not.
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
    FAIL_CHECK("docs/attach-points.md says nothing of it; tests/vm/attach-points makes it again");
  } else if (!depends_on_machine(variant) || outcome.kind != Kind::seen) {
    CHECK(in_words(outcome) == in_words(*expected));
  }
}

// Also that the table has no variant of these types that nobody tries.
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

TEST_CASE("packets come through each attach point at interfaces and hooks", "[attach-points]") {
  look_at(packet_variants());
}
TEST_CASE("sockets come through each attach point at namespaces, maps and TCP", "[attach-points]") {
  look_at(socket_variants());
}
TEST_CASE("each kind of program of a cgroup is called there", "[attach-points]") {
  look_at(cgroup_variants());
}
TEST_CASE("calls come through each attach point at functions of the kernel", "[attach-points]") {
  look_at(function_variants());
}
TEST_CASE("events come through each attach point at tracepoints and counters", "[attach-points]") {
  look_at(event_variants());
}
TEST_CASE("each kind of iterator is read", "[attach-points]") {
  look_at(iterator_variants());
}
TEST_CASE("calls come through each attach point in programs and libraries", "[attach-points]") {
  look_at(user_variants());
}
TEST_CASE("other programs are replaced, run, and attached where they say", "[attach-points]") {
  look_at(other_variants());
}
