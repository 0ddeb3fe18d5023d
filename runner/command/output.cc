#include "command/output.h"

#include <fmt/format.h>

#include <algorithm>

#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

Output::Output(const OutputSpec& spec, const Plan& plan, Arrival arrival, OutputFormat format, Sink& sink,
               Diagnostics& diagnostics)
    : sink_(sink) {
  check(spec, arrival, diagnostics);
  std::vector<const Field*> keys;
  for (const Located<std::string>& name : spec.group_by) {
    const Field* const field = plan.find(*name);
    if (field == nullptr) {
      const std::vector<std::string> paths = plan.paths();
      diagnostics.error(name.at, fmt::format("there is no field \"{}\"", escape_for_terminal(*name)),
                        suggestion(*name, views(paths), "fields"));
    } else if (field->flexible) {
      diagnostics.error(name.at,
                        fmt::format("the field \"{}\" has no fixed size and cannot make groups", *name));
    } else if (!GroupTable::can_group(*field)) {
      diagnostics.error(
          name.at, fmt::format("the field \"{}\" has members that depend on a field outside of it", *name),
          "group by its members instead");
    } else {
      keys.push_back(field);
    }
  }
  std::vector<std::string_view> columns;
  for (const Located<std::string>& name : spec.group_by) columns.push_back(*name);
  for (const auto& [name, function] : spec.aggregate) {
    if (std::find(columns.begin(), columns.end(), *name) == columns.end()) continue;
    diagnostics.error(name.at,
                      fmt::format("two columns would have the name \"{}\"", escape_for_terminal(*name)),
                      "\"group_by\" has it already; name the count otherwise, such as \"count\"");
  }
  if (!spec.group_by.empty()) {
    std::vector<std::string> counts;
    for (const auto& [name, function] : spec.aggregate) counts.push_back(*name);
    groups_ = std::make_unique<GroupTable>(keys, counts);
  }
  const Plan& shown = groups_ ? groups_->plan() : plan;
  batched_ = groups_ || arrival == Arrival::reads;
  sort_ = compile_sort(spec, shown, diagnostics);
  if (spec.limit) limit_ = **spec.limit;
  if (spec.every) {
    at_exit_ = (*spec.every)->at_exit;
    interval_ = (*spec.every)->interval;
  } else {
    at_exit_ = groups_ && arrival == Arrival::stream;
  }
  const TableFormat::Mode mode = batched_ ? TableFormat::Mode::batch : TableFormat::Mode::stream;
  takes_summary_ = format == OutputFormat::jsonl;
  format_ = compile_format(format, spec, shown, mode, sink.is_terminal() ? Reader::person : Reader::program,
                           diagnostics);
}

void Output::check(const OutputSpec& spec, Arrival arrival, Diagnostics& diagnostics) const {
  const bool together = arrival == Arrival::reads || !spec.group_by.empty();
  if (!together && spec.every) {
    diagnostics.error(spec.every->at, "the records of a stream are shown as they come",
                      "\"every\" is for groups (\"group_by\") and for maps that are polled");
  }
  for (const auto* at : {spec.sort ? &spec.sort->at : nullptr, spec.limit ? &spec.limit->at : nullptr}) {
    if (at != nullptr && !together) {
      diagnostics.error(*at, "\"sort\" and \"limit\" need rows that are shown together",
                        "group the records with \"group_by\", or leave it out");
    }
  }
  if (arrival == Arrival::reads && spec.every && !(*spec.every)->at_exit) {
    diagnostics.error(spec.every->at, "a polled map is shown after each read",
                      "set the map's \"poll\" instead; \"every\": \"exit\" shows the last read only");
  }
}

Sort Output::compile_sort(const OutputSpec& spec, const Plan& plan, Diagnostics& diagnostics) const {
  if (!spec.sort) return {};
  const bool descending = (*spec.sort)->starts_with('-');
  const std::string name = (*spec.sort)->substr(descending ? 1 : 0);
  const Field* const field = plan.find(name);
  if (field == nullptr) {
    const std::vector<std::string> paths = plan.paths();
    diagnostics.error(spec.sort->at,
                      fmt::format("there is no field \"{}\" to sort by", escape_for_terminal(name)),
                      suggestion(name, views(paths), "fields"));
  }
  return {field, descending};
}

void Output::begin() noexcept {
  if (begun_) return;
  begun_ = true;
  std::visit([&](auto& format) { format.begin(sink_.buffer()); }, *format_);
}

void Output::print(Bytes row, const RenderContext& context) noexcept {
  std::visit([&](auto& format) { format.row(row, context, sink_.buffer()); }, *format_);
  sink_.line_done();
}

void Output::row(Bytes row, const RenderContext& context) noexcept {
  if (groups_) return groups_->add(row);
  if (batched_) return batch_.add(row);
  if (!begun_) begin();
  print(row, context);
}

void Output::begin_read() noexcept {
  batch_.clear();
  if (groups_) groups_->clear();
}

void Output::end_read(const RenderContext& context) noexcept {
  if (at_exit_) return;
  if (groups_) return show_groups(context);
  show_batch(context);
}

void Output::time(std::int64_t monotonic, const RenderContext& context) noexcept {
  if (interval_.count() == 0) return;
  if (!deadline_) {
    // An interval of centuries does not end.
    deadline_ = interval_.count() < INT64_MAX - monotonic ? monotonic + interval_.count() : INT64_MAX;
    return;
  }
  if (monotonic < *deadline_) return;
  show_groups(context);
  groups_->clear();
  // Intervals that passed unnoticed (a suspended machine) are not made up for.
  *deadline_ += ((monotonic - *deadline_) / interval_.count() + 1) * interval_.count();
}

void Output::finish(const RenderContext& context) noexcept {
  begin();
  if (groups_ && (at_exit_ || interval_.count() > 0)) {
    show_groups(context);
  } else if (at_exit_) {
    show_batch(context);
  }
}

void Output::show_groups(const RenderContext& context) noexcept {
  batch_.clear();
  groups_->for_each([&](Bytes row) { batch_.add(row); });
  show_batch(context);
}

void Output::show_batch(const RenderContext& context) noexcept {
  begin();
  batch_.arrange(sort_, limit_);
  batch_.for_each([&](Bytes row) { print(row, context); });
  std::visit([&](auto& format) { format.end_batch(sink_.buffer()); }, *format_);
  sink_.line_done();
}

}  // namespace probe_run
