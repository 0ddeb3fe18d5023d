#include "source/trace_printk.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include "object/capabilities.h"
#include "object/libbpf.h"
#include "support/error.h"
#include "support/fd.h"

namespace probe_run {
namespace {

constexpr std::int32_t header_size = sizeof(PrintkHeader);
constexpr std::int32_t short_text = 256;  // with its NUL; the longest that is put together on the BPF stack
constexpr std::int32_t long_text = 1024;  // what the kernel prints at most
constexpr std::uint32_t ring_size = 1u << 20;
constexpr std::int32_t record = -(header_size + short_text);  // from the frame's end

// eBPF instructions, under the names that the kernel's documents give them.
constexpr bpf_insn instruction(int code, int to, int from, int offset, std::int32_t value) {
  bpf_insn result{};
  result.code = static_cast<std::uint8_t>(code);
  result.dst_reg = static_cast<std::uint8_t>(to & 15);
  result.src_reg = static_cast<std::uint8_t>(from & 15);
  result.off = static_cast<std::int16_t>(offset);
  result.imm = value;
  return result;
}
constexpr bpf_insn move(int to, int from) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}
constexpr bpf_insn set(int to, std::int32_t value) {
  return instruction(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}
constexpr bpf_insn add(int to, std::int32_t value) {
  return instruction(BPF_ALU64 | BPF_ADD | BPF_K, to, 0, 0, value);
}
constexpr bpf_insn shift_right(int to, std::int32_t bits) {
  return instruction(BPF_ALU64 | BPF_RSH | BPF_K, to, 0, 0, bits);
}
constexpr bpf_insn load(int to, int from, int offset) {
  return instruction(BPF_LDX | BPF_MEM | BPF_DW, to, from, offset, 0);
}
constexpr bpf_insn store(int size, int to, int offset, int from) {
  return instruction(BPF_STX | BPF_MEM | size, to, from, offset, 0);
}
constexpr bpf_insn call(std::int32_t helper) {
  return instruction(BPF_JMP | BPF_CALL, 0, 0, 0, helper);
}
constexpr bpf_insn jump(int condition, int reg, std::int32_t value, int distance) {
  return instruction(BPF_JMP | condition | BPF_K, reg, 0, distance, value);
}
constexpr bpf_insn exit_program() {
  return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

std::vector<bpf_insn> collector(int ring, int counter) {
  constexpr int r0 = 0, r1 = 1, r2 = 2, r3 = 3, r4 = 4, r6 = 6, r7 = 7, frame = 10;
  std::vector<bpf_insn> code;
  const auto put = [&](std::initializer_list<bpf_insn> some) { code.insert(code.end(), some); };
  // Takes two instructions, the second for the upper half of the value.
  const auto load_map = [&](int to, int kind, int map) {
    put({instruction(BPF_LD | BPF_DW | BPF_IMM, to, kind, 0, map), instruction(0, 0, 0, 0, 0)});
  };
  std::vector<std::size_t> to_lost, to_long, to_end;
  const auto jump_later = [&](std::vector<std::size_t>& list, int condition, int reg, std::int32_t value) {
    list.push_back(code.size());
    put({jump(condition, reg, value, 0)});
  };
  const auto land = [&](const std::vector<std::size_t>& list) {
    for (const std::size_t at : list) code[at].off = static_cast<std::int16_t>(code.size() - at - 1);
  };
  const auto put_header = [&](int base, int offset) {
    put({call(BPF_FUNC_ktime_get_ns), store(BPF_DW, base, offset + 0, r0)});
    put({call(BPF_FUNC_get_current_pid_tgid), store(BPF_W, base, offset + 12, r0), shift_right(r0, 32),
         store(BPF_W, base, offset + 8, r0)});
    put({call(BPF_FUNC_get_smp_processor_id), store(BPF_W, base, offset + 16, r0)});
    put({set(r0, 0), store(BPF_W, base, offset + 20, r0)});
  };

  put({load(r6, r1, 0)});  // the tracepoint's only argument: the text
  put({move(r1, frame), add(r1, record + header_size), set(r2, short_text), move(r3, r6),
       call(BPF_FUNC_probe_read_kernel_str), move(r7, r0)});
  jump_later(to_long, BPF_JGE, r7, short_text);  // unsigned: an error, which is negative, tries again there
  jump_later(to_end, BPF_JEQ, r7, 0);
  put_header(frame, record);
  load_map(r1, BPF_PSEUDO_MAP_FD, ring);
  put({move(r2, frame), add(r2, record), move(r3, r7), add(r3, header_size - 1), set(r4, 0),
       call(BPF_FUNC_ringbuf_output)});
  jump_later(to_end, BPF_JEQ, r0, 0);
  jump_later(to_lost, BPF_JA, 0, 0);

  land(to_long);
  load_map(r1, BPF_PSEUDO_MAP_FD, ring);
  put({set(r2, header_size + long_text), set(r3, 0), call(BPF_FUNC_ringbuf_reserve)});
  jump_later(to_lost, BPF_JEQ, r0, 0);
  put({move(r7, r0)});
  put_header(r7, 0);
  put({move(r1, r7), add(r1, header_size), set(r2, long_text), move(r3, r6),
       call(BPF_FUNC_probe_read_kernel_str)});
  put({move(r1, r7), set(r2, 0), call(BPF_FUNC_ringbuf_submit)});
  jump_later(to_end, BPF_JA, 0, 0);

  land(to_lost);
  load_map(r1, BPF_PSEUDO_MAP_VALUE, counter);
  put({set(r2, 1), instruction(BPF_STX | BPF_ATOMIC | BPF_DW, r1, r2, 0, BPF_ADD)});
  land(to_end);
  put({set(r0, 0), exit_program()});
  return code;
}

[[noreturn]] void fail(std::string_view what, int error, std::string hint) {
  if (error == EPERM || error == EACCES) {
    const std::string missing = missing_capabilities(false);
    if (!missing.empty())
      hint = missing;
    else if (in_user_namespace())
      hint =
          "what all programs of this machine print is for no user namespace, with a token or without: run it "
          "outside";
  }
  throw Error(fmt::format("cannot read what BPF programs print: {}: {}", what, errno_text(error)),
              std::move(hint));
}

struct FreeRing {
  void operator()(ring_buffer* ring) const { ring_buffer__free(ring); }
};

}  // namespace

struct TracePrintk::State {
  Fd ring_map;
  Fd counter_map;
  Fd program;
  Fd link;
  std::unique_ptr<ring_buffer, FreeRing> ring;
  std::atomic<std::uint64_t>* not_sent = nullptr;  // counted by the program
  std::size_t page = 0;
  std::uint64_t reported = 0;

  // Of the drain under way.
  PrintkConsumer* consumer = nullptr;
  std::size_t budget = 0;
  std::size_t taken = 0;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (not_sent != nullptr) ::munmap(not_sent, page);
  }

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
    const bool known = bpf_obj_get_info_by_fd(program.get(), &info, &size) == 0;
    return not_sent->load(std::memory_order_relaxed) + (known ? info.recursion_misses : 0);
  }
};

TracePrintk::TracePrintk() : state_(std::make_unique<State>()) {
  State& state = *state_;
  state.ring_map = Fd(bpf_map_create(BPF_MAP_TYPE_RINGBUF, "printk_lines", 0, 0, ring_size, nullptr));
  if (!state.ring_map) fail("creating a ring buffer", errno, "ring buffers need Linux 5.8");
  bpf_map_create_opts mappable;
  std::memset(&mappable, 0, sizeof mappable);
  mappable.sz = sizeof mappable;
  mappable.map_flags = BPF_F_MMAPABLE;
  state.counter_map = Fd(bpf_map_create(BPF_MAP_TYPE_ARRAY, "printk_lost", sizeof(std::uint32_t),
                                        sizeof(std::uint64_t), 1, &mappable));
  if (!state.counter_map) fail("creating a counter", errno, {});
  state.page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* const counter = ::mmap(nullptr, state.page, PROT_READ, MAP_SHARED, state.counter_map.get(), 0);
  if (counter == MAP_FAILED) fail("mapping a counter", errno, {});
  state.not_sent = static_cast<std::atomic<std::uint64_t>*>(counter);

  const std::vector<bpf_insn> code = collector(state.ring_map.get(), state.counter_map.get());
  state.program = Fd(bpf_prog_load(BPF_PROG_TYPE_RAW_TRACEPOINT, "probe_run_print", "Dual BSD/GPL",
                                   code.data(), code.size(), nullptr));
  if (!state.program)
    fail("loading the program that collects it", errno,
         "the kernel's verifier refused it; Linux 5.9 is needed");

  state.ring.reset(ring_buffer__new(state.ring_map.get(), &State::receive, &state, nullptr));
  if (!state.ring) fail("mapping the ring buffer", errno, {});
  state.link = Fd(bpf_raw_tracepoint_open("bpf_trace_printk", state.program.get()));
  if (!state.link) {
    fail("the raw tracepoint \"bpf_trace_printk\"", errno,
         errno == ENOENT ? "this kernel lacks it (Linux 5.9 is needed, with CONFIG_BPF_EVENTS)" : "");
  }
}

TracePrintk::~TracePrintk() = default;
TracePrintk::TracePrintk(TracePrintk&&) noexcept = default;
TracePrintk& TracePrintk::operator=(TracePrintk&&) noexcept = default;

int TracePrintk::fd() const {
  return state_->ring_map.get();
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
