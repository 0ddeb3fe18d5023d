#include "command/live_probe.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "attach/link_pin.h"
#include "attach/mass_detach.h"
#include "command/command.h"
#include "command/show_verifier_log.h"
#include "object/entry_writer.h"
#include "source/user_ring_buffer.h"
#include "support/clock.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t drain_budget = 8192;  // records of a stream before timers and signals have their turn
constexpr Duration default_poll = std::chrono::seconds(1);

}  // namespace

LiveProbe::LiveProbe(std::unique_ptr<CompiledSpec> compiled, SpecReport& report)
    : compiled_(std::move(compiled)),
      report_(report),
      ways_(compiled_->spec),
      consumer_(compiled_->pipeline.get()),
      warnings_(compiled_->warnings),
      surroundings_(escape_for_terminal(*compiled_->spec.name)) {
  report_.name = name();
}

void LiveProbe::start(const Options& options) {
  quiet_ = options.quiet;
  try {
    while (!try_ways(options)) {
      end_try();
      compiled_->object->open_again(compiled_->spec);
    }
  } catch (...) {
    detach_all({this});
    report_.programs = ways_.report();
    throw;
  }
  report_.programs = ways_.report();
  report_.runs = true;
  for (const std::vector<Diagnostic>& more : {ways_.warnings(), attach_warnings_})
    warnings_.insert(warnings_.end(), more.begin(), more.end());
  if (attachments_.empty()) {
    warn("every program is optional, and none attached", "nothing will be seen");
  }
  send();
  watch_surroundings();
}

bool LiveProbe::try_ways(const Options& options) {
  ways_.begin_try();
  compiled_->object->select(ways_.programs());
  if (!prepare_programs() || !load(options)) return false;
  if (!options.record.empty() && !recording_) start_recording(options);
  // Streams are open before the first program runs: a record without a reader would be lost.
  open_sources();
  if (compiled_->pipeline->trace_pipe() != TracePipe::none) open_printk();
  prepare_names();
  // The clock as it is before the first event, should it be set before the loop begins.
  const std::int64_t now = clock_ns(CLOCK_MONOTONIC);
  time(now, clock_ns(CLOCK_REALTIME) - now);
  return attach_programs();
}

// What its programs sent goes with the buffers: nobody has read it.
void LiveProbe::end_try() {
  detach_all({this});
  pins_.undo();
  held_.clear();
  attach_warnings_.clear();
  iterators_.clear();
  streams_.clear();
  printk_.reset();
  printk_match_.reset();
  polls_.clear();
  read_times_.clear();
  counters_.clear();
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
  info.parameters = options.parameters;
  recording_ = std::make_unique<RecordingWriter>(options.record, info, compiled_->object->description(),
                                                 *compiled_->pipeline);
  consumer_ = recording_.get();
}

void LiveProbe::open_sources() {
  const BpfObject& object = *compiled_->object;
  for (const Pipeline::Input& input : compiled_->pipeline->inputs()) {
    if (input.info->map_class() == MapClass::iterator) {
      open_iterator(input);
      continue;
    }
    const int fd = object.map_fd(input.info->name);
    if (input.info->map_class() == MapClass::user_ring_buffer) {
      // Written to when somebody reads: after the attach.
    } else if (input.info->is_stream()) {
      streams_.push_back(open_stream(*input.info, fd, input.map, *consumer_));
    } else {
      const bool at_exit = !input.spec->poll && input.read_at_exit_only();
      const Duration interval = input.spec->poll ? **input.spec->poll : at_exit ? Duration(0) : default_poll;
      const auto cpus = static_cast<std::uint32_t>(std::max(1, libbpf_num_possible_cpus()));
      MapReader::Way way{input.spec->read ? **input.spec->read : ReadMode::snapshot, input.keys};
      std::unique_ptr<MapReader> for_metrics;
      if (Pipeline::metrics_can_read(input)) {
        if (!metrics_read_) metrics_read_ = std::make_unique<MetricsRead>(*compiled_->pipeline);
        for_metrics = std::make_unique<MapReader>(*input.info, fd, input.map, cpus, way, *metrics_read_);
      }
      ReadTimes& times = read_times_.emplace_back();
      times.map = input.info->name;
      polls_.push_back({input.info, MapReader(*input.info, fd, input.map, cpus, std::move(way), *consumer_),
                        interval, std::nullopt, std::move(for_metrics), &times});
    }
    if (input.drop_counter) counters_.push_back({input.map, DropCounter(*input.drop_counter, object)});
  }
}

void LiveProbe::open_iterator(const Pipeline::Input& input) {
  const Duration interval = input.spec->poll ? **input.spec->poll : Duration(0);
  // A line of text has any size: its plan has none.
  auto source = std::make_unique<IteratorSource>(input.map, input.plan->size, interval, *consumer_);
  iterators_.push_back({input.info, source.get()});
  streams_.push_back(std::move(source));
}

void LiveProbe::begin_iterator(const std::string& program, const Attachment& attachment) {
  for (const Iterator& iterator : iterators_) {
    if (iterator.info->name != program) continue;
    for (const Link& link : attachment.links) {
      if (const auto* const handle = std::get_if<LinkHandle>(&link))
        iterator.source->begin(bpf_link__fd(handle->get()));
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
    warn("the kernel hides its addresses, so functions of the kernel are shown as numbers",
         "run with CAP_SYSLOG, or set kernel.kptr_restrict to 1 or 0");
  }
  if (asks(NameKind::user_symbol) && host_names_->process_tracking_error() != 0) {
    warn(fmt::format("processes that end at once have no symbols: {}",
                     errno_text(host_names_->process_tracking_error())),
         "run with CAP_PERFMON, or set kernel.perf_event_paranoid to 0 or less");
  }
}

void LiveProbe::warn(std::string what, std::string hint) {
  warnings_.push_back({Diagnostic::Severity::warning,
                       fmt::format("{}: {}", escape_for_terminal(name()), what), std::move(hint),
                       std::nullopt});
}

void LiveProbe::open_printk() {
  printk_ = std::make_unique<TracePrintk>();
  if (compiled_->pipeline->trace_pipe() == TracePipe::all) return;
  const BpfObject& object = *compiled_->object;
  if (bpf_map* const rodata = object.section(".rodata")) {
    std::size_t size = 0;
    const void* const data = bpf_map__initial_value(rodata, &size);
    if (data != nullptr) {
      const std::span<const std::byte> bytes(static_cast<const std::byte*>(data), size);
      printk_match_.emplace(printk_formats(object.description(), bytes));
    }
  }
}

bool LiveProbe::prepare_programs() {
  BpfObject& object = *compiled_->object;
  bool is_attached_already = false;
  for (const ProgramSpec* program : ways_.programs()) {
    if (take_pinned_link(*program)) {
      is_attached_already = true;
      continue;
    }
    for (const Located<AttachPoint>& point : program->attach.items) {
      try {
        held_.push_back(prepare(object, *program->name, point.value));
      } catch (const Error& error) {
        if (!ways_.refuse(point, error)) return false;
        // Without its target the kernel would refuse it, and with it the whole object.
        bpf_program__set_autoload(object.program(*program->name), false);
      }
    }
  }
  if (is_attached_already) warn_of_unseen_maps();
  return true;
}

// Then the program is attached already, and need not even be loaded.
bool LiveProbe::take_pinned_link(const ProgramSpec& program) {
  if (!program.pin) return false;
  try {
    std::optional<Attachment> pinned = find_pinned_link(program);
    if (!pinned) return false;
    ways_.attached(program.attach.items.front(), pinned->description);
    attachments_.push_back(std::move(*pinned));
  } catch (const Error& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    diagnostics.front().where = compiled_->spec.source->excerpt(program.pin->at);
    throw Error(std::move(diagnostics));
  }
  bpf_program__set_autoload(compiled_->object->program(*program.name), false);
  return true;
}

// A program that stays attached goes on with the maps it has.
void LiveProbe::warn_of_unseen_maps() {
  for (const Pipeline::Input& input : compiled_->pipeline->inputs()) {
    if (input.spec->pin) continue;
    Diagnostic warning = {Diagnostic::Severity::warning,
                          fmt::format("\"{}\" is not the map that the programs attached already write to",
                                      escape_for_terminal(*input.spec->name)),
                          "give it a \"pin\" and \"reuse_pin\" too", std::nullopt};
    warning.where = compiled_->spec.source->excerpt(input.spec->name.at);
    attach_warnings_.push_back(std::move(warning));
  }
}

void LiveProbe::keep_pins() noexcept {
  pins_.keep();
  for (Attachment& attachment : attachments_) leave_attached(attachment);
}

bool LiveProbe::load(const Options& options) {
  BpfObject& object = *compiled_->object;
  object.take_pins(compiled_->spec);
  try {
    load_showing_log(object, options.verifier_log);
  } catch (const LoadError& error) {
    ways_.refuse_load(error);
    return false;
  }
  held_.clear();
  object.pin(compiled_->spec, pins_);
  // Before the first program runs.
  write_entries(object, compiled_->spec, compiled_->entries);
  return true;
}

bool LiveProbe::attach_programs() {
  BpfObject& object = *compiled_->object;
  for (const ProgramSpec* program : ways_.programs()) {
    if (!bpf_program__autoload(object.program(*program->name))) continue;  // refused when it was prepared
    for (const Located<AttachPoint>& point : program->attach.items) {
      try {
        Attachment attachment = attach(object, *program->name, point.value);
        if (!attachment.warning.empty()) {
          attach_warnings_.push_back({Diagnostic::Severity::warning,
                                      attachment.warning,
                                      {},
                                      compiled_->spec.source->excerpt(point.at)});
        }
        if (program->pin) pin_link(*program, attachment, pins_);
        begin_iterator(*program->name, attachment);
        ways_.attached(point, attachment.description);
        attachments_.push_back(std::move(attachment));
      } catch (const Error& error) {
        if (!ways_.refuse(point, error)) return false;
      }
    }
  }
  return true;
}

void LiveProbe::send() {
  for (const Pipeline::Input& input : compiled_->pipeline->inputs()) {
    if (input.info->map_class() != MapClass::user_ring_buffer) continue;
    send_values(*input.info, compiled_->object->map_fd(input.info->name), input.sent.bytes, input.sent.size);
  }
}

void LiveProbe::watch_surroundings() {
  const auto& inputs = compiled_->pipeline->inputs();
  const bool perf_buffers = std::any_of(inputs.begin(), inputs.end(), [](const Pipeline::Input& input) {
    return input.info->map_class() == MapClass::perf_buffer;
  });
  surroundings_.watch(attachments_, {perf_buffers, host_names_ != nullptr}, warnings_);
  look_around();  // what has gone before it was watched
}

void LiveProbe::look_around() noexcept {
  try {
    Surroundings::Seen seen = surroundings_.look();
    for (const int processor : seen.came_back) open_on(processor, seen.warnings);
    probe_run::report(seen.warnings);
    for (const std::string& news : seen.news) {
      if (!quiet_) fmt::print(stderr, "probe-run: {}\n", news);
    }
  } catch (const std::exception&) {
    // Nobody reads standard error any more.
  }
}

void LiveProbe::open_on(int processor, std::vector<Diagnostic>& warnings) {
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
    warnings.push_back({Diagnostic::Severity::warning,
                        fmt::format("{}: processor {} is back, but what starts on it may have no symbols: {}",
                                    escape_for_terminal(name()), processor, errno_text(error)),
                        {},
                        std::nullopt});
  }
}

std::vector<std::string> LiveProbe::attached() const {
  std::vector<std::string> words;
  for (const Attachment& attachment : attachments_) words.push_back(attachment.description);
  return words;
}

std::vector<int> LiveProbe::fds() const {
  std::vector<int> fds;
  for (const auto& stream : streams_) fds.push_back(stream->fd());
  if (printk_) {
    const std::vector<int> more = printk_->fds();
    fds.insert(fds.end(), more.begin(), more.end());
  }
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
  if (host_names_) host_names_->drain();
  Drained drained = Drained::nothing;
  const auto took = [&](std::size_t count) {
    if (count > 0) drained = std::max(drained, count < drain_budget ? Drained::all : Drained::more);
  };
  for (const auto& stream : streams_) took(stream->drain(drain_budget));
  if (printk_) took(printk_->drain(*this, drain_budget));
  return drained;
}

void LiveProbe::printk(std::span<const std::byte> record) noexcept {
  const std::span<const std::byte> text = record.subspan(sizeof(PrintkHeader));
  const void* const characters = text.data();
  if (printk_match_ && !printk_match_->matches({static_cast<const char*>(characters), text.size()})) return;
  consumer_->printk(record);
}

void LiveProbe::lost(std::uint64_t count) noexcept {
  consumer_->lost(printk_lines, count);
}

void LiveProbe::time(std::int64_t monotonic, std::int64_t to_wall) noexcept {
  for (Poll& poll : polls_) {
    if (!poll.next && poll.interval.count() > 0) poll.next = monotonic + poll.interval.count();
  }
  consumer_->time(monotonic, to_wall);
}

void LiveProbe::read(Poll& poll, MapReader& reader, MapReader::Turn turn) noexcept {
  const std::int64_t begin = clock_ns(CLOCK_MONOTONIC);
  const int error = reader.read(turn);
  poll.times->time += Duration(clock_ns(CLOCK_MONOTONIC) - begin);
  ++poll.times->reads;
  if (error == 0 || read_failure_) return;
  read_failure_ = ReadFailure{poll.info, error};
}

void LiveProbe::refresh_metrics() noexcept {
  for (Poll& poll : polls_) {
    if (poll.for_metrics) read(poll, *poll.for_metrics, MapReader::Turn::one_of_many);
  }
  // Not recorded: the last figure is.
  for (Counter& counter : counters_) {
    if (const auto total = counter.counter.read()) compiled_->pipeline->dropped(counter.map, *total);
  }
}

void LiveProbe::poll(std::int64_t now) noexcept {
  for (Poll& poll : polls_) {
    if (!poll.next || now < *poll.next) continue;
    read(poll, poll.reader, MapReader::Turn::one_of_many);
    // Reads that were missed (a suspended machine) are not made up for.
    *poll.next += ((now - *poll.next) / poll.interval.count() + 1) * poll.interval.count();
  }
}

std::optional<std::int64_t> LiveProbe::deadline() const {
  std::optional<std::int64_t> first = compiled_->pipeline->deadline();
  for (const Poll& poll : polls_) {
    if (poll.next && (!first || *poll.next < *first)) first = poll.next;
  }
  return first;
}

void LiveProbe::detach() noexcept {
  for (const Iterator& iterator : iterators_) iterator.source->end();
  surroundings_.stop();
  // The last first: who made what others hang from goes last.
  while (!attachments_.empty()) attachments_.pop_back();
}

void LiveProbe::finish() noexcept {
  consumer_->stopping();
  for (Poll& poll : polls_) read(poll, poll.reader, MapReader::Turn::last);
  for (Counter& counter : counters_) {
    if (const auto total = counter.counter.read()) consumer_->dropped(counter.map, *total);
  }
  compiled_->pipeline->finish();
  if (recording_) recording_->finish();
}

bool LiveProbe::broken() const {
  return (recording_ && recording_->failed()) || !compiled_->pipeline->output_failure().empty();
}

std::string LiveProbe::failure() const {
  if (std::string failure = compiled_->pipeline->output_failure(); !failure.empty()) return failure;
  if (recording_ && !recording_->failure().empty()) return recording_->failure();
  for (const Iterator& iterator : iterators_) {
    if (iterator.source->error() == 0) continue;
    return fmt::format("{}: the iterator \"{}\" could not be read: {}", escape_for_terminal(name()),
                       escape_for_terminal(iterator.info->name), errno_text(iterator.source->error()));
  }
  if (read_failure_) {
    return fmt::format("{}: the map \"{}\" could not be read: {}", escape_for_terminal(name()),
                       escape_for_terminal(read_failure_->map->name), errno_text(read_failure_->error));
  }
  return {};
}

void LiveProbe::flush_recording() noexcept {
  if (recording_) recording_->flush();
}

void detach_all(const std::vector<LiveProbe*>& probes) noexcept {
  const MassDetach together;
  // The last first: it may hang from what one before it made.
  for (auto probe = probes.rbegin(); probe != probes.rend(); ++probe) (*probe)->detach();
}

}  // namespace probe_run
