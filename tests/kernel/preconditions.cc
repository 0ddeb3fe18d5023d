// The requirements of the tests are checked once, before the first test, so that nothing passes silently
// without them.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include <bpf/bpf.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "machine.h"
#include "support/catch.h"
#include "support/process.h"

namespace {

#if __has_include(<catch2/catch_all.hpp>)
using Listener = Catch::EventListenerBase;
#else
using Listener = Catch::TestEventListenerBase;
#endif

std::string bpf_refusal() {
  const int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, "precondition", 4, 4, 1, nullptr);
  if (map < 0) return std::string("bpf() does not work here: ") + std::strerror(errno);
  ::close(map);
  return {};
}

std::string what_is_missing() {
  if (::geteuid() != 0) return "these tests need root";
  if (const std::string refusal = bpf_refusal(); !refusal.empty()) return refusal;
  for (const char* const tool : {"ip", "bash", "unshare"}) {
    if (test::run({"sh", "-c", std::string("command -v ") + tool}).status != 0) {
      return std::string("the program ") + tool + " is not installed";
    }
  }
  return {};
}

class Preconditions : public Listener {
 public:
  using Listener::Listener;

  void testRunStarting(const Catch::TestRunInfo&) override {
    // That is no reason to skip.
    if (::access(test::probe_run().c_str(), X_OK) != 0) {
      std::fprintf(stderr, "FAILED: %s cannot be executed; is it built?\n", test::probe_run().c_str());
      std::exit(1);
    }
    const std::string missing = what_is_missing();
    if (missing.empty()) return announce();
    const char* const allowed = std::getenv("PROBE_RUN_ALLOW_SKIP");
    const bool skip = allowed != nullptr && std::strcmp(allowed, "1") == 0;
    std::fprintf(stderr, "%s: the kernel tests cannot run: %s\n", skip ? "SKIPPED" : "FAILED",
                 missing.c_str());
    std::fprintf(stderr, "%s", skip ? "" : "PROBE_RUN_ALLOW_SKIP=1 turns this into a skip\n");
    std::exit(skip ? 77 : 1);
  }

 private:
  static void announce() {
    std::printf(
        "kernel tests of %s: %s, floods of %llu events%s\n", test::probe_run().c_str(),
        test::has_kprobes() ? "this kernel has kprobes" : "NO kprobes here, so they are only seen refused",
        static_cast<unsigned long long>(test::flood_size()),
        test::is_quiet() ? "" : "; the machine is not quiet, so its execs are counted as at least");
    std::fflush(stdout);
  }
};

}  // namespace

CATCH_REGISTER_LISTENER(Preconditions)
