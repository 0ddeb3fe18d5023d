// Templates of the text format, with complete, hostile and truncated records. The whole input is the
// template.
#include <algorithm>
#include <array>

#include "format/text_format.h"
#include "fuzz/hostile_names.h"
#include "fuzz/oracles.h"
#include "fuzz/targets.h"
#include "spec/output_spec.h"
#include "support/error.h"
#include "unit/sample_object.h"

namespace fuzz {
namespace {

using namespace probe_run;

void check(const Diagnostics& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    check_harmless(diagnostic.what);
    check_harmless(diagnostic.hint);
    if (diagnostic.where) check_harmless(diagnostic.where->text);
  }
}

}  // namespace

void fuzz_template(Bytes input) {
  static const test::Compiled plan = test::event_plan(
      {{"ts", "ktime"}, {"mac", "mac"}, {"pid", "uid"}, {"address", "ksym"}, {"ret", "errno"}});
  if (!plan.mistakes.empty()) fail("the plan does not compile", plan.mistakes);
  const std::string text(as_text(input));
  OutputSpec output;
  output.text_template = test::located(text, Span{1, text.size() + 1});
  Diagnostics diagnostics = test::no_diagnostics("\"" + text + "\"");
  TextFormat format(output, *plan, diagnostics);
  check(diagnostics);
  if (diagnostics.failed()) return;

  const test::RecordBytes whole = test::event_record();
  const test::RecordBytes hostile =
      test::event_record("\x1b[2J\xff\xe2\x80\xae\"\\", "\xe4\xb8\xad\xe6\x96\x87\r\n");
  HostileNames names(input);
  RenderContext context = test::clock_at(1'790'769'600'000'000'000);
  context.names = &names;
  const std::array<Bytes, 5> records{whole.view(), hostile.view(), whole.view().first(50),
                                     whole.view().first(9), Bytes()};
  for (const Bytes record : records) {
    const std::vector<std::byte> row = exact(record);
    TextBuffer out;
    format.row(row, context, out);
    std::string line(out.view());
    std::replace(line.begin(), line.end(), '\t', ' ');  // which a template may hold
    check_lines(line, 1);
  }
}

}  // namespace fuzz
