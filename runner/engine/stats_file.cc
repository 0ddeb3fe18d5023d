#include "engine/stats_file.h"

#include <fmt/format.h>

#include "format/json_value.h"
#include "support/error.h"

namespace probe_run {

namespace {

void append_member(TextBuffer& text, std::string_view before, std::string_view value) {
  text.append(before);
  append_json_string(text, value);
}

void append_programs(TextBuffer& text, const std::vector<PointReport>& programs) {
  std::string_view before = ",\"programs\":[{\"name\":";
  for (const PointReport& point : programs) {
    append_member(text, before, point.program);
    append_member(text, ",\"attach\":", point.point);
    append_member(text, ",\"state\":", name_of(point.state));
    if (!point.reason.empty()) append_member(text, ",\"reason\":", point.reason);
    text.append("}");
    before = ",{\"name\":";
  }
  if (!programs.empty()) text.append("]");
}

// null: unknown.
std::string number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? fmt::format("{}", *number) : "null";
}

void append_counts(TextBuffer& text, const std::vector<ProgramReport>& programs) {
  std::string_view before = ",\"kernel\":[{\"program\":";
  for (const ProgramReport& program : programs) {
    append_member(text, before, program.program);
    text.append(fmt::format(R"(,"missed":{},"recursion_misses":{},"runs":{},"run_ns":{}}})",
                            number_or_null(program.missed), number_or_null(program.counters.recursion_misses),
                            number_or_null(program.counters.runs), number_or_null(program.counters.run_ns)));
    before = ",{\"program\":";
  }
  if (!programs.empty()) text.append("]");
}

}  // namespace

StatsFile::StatsFile(const std::string& file, ReaderPatience& patience) {
  if (file.empty()) return;
  sink_ = open_sink(file == "-" ? "stdout" : file, OldLines::until_begin, &patience);
  sink_->open();
}

void StatsFile::write(const std::deque<SpecReport>& specs, Duration elapsed, std::string_view rights) {
  if (!sink_) return;
  TextBuffer& text = sink_->buffer();
  text.append(
      fmt::format("{{\"seconds\":{:.3f},\"specs\":[", std::chrono::duration<double>(elapsed).count()));
  std::string_view before = "{\"name\":";
  for (const SpecReport& spec : specs) {
    append_member(text, before, spec.name);
    text.append(fmt::format(",\"figures\":{}", to_json(spec.figures)));
    append_programs(text, spec.programs);
    append_counts(text, spec.counts);
    if (!spec.failure.empty()) append_member(text, ",\"failure\":", spec.failure);
    text.append("}");
    before = ",{\"name\":";
  }
  text.append("]");
  if (!rights.empty()) text.append(fmt::format(",\"rights\":{}", rights));
  text.append("}\n");
  sink_->finish();
  if (const std::string failure = sink_->failure(); !failure.empty()) throw Error(failure);
  if (sink_->not_written() > 0) throw Error("cannot write the counts of --stats: their reader takes nothing");
}

}  // namespace probe_run
