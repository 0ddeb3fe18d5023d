#include "engine/pipeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/compile_outputs.h"
#include "spec/spec.h"

namespace probe_run {

Pipeline::Pipeline(const Spec& spec, const ObjectDescription& object, std::uint32_t possible_cpus,
                   const Options& options, SinkSet& sinks, Diagnostics& diagnostics)
    : limit_(options.count) {
  compile_inputs(spec, object, possible_cpus, inputs_, diagnostics);
  outputs_ = compile_outputs(spec, object, options, sinks, context_, inputs_, diagnostics);
  by_map_.resize(object.maps.size());
  for (Input& input : inputs_) {
    if (input.is_printed_lines()) {
      lines_ = &input;
    } else if (input.plan) {
      by_map_[input.map] = &input;
    }
  }
}

bool Pipeline::take() noexcept {
  if (full()) return false;
  ++taken_;
  return true;
}

void Pipeline::count(Fit fit) noexcept {
  switch (fit) {
    case Fit::whole:
      return;
    case Fit::shorter:
    case Fit::unknown:
      ++figures_.undecodable;
      return;
    case Fit::longer:
      ++figures_.longer;
      return;
  }
}

bool Pipeline::record(std::uint32_t map, std::span<const std::byte> bytes) noexcept {
  Input* const in = input(map);
  if (in == nullptr || !take()) return false;
  ++figures_.events;
  count(in->plan->fit(bytes, in->slack));
  in->record(bytes);
  return true;
}

// --count counts rows that are shown: metrics are still updated in a spec that has reached it. A read is counted when
// it begins: what it removes from the map would be lost if records that come within it could take its place.
bool Pipeline::begin_read(std::uint32_t map, ReadFor whom) noexcept {
  Input* const in = input(map);
  if (in == nullptr || (whom == ReadFor::everyone && !take())) return false;
  in->begin_read(whom, now_);
  reads_ = whom == ReadFor::everyone;
  return true;
}

bool Pipeline::add_entry(std::uint32_t map, std::span<const std::byte> bytes, bool taken) noexcept {
  Input* const in = input(map);
  if (in == nullptr || !in->is_being_read()) return false;
  in->entry(bytes, taken);
  return true;
}

bool Pipeline::end_read(std::uint32_t map, const ReadEnd& end) noexcept {
  Input* const in = input(map);
  if (in == nullptr || !in->is_being_read()) return false;
  if (reads_) {
    ++figures_.reads;
    if (end.incomplete) ++figures_.incomplete;
    if (end.restarted) ++figures_.restarted;
    figures_.vanished += end.vanished;
  }
  in->end_read(end.incomplete);
  reads_ = false;
  return true;
}

void Pipeline::lost(std::uint32_t map, std::uint64_t count) noexcept {
  if (Input* const in = input(map)) in->lost += count;
}

void Pipeline::dropped(std::uint32_t map, std::uint64_t total) noexcept {
  if (Input* const in = input(map)) in->dropped = total;
}

void Pipeline::time(std::int64_t monotonic, std::int64_t to_wall) noexcept {
  now_ = monotonic;
  to_wall_ = to_wall;
  context_.clock.observe(monotonic, to_wall);
  observe_boot_clock();
  for (const auto& output : outputs_) output->time(monotonic);
}

void Pipeline::slept(std::int64_t total) noexcept {
  slept_ = total;
}

// A recording may have any numbers: they wrap.
void Pipeline::observe_boot_clock() noexcept {
  const auto slept = static_cast<std::uint64_t>(slept_);
  context_.boot_clock.observe(static_cast<std::int64_t>(static_cast<std::uint64_t>(now_) + slept),
                              static_cast<std::int64_t>(static_cast<std::uint64_t>(to_wall_) - slept));
}

namespace {

void collect_asked(const Field& field, std::vector<NameKind>& kinds) {
  if (field.shape == Shape::rendered && field.renderer->asks) kinds.push_back(*field.renderer->asks);
  for (const Field& member : field.fields) collect_asked(member, kinds);
}

}  // namespace

void Pipeline::stopping() noexcept {
  for (const auto& output : outputs_) output->stopping();
}

std::vector<Diagnostic> Pipeline::take_warnings() {
  std::vector<Diagnostic> warnings;
  for (const auto& output : outputs_) {
    if (std::optional<Diagnostic> warning = output->take_warning()) warnings.push_back(std::move(*warning));
  }
  return warnings;
}

void Pipeline::set_interlude(Interlude& interlude) {
  for (const auto& output : outputs_) output->set_interlude(interlude);
}

std::vector<NameKind> Pipeline::asked_names() const {
  std::vector<NameKind> kinds;
  for (const Input& in : inputs_) {
    if (in.plan) collect_asked(in.plan->root, kinds);
  }
  std::sort(kinds.begin(), kinds.end());
  kinds.erase(std::unique(kinds.begin(), kinds.end()), kinds.end());
  return kinds;
}

void Pipeline::finish() noexcept {
  for (const auto& output : outputs_) output->finish();
  const Figures all = figures();
  if (!all.has_losses()) return;
  // For consumers that only read the rows. No C field begins with a dollar sign.
  const std::string line = fmt::format("{{\"$summary\":{}}}", to_json(all));
  std::set<Sink*> told;
  for (const auto& output : outputs_) {
    Sink* const sink = output->summary_sink();
    if (sink == nullptr || !told.insert(sink).second) continue;
    sink->begin_row();
    sink->buffer().append(line);
    if (!sink->is_array()) sink->buffer().append('\n');
    sink->line_done();
  }
}

std::string Pipeline::output_failure() const {
  for (const auto& output : outputs_) {
    if (std::string failure = output->failure(); !failure.empty()) return failure;
  }
  return {};
}

bool Pipeline::unread() const noexcept {
  return !outputs_.empty() &&
         std::all_of(outputs_.begin(), outputs_.end(), [](const auto& output) { return output->unread(); });
}

std::optional<std::int64_t> Pipeline::deadline() const {
  std::optional<std::int64_t> first;
  for (const auto& output : outputs_) {
    const std::optional<std::int64_t> deadline = output->deadline();
    if (deadline && (!first || *deadline < *first)) first = deadline;
  }
  return first;
}

Figures Pipeline::figures() const {
  Figures figures = figures_;
  for (const Input& in : inputs_) {
    // The object counts each record that it could not send; the kernel's count for a perf buffer has the same
    // records.
    figures.lost += in.dropped.value_or(in.lost);
    if (in.plan && in.is_stream()) {
      const bool counted = in.counts_lost(counters_read_);
      ++(counted ? figures.counted_streams : figures.uncounted_streams);
    }
    if (!in.delta) continue;
    figures.undecodable += in.delta->undecodable();
    figures.unremembered += in.delta->beyond_limit();
  }
  figures.missed = missed_.calls;
  figures.counted_programs = missed_.counted;
  figures.uncounted_programs = missed_.uncounted;
  std::set<const Sink*> sinks;
  for (const auto& output : outputs_) {
    output->add_to(figures);
    const Sink* const sink = output->line_sink();
    if (sink != nullptr && sinks.insert(sink).second) figures.not_written += sink->not_written();
  }
  return figures;
}

}  // namespace probe_run
