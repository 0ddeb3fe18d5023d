#include "source/trace_printk.h"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "object/capabilities.h"
#include "object/libbpf.h"
#include "object/zeroed_options.h"
#include "support/error.h"

namespace probe_run {

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
          "a user namespace cannot read what all programs of this machine print, with or without a token: run "
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

}  // namespace probe_run
