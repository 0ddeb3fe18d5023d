#include "engine/show_verifier_log.h"

#include <fmt/format.h>

#include <cstdio>

#include "object/load_error.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

void show(const VerifierLog& log) {
  for (const auto& [program, text] : log.texts()) {
    fmt::print(stderr, "probe-run: the verifier on {}:\n{}\n", escape_for_terminal(program),
               escape_lines(text));
  }
}

}  // namespace

void load_showing_log(BpfObject& object, unsigned level) {
  if (level == 0) return object.load();
  VerifierLog log;
  try {
    object.load(level, &log);
  } catch (...) {
    show(log);
    throw;
  }
  show(log);
}

}  // namespace probe_run
