// Numbers that stand for names.
#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "decode/renderer.h"

namespace probe_run {
namespace {

void print_errno(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const auto value = static_cast<std::int64_t>(load(record, field.slot));
  if (value == 0) return out.append("0");
  const std::uint64_t magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const char* const name = magnitude < 4096 ? strerrorname_np(static_cast<int>(magnitude)) : nullptr;
  if (name != nullptr) return out.append(name);
  append_number(out, value);
}

void print_signal(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t value = load(record, field.slot);
  const char* const name = value < 128 ? sigabbrev_np(static_cast<int>(value)) : nullptr;
  if (name == nullptr) {
    if (field.slot.is_signed) return append_number(out, static_cast<std::int64_t>(value));
    return append_number(out, value);
  }
  out.append("SIG");
  out.append(name);
}

// The name of the field's value, or its number.
void print_named(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t value = load(record, field.slot);
  const auto entry =
      std::lower_bound(field.names.begin(), field.names.end(), value,
                       [](const auto& name, std::uint64_t wanted) { return name.first < wanted; });
  if (entry != field.names.end() && entry->first == value) return out.append(entry->second);
  if (field.slot.is_signed) return append_number(out, static_cast<std::int64_t>(value));
  append_number(out, value);
}

std::vector<std::pair<std::uint64_t, std::string>> syscall_names(const std::string& machine) {
  constexpr int most = 2048;  // numbers of all architectures that have one range
  std::vector<std::pair<std::uint64_t, std::string>> names;
  // libseccomp calls aarch64 so too, and knows every architecture that it filters for.
  const std::uint32_t architecture = seccomp_arch_resolve_name(machine.c_str());
  if (architecture == 0) return names;
  for (int number = 0; number < most; ++number) {
    const std::unique_ptr<char, decltype(&std::free)> name(
        seccomp_syscall_resolve_num_arch(architecture, number), std::free);
    if (name) names.emplace_back(number, name.get());
  }
  return names;
}

using enum Renderer::Takes;
using enum Renderer::Form;
constexpr Renderer table[] = {
    {"errno", "An error number, negative or not, by its name: ENOENT; 0 for none.", integer, string,
     print_errno},
    {"signal", "A signal number by its name: SIGKILL.", integer, string, print_signal},
    {"syscall", "A system call's number by its name: openat.", integer, text, print_named, syscall_names},
    {"enum", "An enum's value by its name: what enums have without asking.", named, text, print_named},
    {"values", "A number by its name in the field's \"values\", else as a number.", named, text, print_named},
};

}  // namespace

std::span<const Renderer> name_renderers() {
  return table;
}

}  // namespace probe_run
