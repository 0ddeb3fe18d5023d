#include "source/printed_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "object/capabilities.h"
#include "object/libbpf.h"
#include "spec/output_spec.h"
#include "support/error.h"

namespace probe_run {
namespace {

// The kernel cuts a line to fewer than 1024 bytes; what is missing cannot be compared.
constexpr std::size_t cut_length = 1023;

// bpf_printk's variables: "____fmt" with up to three arguments, "___fmt" with more; in BTF
// "function.____fmt.2".
bool is_format(std::string_view variable) {
  return variable.find("___fmt") != std::string_view::npos;
}

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The length of the conversion at the beginning of `text`, its % included.
std::size_t conversion_length(std::string_view text) {
  std::size_t at = text.find_first_not_of("-+ #0123456789.*", 1);
  at = std::min(text.find_first_not_of("hlzjtLqZ", at), text.size());
  if (at == text.size()) return at;
  if (text[at++] != 'p') return at;
  while (at < text.size() && is_alphanumeric(text[at])) ++at;  // %pI4, %pks, ...: the kernel skips these all
  return at;
}

}  // namespace

std::vector<std::string> printk_formats(const ObjectDescription& description,
                                        std::span<const std::byte> rodata) {
  std::vector<std::string> formats;
  for (const Type& section : description.types.all()) {
    if (section.kind != Type::Kind::section || section.name != ".rodata") continue;
    for (const TypeMember& variable : section.members) {
      if (variable.type->kind != Type::Kind::variable || !is_format(variable.type->name)) continue;
      const Type& type = strip(*variable.type->target);
      const std::size_t offset = variable.bit_offset / 8;
      if (type.kind != Type::Kind::array || offset > rodata.size()) continue;
      const std::span<const std::byte> bytes =
          rodata.subspan(offset, std::min<std::size_t>(type.size, rodata.size() - offset));
      const auto end = std::find(bytes.begin(), bytes.end(), std::byte{0});
      std::string format(reinterpret_cast<const char*>(bytes.data()),
                         static_cast<std::size_t>(end - bytes.begin()));
      if (std::find(formats.begin(), formats.end(), format) == formats.end())
        formats.push_back(std::move(format));
    }
  }
  return formats;
}

PrintkMatch::PrintkMatch(const std::vector<std::string>& formats) {
  for (const std::string& format : formats) patterns_.push_back(compile(format));
}

PrintkMatch::Pattern PrintkMatch::compile(std::string_view format) {
  if (format.ends_with('\n')) format.remove_suffix(1);
  Pattern pattern(1);
  while (!format.empty()) {
    const std::size_t percent = std::min(format.find('%'), format.size());
    pattern.back() += format.substr(0, percent);
    format.remove_prefix(percent);
    if (format.starts_with("%%")) {
      pattern.back() += '%';
      format.remove_prefix(2);
    } else if (!format.empty()) {
      format.remove_prefix(conversion_length(format));
      pattern.emplace_back();
    }
  }
  return pattern;
}

bool PrintkMatch::matches(std::string_view line) const noexcept {
  if (patterns_.empty()) return true;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const Pattern& pattern) { return matches(pattern, line); });
}

bool PrintkMatch::matches(const Pattern& pattern, std::string_view line) noexcept {
  const bool is_cut = line.size() >= cut_length;
  if (pattern.size() == 1) return line == pattern.front() || (is_cut && pattern.front().starts_with(line));
  if (!line.starts_with(pattern.front())) return is_cut && pattern.front().starts_with(line);
  line.remove_prefix(pattern.front().size());
  // The earliest place of each piece leaves the most for those after it, so nothing need ever be tried again.
  for (std::size_t i = 1; i + 1 < pattern.size(); ++i) {
    const std::size_t at = line.find(pattern[i]);
    if (at == std::string_view::npos) return is_cut;
    line.remove_prefix(at + pattern[i].size());
  }
  return line.ends_with(pattern.back()) || is_cut;
}

// trace_printk.bpf.c, compiled; the build embeds it.
extern const unsigned char trace_printk_object[];
extern const std::size_t trace_printk_object_size;

namespace {

[[noreturn]] void fail(std::string_view what, int error, std::string hint) {
  if (error == EPERM || error == EACCES) {
    const std::string missing = missing_capabilities({Capability::bpf, Capability::perfmon});
    if (!missing.empty())
      hint = missing;
    else if (in_user_namespace())
      hint =
          "what all BPF programs print cannot be read in a user namespace, with or without a token: run "
          "it outside";
  }
  throw Error(fmt::format("cannot read what BPF programs print: {}: {}", what, errno_text(error)),
              std::move(hint));
}

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

}  // namespace

struct TracePrintk::State {
  ObjectHandle object;
  LinkHandle link;
  int lines = -1;  // the ring buffer; the object owns it, and the program
  int program = -1;
  std::unique_ptr<ring_buffer, FreeRing> ring;
  const std::atomic<std::uint64_t>* not_sent = nullptr;  // counted by the program; the object maps it
  std::uint64_t reported = 0;

  // Of the drain under way.
  PrintkConsumer* consumer = nullptr;
  std::size_t budget = 0;
  std::size_t taken = 0;

  static int receive(void* self, void* data, std::size_t size) {
    static_cast<State*>(self)->hand_over({static_cast<const std::byte*>(data), size});
    // Out of budget, any negative number stops libbpf; it has taken this record then.
    return static_cast<State*>(self)->taken < static_cast<State*>(self)->budget ? 0 : -ECANCELED;
  }

  void hand_over(std::span<const std::byte> bytes) noexcept {
    if (bytes.size() < sizeof(PrintkHeader)) return;
    ++taken;
    const char* const text = reinterpret_cast<const char*>(bytes.data()) + sizeof(PrintkHeader);
    std::size_t length = ::strnlen(text, bytes.size() - sizeof(PrintkHeader));
    if (length > 0 && text[length - 1] == '\n') --length;
    consumer->printk(bytes.first(sizeof(PrintkHeader) + length));
  }

  // Lines for which the ring had no room, and those that came while the program was already running on that
  // CPU.
  std::uint64_t count_lost() const noexcept {
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    const bool known = bpf_obj_get_info_by_fd(program, &info, &size) == 0;
    return not_sent->load(std::memory_order_relaxed) + (known ? info.recursion_misses : 0);
  }
};

TracePrintk::TracePrintk() : state_(std::make_unique<State>()) {
  State& state = *state_;
  auto options = zeroed_options<bpf_object_open_opts>();
  options.object_name = "probe_run";
  state.object.reset(bpf_object__open_mem(trace_printk_object, trace_printk_object_size, &options));
  if (!state.object) fail("opening the program that collects it", errno, {});
  if (const int error = bpf_object__load(state.object.get()); error != 0) {
    fail("loading the program that collects it", -error,
         "use Linux 5.9 or newer, which has ring buffers and this tracepoint");
  }
  const bpf_program* const program = bpf_object__find_program_by_name(state.object.get(), "probe_run_print");
  bpf_map* const counter = bpf_object__find_map_by_name(state.object.get(), ".bss");
  std::size_t size = 0;
  const void* const counted = counter == nullptr ? nullptr : bpf_map__initial_value(counter, &size);
  if (counted == nullptr || size < sizeof *state.not_sent) fail("mapping its counter", EINVAL, {});
  state.not_sent = static_cast<const std::atomic<std::uint64_t>*>(counted);
  state.lines = bpf_object__find_map_fd_by_name(state.object.get(), "printk_lines");
  state.program = bpf_program__fd(program);

  state.ring.reset(ring_buffer__new(state.lines, &State::receive, &state, nullptr));
  if (!state.ring) fail("mapping the ring buffer", errno, {});
  state.link.reset(bpf_program__attach_raw_tracepoint(program, "bpf_trace_printk"));
  if (!state.link) {
    fail("the raw tracepoint \"bpf_trace_printk\"", errno,
         errno == ENOENT ? "use a kernel of Linux 5.9 or newer with CONFIG_BPF_EVENTS" : "");
  }
}

TracePrintk::~TracePrintk() = default;

int TracePrintk::fd() const {
  return state_->lines;
}

std::uint64_t TracePrintk::most_lines() const noexcept {
  return bpf_map__max_entries(bpf_object__find_map_by_name(state_->object.get(), "printk_lines")) /
         sizeof(PrintkHeader);
}

std::size_t TracePrintk::drain(PrintkConsumer& consumer, std::size_t budget) noexcept {
  State& state = *state_;
  state.consumer = &consumer;
  state.budget = budget;
  state.taken = 0;
  if (budget > 0) ring_buffer__consume(state.ring.get());
  const std::uint64_t lost = state.count_lost();
  if (lost > state.reported) consumer.lost(lost - state.reported);
  state.reported = lost;
  return state.taken;
}

PrintedLines::PrintedLines(TracePipe pipe, const BpfObject& object, StreamConsumer& consumer)
    : consumer_(consumer) {
  if (pipe == TracePipe::all) return;
  bpf_map* const rodata = object.section(".rodata");
  if (rodata == nullptr) return;
  std::size_t size = 0;
  const void* const data = bpf_map__initial_value(rodata, &size);
  if (data == nullptr) return;
  match_.emplace(printk_formats(object.description(), {static_cast<const std::byte*>(data), size}));
}

void PrintedLines::printk(std::span<const std::byte> record) noexcept {
  const std::span<const std::byte> text = record.subspan(sizeof(PrintkHeader));
  const void* const characters = text.data();
  if (match_ && !match_->matches({static_cast<const char*>(characters), text.size()})) return;
  consumer_.record(printk_lines, record);
}

void PrintedLines::lost(std::uint64_t count) noexcept {
  consumer_.lost(printk_lines, count);
}

}  // namespace probe_run
