// Programs that the kernel rejects, and the complete errors. unit/load_logs has the logs of other kernels.
#include <bpf/bpf.h>
#include <unistd.h>

#include <fstream>

#include "object/kernel_support.h"
#include "object/libbpf.h"
#include "probe.h"
#include "support/catch.h"

using namespace test;
using nlohmann::json;

namespace {

struct Bad {
  std::string program;
  json attach;
  std::vector<std::string> said;  // "" where this kernel takes it
  std::string object = "bad.bpf.o";
};

Finished refused(const Bad& bad) {
  const Directory directory;
  const json spec{{"name", "bad"},
                  {"object", bad.object},
                  {"programs", json::array({{{"name", bad.program}, {"attach", bad.attach}}})}};
  const std::string path = directory / "bad.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  // Under emulation the verifier takes a minute for a million instructions.
  return Process(probe_command(path, {"--duration", "1ms"})).finish(patiently(std::chrono::seconds(60)));
}

void check(const Bad& bad) {
  const Finished done = refused(bad);
  INFO(bad.program << ": " << done.err);
  CHECK(done.status == 1);
  for (const std::string& words : bad.said) {
    INFO(words);
    CHECK(contains(done.err, words));
  }
  CHECK_FALSE(contains(done.err, "LOAD LOG"));
  CHECK_FALSE(contains(done.err, "processed "));
}

const json raw{{"type", "raw_tracepoint"}, {"name", "sys_enter"}};
const json xdp{{"type", "xdp"}, {"iface", "lo"}};

}  // namespace

TEST_CASE("the error for a rejected program names it, the line of its source and the cause", "[load]") {
  const std::string begin = "error: the kernel refused the program \"null_not_checked\" of ";
  const Finished done = refused({"null_not_checked", raw, {}});
  INFO(done.err);
  CHECK(done.status == 1);
  CHECK(contains(done.err, begin));
  CHECK(contains(done.err, ": the verifier rejected it\n"));
  CHECK(contains(done.err, "  hint: test the result of bpf_map_lookup_elem against NULL before using it\n"));
  CHECK(contains(done.err, ": value->count += ctx->args[1];\n") ==
        kernel_is_at_least(6, 9));  // its verifier prints the line number
  CHECK(contains(done.err, "value->count += ctx->args[1];\n"));
  CHECK(contains(done.err,
                 "           9: (79) r2 = *(u64 *)(r0 +0)\n"
                 "           R0 invalid mem access 'map_value_or_null'\n"));
}

TEST_CASE("each error of the verifier is explained", "[load]") {
  check({"map_value_range", raw, {"beyond the map's value", "value_size=24 off=8 size=64"}});
  check({"index_not_bounded", raw, {"bound the index before it is added to a pointer"}});
  check({"size_not_bounded", raw, {"make the size unsigned and bound it"}});
  check({"packet_not_checked", xdp, {"compare the pointer with data_end"}});
  check({"kernel_pointer", raw, {"BPF_CORE_READ or bpf_probe_read_kernel"}});
  check({"wrong_argument", raw, {"the helper needs another kind of argument"}});
  check({"stack_range", raw, {"beyond the variable on the stack"}});
  check({"register_not_set", raw, {"a variable is used before it is set"}});
  check({"result_not_set", raw, {"return a number on every path"}});
  check({"not_released", raw, {"must be submitted, discarded or released on every path"}});
  check({"endless", raw, {"cannot prove that a loop ends"}});
  check({"not_reachable", raw, {"an instruction cannot be reached"}});
  check({"context_range", xdp, {"the context of this program type has no field at that offset"}});
  check({"typed_range",
         {{"type", "tp_btf"}, {"name", "sys_enter"}},
         {"fewer arguments than the program reads"}});
  check({"typed_value", {{"type", "tp_btf"}, {"name", "sys_enter"}}, {"can be read, but not written"}});
  check({"gpl_only", raw, {"license must be GPL-compatible"}, "bad_license.bpf.o"});
  if (!kernel_is_at_least(6, 18)) check({"stack_too_large", raw, {"share 512 bytes of stack"}});
}

TEST_CASE("a program that is too complex for the verifier is reported as such", "[load][large]") {
  // The log of some older kernels needs more memory than a small machine has.
  if (kernel_is_at_least(6, 18))
    check({"too_complex", raw, {"gave up after 1,000,000 instructions"}, "bad_complex.bpf.o"});
}

TEST_CASE("a symbol that a program uses and the kernel does not have is named", "[load]") {
  check({"no_such_helper", raw, {"this kernel has no helper number 4711"}});
  if (!kernel_is_at_least(6, 1))
    check({"newer_helper", raw, {"does not have the helper bpf_ktime_get_tai_ns, which needs Linux 6.1"}});
  check({"helper_of_another_type",
         xdp,
         {kernel_is_at_least(5, 15) ? "does not allow the helper bpf_get_func_ip in this type of program"
                                    : "does not have the helper bpf_get_func_ip, which needs Linux 5.15"}});
  check({"no_such_field", raw, {"this kernel's struct task_struct has no field \"no_such_field\"\n"}});
  check(
      {"misspelt_field",
       raw,
       {"this kernel's struct task_struct has no field \"group_leadr\"; did you mean \"group_leader\"?\n"}});
  check({"no_such_type", raw, {"this kernel has no struct no_such_type\n"}});
  const json tc{{"type", "tc"}, {"iface", "lo"}, {"direction", "ingress"}};
  check({"no_kfunc", tc, {"this kernel has no kfunc \"no_such_kfunc\""}, "bad_kfunc.bpf.o"});
  check({"no_ksym", tc, {"this kernel's BTF has no variable \"no_such_variable\""}, "bad_ksym.bpf.o"});
  const Finished kconfig = refused({"no_kconfig", raw, {}, "bad_kconfig.bpf.o"});
  INFO(kconfig.err);
  CHECK(kconfig.status == 1);
  // Whether the machine provides its kernel's configuration at all.
  CHECK((contains(kconfig.err, "configuration does not set CONFIG_NO_SUCH_OPTION") ||
         contains(kconfig.err, "configuration, which is neither in /proc/config.gz")));
}

TEST_CASE("a program type that the kernel does not have is reported as such", "[load]") {
  if (kernel_is_at_least(5, 14)) return;  // only the oldest kernel of these tests is without one
  check({"newer_program_type",
         {{"type", "run"}},
         {"the program \"newer_program_type\" is of type syscall, which needs Linux 5.14"}});
}

TEST_CASE("a map that cannot be created is named", "[load]") {
  check({"no_room",
         raw,
         {"error: the kernel refused the map \"huge\" of ", "needs more memory than the kernel can allocate"},
         "bad_maps.bpf.o"});
  check({"wrong_attributes",
         raw,
         {"error: the kernel refused the map \"odd_flags\" of ", "that its type does not allow"},
         "bad_attributes.bpf.o"});
}

TEST_CASE("helpers exist since the versions in the table", "[load]") {
  for (const probe_run::Helper& helper : probe_run::newer_helpers()) {
    bpf_insn code[2]{};
    code[0].code = BPF_JMP | BPF_CALL;
    code[0].imm = static_cast<__s32>(helper.id);
    code[1].code = BPF_JMP | BPF_EXIT;
    char log[4096] = "";
    auto options = probe_run::zeroed_options<bpf_prog_load_opts>();
    options.log_buf = log;
    options.log_size = sizeof log;
    options.log_level = 2;  // also the steps if it is accepted
    const int fd = bpf_prog_load(BPF_PROG_TYPE_TRACEPOINT, "helper", "GPL", code, 2, &options);
    if (fd >= 0) ::close(fd);
    const std::string version(helper.linux_version);
    const std::size_t dot = version.find('.');
    const bool expected = kernel_is_at_least(static_cast<unsigned>(std::stoul(version)),
                                             static_cast<unsigned>(std::stoul(version.substr(dot + 1))));
    INFO(helper.name << ' ' << helper.linux_version << ": " << log);
    CHECK(contains(log, "invalid func unknown#") == !expected);
    // The kernel prints the name of each helper number that it knows.
    if (expected) CHECK(contains(log, std::string(helper.name) + "#"));
  }
}
