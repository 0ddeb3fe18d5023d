// Addresses and stacks as the functions that contain them.
#include <algorithm>
#include <array>
#include <charconv>

#include "decode/renderer.h"
#include "decode/stack_names.h"
#include "support/integer.h"

namespace probe_run {
namespace {

// One frame of a stack as provided by Names (support/names.h).
struct FrameLine {
  std::string_view name;     // empty: an address without a symbol
  std::uint64_t offset = 0;  // in the function; for an address without a symbol, in the module
  std::string_view module;   // empty for the kernel itself
  bool inlined = false;      // into the next frame
};

// Removes the next frame from the front of `lines`. False if there is none. Missing parts of a line are empty.
bool next_frame(std::string_view& lines, FrameLine& frame) noexcept {
  if (lines.empty()) return false;
  const auto cut = [](std::string_view& text, char at) {
    const std::size_t end = text.find(at);
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    return part;
  };
  std::string_view line = cut(lines, '\n');
  frame = {};
  frame.name = cut(line, '\t');
  const std::string_view offset = cut(line, '\t');
  std::from_chars(offset.data(), offset.data() + offset.size(), frame.offset);
  frame.module = cut(line, '\t');
  frame.inlined = line == "inlined";
  return true;
}

enum class Space { kernel, user };

// A position in a function, or the function alone.
enum class Style { place, function };

// More frames than the kernel records unless kernel.perf_event_max_stack is raised this far.
constexpr std::size_t most_addresses = 1024;

void append_frame(const FrameLine& frame, std::uint64_t address, std::uint64_t add,
                  TextBuffer& out) noexcept {
  if (frame.name.empty() && frame.module.empty()) {
    out.append("0x");
    return append_digits(out, address, 4);
  }
  out.append(frame.name.empty() ? frame.module : frame.name);
  if (frame.inlined) return out.append(" (inlined)");
  out.append("+0x");
  append_digits(out, frame.offset + add, 4);
  if (frame.name.empty() || frame.module.empty()) return;
  out.append(" [");
  out.append(frame.module);
  out.append(']');
}

void append_function(const FrameLine& frame, Space space, TextBuffer& out) noexcept {
  if (!frame.name.empty()) {
    out.append(frame.name);
    if (frame.inlined && space == Space::user) out.append("_[i]");
    return;
  }
  out.append('[');
  out.append(frame.module.empty() ? "unknown" : frame.module);
  out.append(']');
}

class FramePrinter {
 public:
  FramePrinter(const Field& field, Bytes record, const RenderContext& context, Space space, Style style,
               TextBuffer& out)
      : context_(context), space_(space), style_(style), out_(out) {
    if (field.inputs && field.inputs->process && holds(record, *field.inputs->process)) {
      process_ = static_cast<std::uint32_t>(load(record, *field.inputs->process));
    }
  }

  // A return address is after the call, and may already be in the next function: the byte before it is looked up.
  enum class Kind { instruction, return_address };

  void address(std::uint64_t address, Kind kind) noexcept {
    const std::uint64_t back = kind == Kind::return_address ? 1 : 0;
    std::string_view frames;
    if (context_.names != nullptr) {
      frames = space_ == Space::kernel
                   ? context_.names->find(NameKind::kernel_symbol, name_key(address - back))
                   : context_.names->find(NameKind::user_symbol, name_key(process_, address - back));
    }
    lines(frames, address, back);
  }

  // struct bpf_stack_build_id: s32 status, 20 bytes of build id, u64 offset or address.
  void build_id(Bytes entry, Kind kind) noexcept {
    const auto status = load_as<std::int32_t>(entry.data());
    const auto id = load_as<std::array<std::byte, 20>>(entry.data() + 4);
    const auto offset = load_as<std::uint64_t>(entry.data() + 24);
    if (status == 2) return address(offset, kind);  // BPF_STACK_BUILD_ID_IP
    const std::uint64_t back = kind == Kind::return_address ? 1 : 0;
    std::string_view frames;
    if (context_.names != nullptr) {
      frames = context_.names->find(NameKind::build_id_symbol, name_key(id, offset - back));
    }
    if (!frames.empty()) return lines(frames, offset, back);
    if (style_ == Style::function) out_.append('[');
    for (const std::byte byte : id) append_hex(out_, byte);
    if (style_ == Style::function) return out_.append("]\n");
    out_.append("+0x");
    append_digits(out_, offset, 4);
    out_.append('\n');
  }

  // The function itself, without inlined functions, and without a newline.
  void one(std::uint64_t address) noexcept {
    std::string_view frames;
    if (context_.names != nullptr) {
      frames = space_ == Space::kernel
                   ? context_.names->find(NameKind::kernel_symbol, name_key(address))
                   : context_.names->find(NameKind::user_symbol, name_key(process_, address));
    }
    FrameLine frame;
    while (next_frame(frames, frame)) {
    }
    append_frame(frame, address, 0, out_);
  }

 private:
  void lines(std::string_view frames, std::uint64_t address, std::uint64_t back) noexcept {
    FrameLine frame;
    bool any = false;
    for (; next_frame(frames, frame); any = true) {
      line(frame, address, back);
    }
    if (!any) line({}, address, 0);
  }

  void line(const FrameLine& frame, std::uint64_t address, std::uint64_t back) noexcept {
    if (style_ == Style::function) {
      append_function(frame, space_, out_);
    } else {
      append_frame(frame, address, back, out_);
    }
    out_.append('\n');
  }

  const RenderContext& context_;
  Space space_;
  Style style_;
  TextBuffer& out_;
  std::uint32_t process_ = 0;
};

std::uint64_t address_at(Bytes bytes, std::size_t index) noexcept {
  return load_as<std::uint64_t>(bytes.data() + index * sizeof(std::uint64_t));
}

using Kind = FramePrinter::Kind;

// A stack ends at its first zero.
void print_addresses(Bytes addresses, bool calls, FramePrinter& printer) noexcept {
  const std::size_t count = addresses.size() / sizeof(std::uint64_t);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint64_t address = address_at(addresses, i);
    if (address == 0) return;
    printer.address(address, calls && i > 0 ? Kind::return_address : Kind::instruction);
  }
}

void print_stack_id(const Field& field, Bytes record, const RenderContext& context, FramePrinter& printer,
                    TextBuffer& out) noexcept {
  const auto id = static_cast<std::int64_t>(load(record, field.slot));
  const auto as_signed = static_cast<std::int32_t>(id);
  if (as_signed < 0) return;  // an error of bpf_get_stackid(): there is no stack
  const auto key = name_key(*field.inputs->stacks, static_cast<std::uint32_t>(id));
  const std::string_view found =
      context.names != nullptr ? context.names->find(NameKind::stack, key) : std::string_view();
  // The next lookup invalidates the bytes.
  std::array<std::byte, most_addresses * sizeof(std::uint64_t)> addresses;
  const std::size_t size = std::min(found.size(), addresses.size());
  if (size == 0) {
    out.append("stack ");
    append_number(out, id);
    return out.append(" is not known\n");
  }
  std::memcpy(addresses.data(), found.data(), size);
  print_addresses(Bytes(addresses).first(size), true, printer);
}

Bytes elements_of(const Field& field, Bytes record) noexcept {
  const std::size_t size = std::size_t{element_count(field, record)} * field.fields[0].size;
  return size == 0 ? Bytes() : record.subspan(field.offset(), size);
}

void append_stack(const Field& field, Bytes record, const RenderContext& context, Space space, Style style,
                  TextBuffer& out) noexcept {
  FramePrinter printer(field, record, context, space, style, out);
  if (field.fields.empty()) return print_stack_id(field, record, context, printer, out);
  const Bytes elements = elements_of(field, record);
  if (field.fields[0].scalar) return print_addresses(elements, true, printer);
  constexpr std::size_t entry_size = 32;
  for (std::size_t i = 0; i < elements.size() / entry_size; ++i) {
    const Bytes entry = elements.subspan(i * entry_size, entry_size);
    if (load_as<std::int32_t>(entry.data()) == 0) return;  // BPF_STACK_BUILD_ID_EMPTY
    printer.build_id(entry, i > 0 ? Kind::return_address : Kind::instruction);
  }
}

template <Space S>
void print_stack(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  append_stack(field, record, context, S, Style::place, out);
}

template <Space S>
void print_symbol(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  FramePrinter printer(field, record, context, S, Style::place, out);
  if (field.fields.empty()) return printer.one(load(record, field.slot));
  print_addresses(elements_of(field, record), false, printer);
}

using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "ksym",
     .doc = "An address in the kernel as its function: do_sys_openat2+0x1c.",
     .takes = address,
     .form = Form::lines,
     .print = print_symbol<Space::kernel>,
     .compared = Renderer::Compared::functions,
     .asks = NameKind::kernel_symbol},
    {.name = "usym",
     .doc = "An address in a process as its function.",
     .takes = address,
     .form = Form::lines,
     .print = print_symbol<Space::user>,
     .compared = Renderer::Compared::functions,
     .asks = NameKind::user_symbol},
    {.name = "kstack",
     .doc = "A kernel stack: the functions, innermost first.",
     .takes = stack,
     .form = Form::lines,
     .print = print_stack<Space::kernel>,
     .compared = Renderer::Compared::functions,
     .asks = NameKind::kernel_symbol},
    {.name = "ustack",
     .doc = "A user stack: the functions, innermost first.",
     .takes = stack,
     .form = Form::lines,
     .print = print_stack<Space::user>,
     .compared = Renderer::Compared::functions,
     .asks = NameKind::user_symbol},
};

}  // namespace

void append_stack_names(const Field& field, Bytes record, const RenderContext& context,
                        TextBuffer& out) noexcept {
  const Space space = is_kernel_stack(field) ? Space::kernel : Space::user;
  append_stack(field, record, context, space, Style::function, out);
}

std::span<const Renderer> symbol_renderers() {
  return table;
}

}  // namespace probe_run
