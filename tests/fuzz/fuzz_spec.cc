// Spec text: parsed, and compiled against an object with a map of each kind. Its diagnostics must be safe for
// a terminal.
#include "engine/pipeline.h"
#include "fuzz/oracles.h"
#include "fuzz/targets.h"
#include "spec/parse.h"
#include "support/error.h"
#include "unit/sample_object.h"

namespace fuzz {
namespace {

using namespace probe_run;

std::unique_ptr<ObjectDescription> object() {
  test::BtfBuilder btf = test::event_types();
  const auto u32 = btf.integer("__u32", 4);
  const auto address = btf.structure("address", 20, {{"family", u32, 0}, {"bytes", btf.array(u32, 4), 32}});
  const auto count = btf.variable("dropped", u32);
  btf.section(".bss", 4, {{count, 0, 4}});
  return test::object_of(btf, {test::map_info("events", BPF_MAP_TYPE_RINGBUF),
                               test::map_info("perf", BPF_MAP_TYPE_PERF_EVENT_ARRAY),
                               test::map_info("counts", BPF_MAP_TYPE_HASH, 20, 4, address, u32),
                               test::map_info("cpu_counts", BPF_MAP_TYPE_PERCPU_ARRAY, 4, 20, u32, address),
                               test::map_info("stacks", BPF_MAP_TYPE_STACK_TRACE, 4, 1016)});
}

void check(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string text = to_text(diagnostic);
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      check_harmless(std::string_view(text).substr(0, end));
      text.erase(0, end + 1);
    }
  }
}

}  // namespace

void fuzz_spec(Bytes input) {
  const auto source = std::make_shared<SourceText>("spec.json", std::string(as_text(input)));
  Diagnostics diagnostics(source);
  try {
    const auto spec = parse_spec(source, {}, MissingParameters::use_example, diagnostics);
    check(diagnostics.all());
    if (!spec) return;
    const auto target = object();
    SinkSet sinks(SinkSet::Kind::null);
    const Pipeline pipeline(*spec, *target, 2, {}, sinks, diagnostics);
    check(diagnostics.all());
    pipeline.asked_names();
  } catch (const Error& error) {
    check(error.diagnostics());
  }
}

}  // namespace fuzz
