#include "fuzz/every_format.h"

#include <algorithm>
#include <string>

#include "format/csv_format.h"
#include "format/folded_format.h"
#include "format/histogram_format.h"
#include "format/json_format.h"
#include "format/live_format.h"
#include "format/table_format.h"
#include "format/text_format.h"
#include "fuzz/oracles.h"
#include "fuzz/random_map.h"
#include "spec/output_spec.h"
#include "support/error.h"
#include "unit/sample_object.h"

namespace fuzz {
namespace {

using namespace probe_run;

OutputSpec some_columns(const Plan& plan, Choices& choices) {
  OutputSpec output;
  if (choices.one_in(2)) return output;
  const std::vector<std::string> paths = plan.paths();
  for (unsigned i = choices.below(5); i > 0 && !paths.empty(); --i) {
    const std::string& path = paths[choices.number(2) % paths.size()];
    const auto is_it = [&](const OutputField& field) { return *field.field == path; };
    if (plan.find(path) == nullptr || std::any_of(output.fields.begin(), output.fields.end(), is_it))
      continue;
    output.fields.push_back(test::located(path));
  }
  return output;
}

// Placeholders for the fields, and text between them.
std::string some_template(const Plan& plan, Choices& choices) {
  constexpr const char* formats[] = {"",       ":<16",         ":>7",       ":*^20",  ":#x",  ":08x",
                                     ":.3",    ":12.5",        ":d",        ":#o",    ":#b",  ":016b",
                                     ":#X",    ":%H:%M:%S.%L", ":%F %T.%N", ":s",     ":.0",  ":0>40",
                                     ":#018x", ":<1.1",        ":05",       ":x>3.2", ":%c%f"};
  const std::vector<std::string> paths = plan.paths();
  std::string text;
  for (unsigned i = choices.below(6); i > 0 && !paths.empty(); --i) {
    std::string next = "{" + paths[choices.number(2) % paths.size()] + choices.pick(formats) + "}";
    std::vector<TemplateError> errors;
    compile_template(next, plan, errors);
    for (const TemplateError& error : errors) {
      check_harmless(error.what);
      check_harmless(error.hint);
    }
    if (errors.empty()) text += next + (choices.one_in(2) ? " {{|}} " : "");
  }
  return text;
}

void print_text(const Plan& plan, OutputSpec output, const std::vector<Bytes>& rows,
                const RenderContext& context, Choices& choices) {
  if (choices.one_in(2)) output.text_template = test::located(some_template(plan, choices));
  Diagnostics diagnostics = test::no_diagnostics();
  TextFormat format(output, plan, diagnostics);
  if (diagnostics.failed()) fail("a text format does not compile", test::whats(diagnostics));
  TextBuffer out;
  format.begin(out);
  for (const Bytes row : rows) {
    out.clear();
    format.row(row, context, out);
    check_lines(out.view(), 1);
  }
  format.end_batch(out);
}

void print_table(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                 const RenderContext& context, TableFormat::Mode mode) {
  Diagnostics diagnostics = test::no_diagnostics();
  TableFormat format(compile_columns(output, plan, true, diagnostics), mode);
  if (diagnostics.failed()) fail("a table does not compile", test::whats(diagnostics));
  TextBuffer out;
  format.begin(out);
  for (const Bytes row : rows) format.row(row, context, out);
  format.end_batch(out);
  check_lines(out.view(), 1 + rows.size());
}

void print_jsonl(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                 const RenderContext& context) {
  Diagnostics diagnostics = test::no_diagnostics();
  JsonlFormat format(compile_columns(output, plan, false, diagnostics), plan.other ? &*plan.other : nullptr);
  TextBuffer out;
  for (const Bytes row : rows) {
    out.clear();
    format.row(row, context, out);
    check_json_line(out.view());
  }
}

void print_json(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                const RenderContext& context) {
  Diagnostics diagnostics = test::no_diagnostics();
  JsonFormat format(compile_columns(output, plan, false, diagnostics));
  TextBuffer out;
  for (const Bytes row : rows) {
    out.clear();
    format.row(row, context, out);
    out.append('\n');
    check_json_line(out.view());
  }
}

void print_logfmt(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                  const RenderContext& context) {
  Diagnostics diagnostics = test::no_diagnostics();
  const auto format = compile_format(format_named("logfmt"), {output, plan}, diagnostics);
  TextBuffer out;
  for (const Bytes row : rows) {
    out.clear();
    format->row(row, context, out);
    check_lines(out.view(), 1);
  }
}

void print_raw(const Plan& plan, const std::vector<Bytes>& rows, const RenderContext& context) {
  Diagnostics diagnostics = test::no_diagnostics();
  const OutputSpec output;
  const auto format = compile_format(format_named("raw"), {output, plan}, diagnostics);
  TextBuffer out;
  for (const Bytes row : rows) {
    out.clear();
    format->row(row, context, out);
    check_lines(out.view(), 1);
    if (out.size() != 2 * row.size() + 1) fail("a raw row is not all of the record", out.view());
  }
}

void print_folded(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                  const RenderContext& context, FoldedFormat::Mode mode) {
  Diagnostics diagnostics = test::no_diagnostics();
  FoldedFormat format(output, plan, mode, diagnostics);
  for (const Diagnostic& mistake : diagnostics.all()) check_harmless(mistake.what);
  if (diagnostics.failed()) return;  // most records have no stack
  TextBuffer out;
  for (const Bytes row : rows) format.row(row, context, out);
  format.end_batch(out);
  const auto lines = static_cast<std::size_t>(std::count(out.view().begin(), out.view().end(), '\n'));
  check_lines(out.view(), lines);
  if (lines > rows.size() || (mode == FoldedFormat::Mode::stream && lines != rows.size()))
    fail("folded stacks are not one line each", out.view());
}

// The escape sequences of the table itself are removed; the rest must be harmless.
void print_live(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                const RenderContext& context, Choices& choices) {
  Diagnostics diagnostics = test::no_diagnostics();
  LiveFormat format(output, plan, diagnostics);
  Screen screen;
  screen.columns = choices.byte();
  screen.lines = choices.byte();
  screen.utf8 = choices.one_in(2);
  for (unsigned draw = 0; draw < 2; ++draw) {
    format.prepare(screen, 0);
    TextBuffer out;
    for (const Bytes row : rows) format.row(row, context, out);
    format.end_batch(out);
    std::string text(out.view());
    text.erase(0, text.find("\x1b[2K"));
    for (const std::string own : {"\x1b[2K", "\x1b[J"}) {
      for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at))
        text.erase(at, own.size());
    }
    const std::size_t room = screen.lines > 3 ? screen.lines - 3u : 1;
    check_lines(text, 2 + std::min(rows.size(), room));
  }
}

void print_histograms(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
                      const RenderContext& context) {
  Diagnostics diagnostics = test::no_diagnostics();
  HistogramFormat format(output, plan, diagnostics);
  if (diagnostics.failed()) return;  // there is none
  TextBuffer out;
  for (const Bytes row : rows) format.row(row, context, out);
  const std::string_view text = out.view();
  check_lines(text, static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')));
}

void check_cells(const std::vector<Column>& columns, Bytes row, const RenderContext& context, Reader reader,
                 std::string_view text) {
  std::vector<std::string> cells = csv_cells(text);
  if (columns.empty()) cells.clear();
  if (cells.size() != columns.size())
    fail("this CSV row should have " + std::to_string(columns.size()) + " cells", text);
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Field& field = *columns[i].field;
    if (columns[i].other.in(row)) {
      if (cells[i] != columns[i].other.text) fail("this CSV row does not name the other groups", text);
      continue;
    }
    const Reader wanted = is_number(field) ? Reader::program : reader;  // numbers keep all their digits
    if (cells[i] != (present(field, row) ? test::plain(field, row, context, wanted) : std::string()))
      fail("a cell of this CSV row differs from its field's value", text);
  }
}

void print_csv(const Plan& plan, const OutputSpec& output, const std::vector<Bytes>& rows,
               const RenderContext& context, Reader reader) {
  Diagnostics diagnostics = test::no_diagnostics();
  const std::vector<Column> columns = compile_columns(output, plan, true, diagnostics);
  CsvFormat format(columns, reader);
  TextBuffer out;
  format.begin(out);
  if (!columns.empty() && csv_cells(out.view()).size() != columns.size())
    fail("columns are missing in a CSV header", out.view());
  if (reader == Reader::person) check_lines(out.view(), 1);
  for (const Bytes row : rows) {
    out.clear();
    format.row(row, context, out);
    if (reader == Reader::person) check_lines(out.view(), 1);
    check_cells(columns, row, context, reader, out.view());
  }
}

}  // namespace

void print_in_every_format(const Plan& plan, const std::vector<Bytes>& rows, const RenderContext& context,
                           Choices& choices) {
  const OutputSpec output = some_columns(plan, choices);
  print_text(plan, output, rows, context, choices);
  print_table(plan, output, rows, context, TableFormat::Mode::stream);
  print_table(plan, output, rows, context, TableFormat::Mode::batch);
  print_jsonl(plan, output, rows, context);
  print_json(plan, output, rows, context);
  print_logfmt(plan, output, rows, context);
  print_raw(plan, rows, context);
  print_folded(plan, output, rows, context, FoldedFormat::Mode::stream);
  print_folded(plan, output, rows, context, FoldedFormat::Mode::batch);
  print_live(plan, output, rows, context, choices);
  print_histograms(plan, output, rows, context);
  print_csv(plan, output, rows, context, Reader::person);
  print_csv(plan, output, rows, context, Reader::program);
}

}  // namespace fuzz
