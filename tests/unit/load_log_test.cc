// Parsing of libbpf's log of a load.
#include "object/load_log.h"

#include "object/load_error.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

constexpr std::string_view refused =
    "libbpf: prog 'second': BPF program load failed: Permission denied\n"
    "libbpf: prog 'second': -- BEGIN PROG LOAD LOG --\n"
    "0: R1=ctx() R10=fp0\n"
    "R0 !read_ok\n"
    "-- END PROG LOAD LOG --\n"
    "libbpf: prog 'second': failed to load: -13\n"
    "libbpf: failed to load object 'a'\n";

}  // namespace

TEST_CASE("The log names the rejected program") {
  CHECK(failed_program(refused) == "second");
  CHECK(failed_program("libbpf: prog 'p': failed to find kernel BTF type ID of 'x': -3\n"
                       "libbpf: prog 'p': failed to prepare load attributes: -3\n") == "p");
}

TEST_CASE("If the log has several programs, the last one was rejected") {
  CHECK(failed_program("libbpf: prog 'first': BPF program load failed: Invalid argument\n" +
                       std::string(refused)) == "second");
}

TEST_CASE("A map that cannot be created is not a program's failure") {
  CHECK(failed_program("libbpf: map 'm': failed to create: Invalid argument(-22)\n"
                       "libbpf: failed to load object 'a'\n")
            .empty());
  CHECK(failed_program("").empty());
}

TEST_CASE("The verifier's lines are distinguished from libbpf's") {
  const LoadLog log = read_load_log(refused);
  CHECK(log.verifier == std::vector<std::string_view>{"0: R1=ctx() R10=fp0", "R0 !read_ok"});
  CHECK(log.libbpf.size() == 3);
  CHECK(log.libbpf.front() == "prog 'second': BPF program load failed: Permission denied");
  CHECK(log.complaints == std::vector<std::string_view>{"R0 !read_ok"});
  CHECK(log.says("!read_ok"));
  CHECK_FALSE(log.says("libbpf:"));
}

TEST_CASE("A log that was cut off in the verifier's part keeps the rest") {
  const LoadLog log = read_load_log("libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\nR0 !read_ok");
  CHECK(log.program == "p");
  CHECK(log.verifier == std::vector<std::string_view>{"R0 !read_ok"});
}

TEST_CASE("The verifier's complaint follows its last step") {
  const LoadLog log = read_load_log(
      "libbpf: prog 'p': -- BEGIN PROG LOAD LOG --\n"
      "0: R1=ctx() R10=fp0\n"
      "7: (85) call bpf_map_lookup_elem#1    ; R0=map_value_or_null(id=1)\n"
      "; value->count += 1; @ a.c:4\n"
      "9: (79) r2 = *(u64 *)(r6 +0)\n"
      "last_idx 4 first_idx 0\n"
      "R6 invalid mem access 'scalar'\n"
      "processed 9 insns (limit 1000000)\n"
      "-- END PROG LOAD LOG --\n");
  CHECK(log.complaints == std::vector<std::string_view>{"R6 invalid mem access 'scalar'"});
  CHECK_FALSE(log.says("or_null"));
}
