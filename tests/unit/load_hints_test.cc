// What a failed load says, from what libbpf and the verifier printed.
#include <cerrno>

#include "object/load_error.h"
#include "support/catch.h"
#include "support/error.h"

using namespace probe_run;

namespace {

std::string refusal(std::string_view log, const std::string& known_cause = {}) {
  try {
    throw_load_error("a.bpf.o", -EINVAL, log, false, known_cause);
  } catch (const Error& error) {
    return to_text(error.diagnostics().at(0));
  }
  return {};
}

}  // namespace

TEST_CASE("A refused atomic operation is told from the kernel's age") {
  CHECK(refusal(
            "libbpf: prog 'p': BPF program load failed: Invalid argument\nBPF_STX uses reserved fields\n") ==
        "probe-run: error: the kernel refused a.bpf.o: Invalid argument\n"
        "  hint: this kernel's atomic operations only add, and give nothing back: what __sync_fetch_and_add "
        "returns, and the other operations, need Linux 5.12\n"
        "        libbpf: prog 'p': BPF program load failed: Invalid argument\n"
        "        BPF_STX uses reserved fields\n");
}

TEST_CASE("What is known to be wrong comes before what the log tells, and instead of guesses") {
  CHECK(refusal("unknown func\n", "the map is too new") ==
        "probe-run: error: the kernel refused a.bpf.o: Invalid argument\n"
        "  hint: the map is too new\n"
        "        unknown func\n");
}

TEST_CASE("The program that the load ended at is told from the last thing that libbpf says") {
  CHECK(refused_program("libbpf: prog 'p': BPF program load failed: Operation not permitted\n"
                        "libbpf: prog 'p': failed to load: -1\n"
                        "libbpf: failed to load object 'a'\n") == "p");
  CHECK(refused_program("libbpf: prog 'p': relo #2: no matching targets found\n"
                        "libbpf: prog 'p': relo #2: failed to relocate: -22\n"
                        "libbpf: failed to perform CO-RE relocations: -22\n"
                        "libbpf: failed to load object 'a'\n") == "p");
}

TEST_CASE("A load that ended at a map, or at nothing that libbpf names, was refused for no program") {
  CHECK(refused_program("libbpf: prog 'p': failed to find something, which does not matter\n"
                        "libbpf: map 'm': failed to create: Invalid argument(-22)\n"
                        "libbpf: failed to load object 'a'\n")
            .empty());
  CHECK(refused_program(
            "libbpf: Error in bpf_object__probe_loading():Operation not permitted(1). Couldn't load "
            "trivial BPF program.\nlibbpf: failed to load object 'a'\n")
            .empty());
  CHECK(refused_program("").empty());
}

TEST_CASE("The kernel's own error number has words") {
  CHECK(errno_text(524) == "not supported by this kernel");
  CHECK(errno_text(-524) == "not supported by this kernel");
}
