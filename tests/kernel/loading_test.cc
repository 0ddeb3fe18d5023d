// Options of loading, on the command line and in the spec: the kernel's types, the verifier's log.
#include <fstream>

#include "actor.h"
#include "probe.h"
#include "set_up_spec.h"
#include "support/catch.h"
#include "unit/btf_builder.h"

using namespace test;
using nlohmann::json;

namespace {

json list(const json& item) {
  return json::array({item});
}

// The spec of a program that outputs the offset of a member of struct made_up, which no kernel has.
std::string spec_of_offset(const Directory& directory, const std::string& btf = {}) {
  const std::string path = write_set_up(
      directory,
      {list(at_system_calls("find_offset")), json::array({{{"name", "offsets"}}}), list(at_exit("offsets"))});
  if (btf.empty()) return path;
  return edited_spec(directory, path, [&](json& spec) { spec["btf"] = btf; });
}

// BTF of a kernel that has that member.
void write_kernel_types(const std::string& path, std::uint32_t offset) {
  BtfBuilder btf;
  const BtfBuilder::Id number = btf.integer("unsigned int", 4);
  btf.structure("made_up", offset + 4, {{"number", number, offset * 8}});
  const std::vector<std::byte> bytes = btf.build();
  std::ofstream file(path, std::ios::binary);
  for (const std::byte byte : bytes) file.put(std::to_integer<char>(byte));
}

std::uint64_t found_offset(const std::string& spec, const std::vector<std::string>& arguments = {}) {
  Actor actor(calling_getppid(1));
  std::vector<std::string> all{"--set", "pid=" + actor.id()};
  all.insert(all.end(), arguments.begin(), arguments.end());
  Probe probe(probe_command(spec, all));
  actor.act();
  const Finished done = probe.stop();
  INFO(done.err);
  const std::vector<json> rows = json_lines(done.out);
  REQUIRE(rows.size() == 1);
  return rows[0].at("value");
}

}  // namespace

TEST_CASE("The kernel's types are taken from the file that the spec names") {
  const Directory directory;
  write_kernel_types(directory / "kernel.btf", 44);
  CHECK(found_offset(spec_of_offset(directory, "kernel.btf")) == 44);
}

TEST_CASE("--btf overrides \"btf\" of the spec") {
  const Directory directory;
  write_kernel_types(directory / "kernel.btf", 44);
  write_kernel_types(directory / "other.btf", 120);
  CHECK(found_offset(spec_of_offset(directory), {"--btf", directory / "other.btf"}) == 120);
  CHECK(found_offset(spec_of_offset(directory, "kernel.btf"), {"--btf", directory / "other.btf"}) == 120);
}

TEST_CASE("The whole verifier log of a rejected program is shown") {
  const Directory directory;
  const std::string spec = spec_of_offset(directory);
  const Finished without = run(probe_command(spec));
  INFO(without.err);
  CHECK(without.status == 1);
  CHECK(contains(without.err, "hint: this kernel has no struct made_up\n"));
  CHECK_FALSE(contains(without.err, "the verifier on"));
  const Finished with = run(probe_command(spec, {"--verifier-log", "1"}));
  INFO(with.err);
  CHECK(with.status == 1);
  CHECK(contains(with.err, "probe-run: the verifier on find_offset:\n"));
  CHECK(contains(with.err, "0: (79) r1 = *(u64 *)(r1 +8)"));
  CHECK(contains(with.err, "hint: this kernel has no struct made_up\n"));
}

TEST_CASE("The verifier log of accepted programs is shown at the requested level") {
  const Directory directory;
  const std::string spec =
      write_set_up(directory, {json::array({at_system_calls("idle"), at_system_calls("call_second")}),
                               json::array(), json::array({{{"trace_pipe", true}}})});
  const auto said = [&](const std::vector<std::string>& arguments) {
    return Probe(probe_command(spec, arguments)).stop().err;
  };
  CHECK_FALSE(contains(said({}), "the verifier on"));
  for (const char* const level : {"1", "stats"}) {
    // At these levels the verifier keeps no more of the log of an accepted program.
    const std::string figures = said({"--verifier-log", level});
    CHECK(contains(figures, "probe-run: the verifier on idle:\n"));
    CHECK(contains(figures, "probe-run: the verifier on call_second:\n"));
    CHECK(contains(figures, "processed "));
    CHECK_FALSE(contains(figures, "(85) call bpf_get_current_pid_tgid#14"));
  }
  CHECK(contains(said({"--verifier-log", "2"}), "(85) call bpf_get_current_pid_tgid#14"));
}
