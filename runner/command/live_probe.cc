#include "command/live_probe.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>

#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t drain_budget = 8192;  // records of a stream before timers and signals have their turn
constexpr Duration default_poll = std::chrono::seconds(1);

// The place in the spec is added to what a failed attach says.
Error at_place(const Error& error, const Spec& spec, Span at, Diagnostic::Severity severity) {
  std::vector<Diagnostic> diagnostics = error.diagnostics();
  diagnostics.front().where = spec.source->excerpt(at);
  diagnostics.front().severity = severity;
  return Error(std::move(diagnostics));
}

}  // namespace

LiveProbe::LiveProbe(std::unique_ptr<CompiledSpec> compiled, const Options& options)
    : compiled_(std::move(compiled)), consumer_(compiled_->pipeline.get()), warnings_(compiled_->warnings) {
  compiled_->object->load();
  if (!options.record.empty()) start_recording(options);
  // Streams are open before the first program runs: a record without a reader would be lost.
  open_sources();
  if (compiled_->pipeline->trace_pipe() != TracePipe::none) open_printk();
  attach_programs();
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
    const int fd = object.map_fd(input.info->name);
    if (input.info->is_stream()) {
      streams_.push_back(open_stream(*input.info, fd, input.map, *consumer_));
    } else {
      const bool at_exit = !input.spec->poll && input.read_at_exit_only();
      const Duration interval = input.spec->poll ? **input.spec->poll : at_exit ? Duration(0) : default_poll;
      const auto cpus = static_cast<std::uint32_t>(std::max(1, libbpf_num_possible_cpus()));
      polls_.push_back({MapReader(*input.info, fd, input.map, cpus, *consumer_), interval, std::nullopt});
    }
    if (input.drop_counter) counters_.push_back({input.map, DropCounter(*input.drop_counter, object)});
  }
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

void LiveProbe::attach_programs() {
  for (const ProgramSpec& program : compiled_->spec.programs) {
    for (const Located<AttachPoint>& point : program.attach.items) {
      try {
        attachments_.push_back(attach(compiled_->object->program(*program.name), point.value));
      } catch (const Error& error) {
        if (!program.optional) throw at_place(error, compiled_->spec, point.at, Diagnostic::Severity::error);
        const Error warning = at_place(error, compiled_->spec, point.at, Diagnostic::Severity::warning);
        warnings_.insert(warnings_.end(), warning.diagnostics().begin(), warning.diagnostics().end());
      }
    }
  }
  if (attachments_.empty()) {
    warnings_.push_back(
        {Diagnostic::Severity::warning,
         fmt::format("{}: every program is optional, and none attached", escape_for_terminal(name())),
         "nothing will be seen", std::nullopt});
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
  return fds;
}

LiveProbe::Drained LiveProbe::drain() noexcept {
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

void LiveProbe::read(Poll& poll) noexcept {
  const int error = poll.reader.read();
  if (error != 0 && read_error_ == 0) read_error_ = error;
}

void LiveProbe::poll(std::int64_t now) noexcept {
  for (Poll& poll : polls_) {
    if (!poll.next || now < *poll.next) continue;
    read(poll);
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
  attachments_.clear();
}

void LiveProbe::finish() noexcept {
  consumer_->stopping();
  for (Poll& poll : polls_) read(poll);
  for (Counter& counter : counters_) {
    if (const auto total = counter.counter.read()) consumer_->dropped(counter.map, *total);
  }
  compiled_->pipeline->finish();
  if (recording_) recording_->finish();
}

std::string LiveProbe::failure() const {
  if (recording_ && !recording_->failure().empty()) return recording_->failure();
  if (read_error_ != 0)
    return fmt::format("{}: a map could not be read: {}", escape_for_terminal(name()),
                       errno_text(read_error_));
  return {};
}

void LiveProbe::flush_recording() noexcept {
  if (recording_) recording_->flush();
}

}  // namespace probe_run
