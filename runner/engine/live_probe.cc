#include "engine/live_probe.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>

#include "attach/mass_detach.h"
#include "attach/perf_rights.h"
#include "sink/terminal.h"
#include "source/printed_lines.h"
#include "source/user_ring_buffer.h"
#include "support/clock.h"
#include "support/rights.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t drain_budget = 8192;  // records of a stream before timers and signals are handled
constexpr std::int64_t least_sleep_ns = 1'000'000;  // less is the time between two readings of clocks

}  // namespace

LiveProbe::LiveProbe(std::unique_ptr<CompiledSpec> compiled, SpecReport& report, Interlude& interlude)
    : compiled_(std::move(compiled)),
      report_(report),
      consumer_(compiled_->pipeline.get()),
      polled_maps_(interlude),
      warnings_(compiled_->warnings),
      programs_(*compiled_),
      surroundings_(escape_for_terminal(*compiled_->spec.name)) {
  report_.name = name();
  compiled_->pipeline->set_interlude(interlude);
}

void LiveProbe::start(const Options& options) {
  quiet_ = options.quiet;
  const InForce raised = raise_rights(bpf_rights);
  try {
    while (!try_ways(options)) end_try();
  } catch (...) {
    detach_all({this});
    report_.programs = programs_.ways().report();
    throw;
  }
  report_.programs = programs_.ways().report();
  report_.runs = true;
  counts_.begin(*compiled_->object, programs_.attachments());
  const std::vector<Diagnostic> more = programs_.warnings();
  warnings_.insert(warnings_.end(), more.begin(), more.end());
  if (programs_.attachments().empty()) {
    warn("no program is attached: all are optional, and all failed", "nothing will be seen");
  }
  send();
  watch_surroundings();
}

bool LiveProbe::try_ways(const Options& options) {
  if (!programs_.load(options.verifier_log)) return false;
  if (!options.record.empty() && !recording_) start_recording(options);
  // Streams are opened before the first program runs: a record without a reader would be lost.
  open_sources();
  prepare_names();
  // Read before the first event, in case the clock is set before the loop begins.
  const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
  time(now, clock_ns(CLOCK_REALTIME) - now);
  // Likewise, what it reads.
  if (programs_.follows_files()) rights_to_follow_ = rights_for_uprobes() | Capabilities{Capability::perfmon};
  if (!programs_.attach()) return false;
  begin_iterators();
  return true;
}

// Unread records are discarded with the buffers.
void LiveProbe::end_try() {
  detach_all({this});
  iterators_.clear();
  streams_.clear();
  polled_maps_.clear();
  counters_.clear();
  programs_.undo();
}

void LiveProbe::start_recording(const Options& options) {
  RecordingInfo info;
  utsname system{};
  uname(&system);
  info.program = "probe-run " PROBE_RUN_VERSION;
  info.kernel = system.release;
  info.machine = system.machine;
  info.possible_cpus = static_cast<std::uint32_t>(std::max(1, libbpf_num_possible_cpus()));
  info.spec_file = compiled_->spec.source->file();
  info.spec_text = compiled_->spec.source->text();
  info.parameters = compiled_->parameters;
  recording_ = std::make_unique<RecordingWriter>(options.record, info, compiled_->object->description(),
                                                 *compiled_->pipeline, &compiled_->sinks.patience());
  consumer_ = recording_.get();
}

void LiveProbe::open_sources() {
  const BpfObject& object = *compiled_->object;
  for (const Input& input : compiled_->pipeline->inputs()) {
    if (input.is_printed_lines()) {
      streams_.push_back(std::make_unique<PrintedLines>(input.lines, object, *consumer_));
      continue;
    }
    if (input.info->map_class() == MapClass::iterator) {
      open_iterator(input);
      continue;
    }
    const int fd = object.map_fd(input.info->name);
    if (input.info->map_class() == MapClass::user_ring_buffer) {
      // Written to when it has a reader: after the attach.
    } else if (input.info->is_stream()) {
      streams_.push_back(open_stream(*input.info, fd, input.map, *consumer_));
    } else {
      polled_maps_.add(input, fd, *consumer_);
    }
    if (input.drop_counter) counters_.push_back({input.map, DropCounter(*input.drop_counter, object)});
  }
}

void LiveProbe::open_iterator(const Input& input) {
  const Duration interval = input.spec->poll ? **input.spec->poll : Duration(0);
  // A line of text has any size: its plan has none.
  auto source = std::make_unique<IteratorSource>(input.map, input.plan->size, interval, *consumer_);
  iterators_.push_back({input.info, source.get()});
  streams_.push_back(std::move(source));
}

void LiveProbe::begin_iterators() {
  for (const Attachment& attachment : programs_.attachments()) {
    for (const Iterator& iterator : iterators_) {
      if (iterator.info->name != attachment.program) continue;
      for (const Link& link : attachment.links) iterator.source->begin(descriptor_of(link));
    }
  }
}

void LiveProbe::prepare_names() {
  const std::vector<NameKind> asked = compiled_->pipeline->asked_names();
  if (asked.empty()) return;
  const bool first_try = !host_names_;
  if (first_try) {
    host_names_ = std::make_unique<HostNames>();
    for (const NameKind kind : asked) host_names_->prepare(kind);
  }
  stack_names_ = std::make_unique<StackNames>(*compiled_->object, *host_names_);
  Names* names = stack_names_.get();
  if (recording_) {
    recording_names_ = std::make_unique<RecordingNames>(*names, *recording_);
    names = recording_names_.get();
  }
  compiled_->pipeline->set_names(*names);

  if (!first_try) return;
  const auto asks = [&](NameKind kind) { return std::find(asked.begin(), asked.end(), kind) != asked.end(); };
  if (asks(NameKind::kernel_symbol) && !host_names_->knows_kernel_symbols()) {
    warn("kernel functions are shown as numbers: the kernel hides their addresses",
         "run with CAP_SYSLOG, or set kernel.kptr_restrict to 1 or 0");
  }
  if (asks(NameKind::user_symbol) && host_names_->process_tracking_error() != 0) {
    warn(fmt::format("short-lived processes have no symbols: {}",
                     errno_text(host_names_->process_tracking_error())),
         "run with CAP_PERFMON, or set kernel.perf_event_paranoid to 0 or less");
  }
}

void LiveProbe::warn(std::string what, std::string hint) {
  warnings_.push_back({Diagnostic::Severity::warning,
                       fmt::format("{}: {}", escape_for_terminal(name()), what), std::move(hint),
                       std::nullopt});
}

void LiveProbe::send() {
  for (const Input& input : compiled_->pipeline->inputs()) {
    if (input.is_printed_lines() || input.info->map_class() != MapClass::user_ring_buffer) continue;
    send_values(*input.info, compiled_->object->map_fd(input.info->name), input.sent.bytes, input.sent.size);
  }
}

bool LiveProbe::has_perf_buffers() const {
  const auto& inputs = compiled_->pipeline->inputs();
  return std::any_of(inputs.begin(), inputs.end(), [](const Input& input) {
    return !input.is_printed_lines() && input.info->map_class() == MapClass::perf_buffer;
  });
}

void LiveProbe::watch_surroundings() {
  surroundings_.watch(programs_.attachments(), {has_perf_buffers(), host_names_ != nullptr}, warnings_);
  look_around();  // for anything that disappeared before it was watched
}

void LiveProbe::look_around() noexcept {
  try {
    Surroundings::Seen seen = surroundings_.look();
    for (const int processor : seen.came_back) open_on(processor, seen.warnings);
    for (Diagnostic& warning : compiled_->pipeline->take_warnings())
      seen.warnings.push_back(std::move(warning));
    probe_run::report(seen.warnings, Patience::of_a_run);
    for (const std::string& news : seen.news) {
      if (!quiet_) print_status(Patience::of_a_run, "{}", news);
    }
  } catch (const std::exception&) {
    // No memory is left even for a message.
  }
}

void LiveProbe::open_on(int processor, std::vector<Diagnostic>& warnings) {
  const InForce raised = raise_rights(bpf_rights);
  for (const auto& stream : streams_) {
    try {
      stream->processor_is_back(processor);
    } catch (const Error& error) {
      Diagnostic diagnostic = error.diagnostics().front();
      diagnostic.severity = Diagnostic::Severity::warning;
      warnings.push_back(std::move(diagnostic));
    }
  }
  const int error = host_names_ ? host_names_->processor_is_back(processor) : 0;
  if (error != 0) {
    warnings.push_back(
        {Diagnostic::Severity::warning,
         fmt::format("{}: CPU {} is online again, but processes that start on it may have no symbols: {}",
                     escape_for_terminal(name()), processor, errno_text(error)),
         {},
         std::nullopt});
  }
}

std::vector<std::string> LiveProbe::attached() const {
  std::vector<std::string> words;
  for (const Attachment& attachment : programs_.attachments()) words.push_back(attachment.description);
  return words;
}

void LiveProbe::add_needs(LaterNeeds& later, KeptRights& kept) const {
  const Capabilities of_calls = needed_for_calls();
  kept.keep_in_force(of_calls, "to read maps");
  const std::vector<NameKind> asked = compiled_->pipeline->asked_names();
  const auto asks = [&](NameKind kind) { return std::find(asked.begin(), asked.end(), kind) != asked.end(); };
  const bool asks_processes = asks(NameKind::user_symbol) || asks(NameKind::build_id_symbol);
  later.reads_processes |= asks_processes;
  later.calls.opens_by_handle |= asks(NameKind::cgroup);
  if (asks_processes) kept.keep(process_rights(), "to read the symbols of other users' processes");
  if (asks(NameKind::cgroup)) kept.keep({Capability::dac_read_search}, "to look up cgroups by their IDs");
  const auto& attachments = programs_.attachments();
  const bool on_each_cpu = has_perf_buffers() || asks_processes || asks(NameKind::kernel_symbol) ||
                           std::any_of(attachments.begin(), attachments.end(),
                                       [](const Attachment& each) { return each.per_processor.has_value(); });
  later.calls.opens_events |= on_each_cpu;
  // Their buffers are locked memory, of which a process without CAP_IPC_LOCK may have little.
  if (on_each_cpu) {
    kept.keep(rights_for_cpu_events() | of_calls | Capabilities{Capability::ipc_lock},
              "to watch CPUs that come back online");
  }
  for (const Attachment& attachment : attachments) {
    later.calls.attaches |= static_cast<bool>(attachment.again);
    if (attachment.again) kept.keep(rights_to_follow_ | of_calls, "to attach to replaced files");
    for (const Link& link : attachment.links) {
      if (std::holds_alternative<TcFilter>(link)) kept.keep({Capability::net_admin}, "to remove the filter");
    }
    for (const auto& place : {attachment.file, attachment.cgroup}) {
      if (!place) continue;
      later.reads_processes |= place->path.starts_with("/proc/");
      // What takes the place of the file may have any mode.
      const Capabilities all{Capability::dac_read_search, Capability::sys_ptrace};
      const Capabilities needed =
          attachment.again ? all : needed_for(all, [&] { return state_of(place->path).exists; });
      kept.keep_in_force(rights_are_lent() ? Capabilities() : needed, "to watch files of other users");
    }
  }
}

std::vector<int> LiveProbe::fds() const {
  std::vector<int> fds;
  for (const auto& stream : streams_) fds.push_back(stream->fd());
  if (host_names_) {
    const std::vector<int> more = host_names_->fds();
    fds.insert(fds.end(), more.begin(), more.end());
  }
  const std::vector<int> watched = surroundings_.fds();
  fds.insert(fds.end(), watched.begin(), watched.end());
  return fds;
}

LiveProbe::Drained LiveProbe::drain() noexcept {
  look_around();
  return take_records();
}

LiveProbe::Drained LiveProbe::take_records() noexcept {
  if (host_names_) host_names_->drain();
  Drained drained = Drained::nothing;
  const auto took = [&](std::size_t count) {
    if (count > 0) drained = std::max(drained, count < drain_budget ? Drained::all : Drained::more);
  };
  for (const auto& stream : streams_) took(stream->drain(drain_budget));
  return drained;
}

std::uint64_t LiveProbe::most_drains() const noexcept {
  std::uint64_t most = 0;
  for (const auto& stream : streams_) most = std::max(most, stream->most_records());
  return most / drain_budget + 1;
}

void LiveProbe::time(std::int64_t monotonic, std::int64_t to_wall) noexcept {
  polled_maps_.begin(monotonic);
  if (const std::int64_t slept = slept_ns(offsets_); std::abs(slept - slept_) >= least_sleep_ns) {
    slept_ = slept;
    consumer_->slept(slept);
  }
  // Events have the kernel's clock.
  consumer_->time(monotonic - offsets_.monotonic, to_wall + offsets_.monotonic);
}

void LiveProbe::refresh_metrics() noexcept {
  polled_maps_.read_for_metrics();
}

void LiveProbe::read_counters() noexcept {
  counts_.read(programs_.attachments());
  report_.counts = counts_.programs();
  // Only the last figures are recorded.
  compiled_->pipeline->missed(counts_.missed());
  for (Counter& counter : counters_) {
    if (const auto total = counter.counter.read()) compiled_->pipeline->dropped(counter.map, *total);
  }
}

std::optional<std::int64_t> LiveProbe::deadline() const {
  std::optional<std::int64_t> pipeline = compiled_->pipeline->deadline();
  if (pipeline && __builtin_add_overflow(*pipeline, offsets_.monotonic, &*pipeline)) pipeline.reset();
  const std::optional<std::int64_t> maps = polled_maps_.deadline();
  return pipeline && maps ? std::min(pipeline, maps) : pipeline ? pipeline : maps;
}

void LiveProbe::detach() noexcept {
  const InForce raised = raise_rights(bpf_rights);
  for (const Iterator& iterator : iterators_) iterator.source->end();
  surroundings_.stop();
  counts_.read(programs_.attachments());  // the last that is known of the links
  programs_.detach();
}

void LiveProbe::finish() noexcept {
  for (const auto& stream : streams_) stream->report_last_losses();
  consumer_->stopping();
  polled_maps_.read_last();
  for (Counter& counter : counters_) {
    if (const auto total = counter.counter.read()) consumer_->dropped(counter.map, *total);
  }
  counts_.read(programs_.attachments());
  report_.counts = counts_.programs();
  consumer_->missed(counts_.missed());
  compiled_->pipeline->counters_read();
  compiled_->pipeline->finish();
  if (recording_) recording_->finish();
}

bool LiveProbe::broken() const {
  return out_of_memory_ || (recording_ && recording_->failed()) ||
         !compiled_->pipeline->output_failure().empty();
}

std::string LiveProbe::failure() const {
  if (out_of_memory_) return "out of memory: the run of this spec was ended";
  if (std::string failure = compiled_->pipeline->output_failure(); !failure.empty()) return failure;
  if (recording_ && !recording_->failure().empty()) return recording_->failure();
  for (const Iterator& iterator : iterators_) {
    if (iterator.source->error() == 0) continue;
    return fmt::format("{}: the iterator \"{}\" could not be read: {}", escape_for_terminal(name()),
                       escape_for_terminal(iterator.info->name), errno_text(iterator.source->error()));
  }
  if (const std::string failure = polled_maps_.failure(); !failure.empty())
    return fmt::format("{}: {}", escape_for_terminal(name()), failure);
  return {};
}

std::size_t LiveProbe::links() const noexcept {
  std::size_t links = 0;
  for (const Attachment& attachment : programs_.attachments()) links += attachment.links.size();
  return links;
}

void LiveProbe::close_stdout() noexcept {
  if (recording_) recording_->close_stdout();
}

void LiveProbe::flush_recording() noexcept {
  if (recording_) recording_->flush();
}

void detach_all(const std::vector<LiveProbe*>& probes) noexcept {
  std::size_t links = 0;
  for (const LiveProbe* probe : probes) links += probe->links();
  const MassDetach together(links);
  // In reverse order: a probe may depend on something that an earlier one created.
  for (auto probe = probes.rbegin(); probe != probes.rend(); ++probe) (*probe)->detach();
}

}  // namespace probe_run
