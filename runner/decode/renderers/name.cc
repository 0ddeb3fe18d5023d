// Numbers that stand for names.
#include <seccomp.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "decode/renderer.h"

namespace probe_run {
namespace {

constexpr unsigned errno_end = 4096;  // as the kernel's MAX_ERRNO
constexpr int signal_end = 128;

// Errors of include/linux/errno.h that a system call never returns to its process, but that programs see on the way.
struct KernelError {
  int number;
  const char* name;
};
constexpr KernelError kernel_errors[] = {{512, "ERESTARTSYS"},
                                         {513, "ERESTARTNOINTR"},
                                         {514, "ERESTARTNOHAND"},
                                         {515, "ENOIOCTLCMD"},
                                         {516, "ERESTART_RESTARTBLOCK"},
                                         {517, "EPROBE_DEFER"},
                                         {518, "EOPENSTALE"},
                                         {519, "ENOPARAM"},
                                         {521, "EBADHANDLE"},
                                         {522, "ENOTSYNC"},
                                         {523, "EBADCOOKIE"},
                                         {524, "ENOTSUPP"},
                                         {525, "ETOOSMALL"},
                                         {526, "ESERVERFAULT"},
                                         {527, "EBADTYPE"},
                                         {528, "EJUKEBOX"},
                                         {529, "EIOCBQUEUED"},
                                         {530, "ERECALLCONFLICT"},
                                         {531, "ENOGRACE"}};

// nullptr for none.
const char* error_name(int number) noexcept {
  for (const KernelError& error : kernel_errors) {
    if (error.number == number) return error.name;
  }
  return strerrorname_np(number);
}

void print_errno(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t loaded = load(record, field.slot);
  auto value = static_cast<std::int64_t>(loaded);
  // A negative error in an unsigned field: -2 is 4294967294 of 32 bits.
  const std::uint64_t ones = ones_of(field.slot);
  if (!field.slot.is_signed && ones >= errno_end * 2 && loaded > ones - errno_end)
    value = -static_cast<std::int64_t>(ones - loaded) - 1;
  if (value == 0) return out.append("0");
  const std::uint64_t magnitude =
      value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const char* const name = magnitude < errno_end ? error_name(static_cast<int>(magnitude)) : nullptr;
  if (name != nullptr) return out.append(name);
  if (field.slot.is_signed) return append_number(out, value);
  append_number(out, loaded);
}

void print_signal(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t value = load(record, field.slot);
  const char* const name = value < signal_end ? sigabbrev_np(static_cast<int>(value)) : nullptr;
  if (name == nullptr) {
    if (field.slot.is_signed) return append_number(out, static_cast<std::int64_t>(value));
    return append_number(out, value);
  }
  out.append("SIG");
  out.append(name);
}

// A number as returned by load(), if it is in the field's range.
std::optional<std::uint64_t> held(const Field& field, std::int64_t value) {
  const std::uint64_t loaded = extended(static_cast<std::uint64_t>(value), field.slot);
  if (loaded != static_cast<std::uint64_t>(value) || (value < 0 && !field.slot.is_signed))
    return std::nullopt;
  return loaded;
}

// glibc prints only one of two names for the same number.
std::string_view shown_errno(std::string_view name) {
  if (name == "EWOULDBLOCK") return "EAGAIN";
  if (name == "EDEADLOCK") return "EDEADLK";
  if (name == "ENOTSUP") return "EOPNOTSUPP";
  return name;
}

std::vector<std::uint64_t> errno_numbers(const Field& field, std::string_view name) {
  std::vector<std::uint64_t> numbers;
  for (int number = 1; number < static_cast<int>(errno_end); ++number) {
    const char* const known = error_name(number);
    if (known == nullptr || shown_errno(known) != shown_errno(name)) continue;
    for (const std::int64_t sign : {1, -1}) {
      if (const auto value = held(field, sign * number)) numbers.push_back(*value);
    }
    const std::uint64_t ones = ones_of(field.slot);
    if (!field.slot.is_signed && ones >= errno_end * 2)
      numbers.push_back(ones - static_cast<std::uint64_t>(number) + 1);
  }
  return numbers;
}

std::vector<std::string> all_errnos(const Field&) {
  std::vector<std::string> names;
  for (int number = 1; number < static_cast<int>(errno_end); ++number) {
    if (const char* const name = error_name(number)) names.emplace_back(name);
  }
  return names;
}

std::vector<std::uint64_t> signal_numbers(const Field& field, std::string_view name) {
  if (name.starts_with("SIG")) name.remove_prefix(3);
  for (int number = 1; number < signal_end; ++number) {
    const char* const known = sigabbrev_np(number);
    if (known == nullptr || name != known) continue;
    if (const auto value = held(field, number)) return {*value};
  }
  return {};
}

std::vector<std::string> all_signals(const Field&) {
  std::vector<std::string> names;
  for (int number = 1; number < signal_end; ++number) {
    if (const char* const name = sigabbrev_np(number)) names.push_back(std::string("SIG") + name);
  }
  return names;
}

constexpr ValueNames errno_names{errno_numbers, all_errnos, field_bits};
constexpr ValueNames signal_names{signal_numbers, all_signals, field_bits};

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
  constexpr int most = 2048;  // more than the numbers of any architecture with a single range
  std::vector<std::pair<std::uint64_t, std::string>> names;
  // libseccomp uses the name aarch64, too, and knows all architectures that it supports.
  const std::uint32_t architecture = seccomp_arch_resolve_name(machine.c_str());
  if (architecture == 0) return names;
  for (int number = 0; number < most; ++number) {
    const std::unique_ptr<char, decltype(&std::free)> name(
        seccomp_syscall_resolve_num_arch(architecture, number), std::free);
    if (name) names.emplace_back(number, name.get());
  }
  return names;
}

using Compared = Renderer::Compared;
using Values = Renderer::Values;
using enum Renderer::Takes;
using Form = Renderer::Form;
// Names may come from the spec and contain any characters: text.
constexpr Renderer table[] = {
    {.name = "errno",
     .doc = "An error number, positive or negative, as its name: ENOENT; 0 for none.",
     .takes = integer,
     .form = Form::string,
     .print = print_errno,
     .compared = Compared::names,
     .value_names = &errno_names},
    {.name = "signal",
     .doc = "A signal number as its name: SIGKILL.",
     .takes = integer,
     .form = Form::string,
     .print = print_signal,
     .compared = Compared::names,
     .value_names = &signal_names},
    {.name = "syscall",
     .doc = "The number of a system call as its name: openat.",
     .takes = integer,
     .form = Form::text,
     .print = print_named,
     .compared = Compared::names,
     .values = Values::accepted,
     .names = syscall_names},
    {.name = "enum",
     .doc = "The value of an enum as its name: the default for enums.",
     .takes = named,
     .form = Form::text,
     .print = print_named,
     .compared = Compared::names,
     .values = Values::accepted},
    {.name = "values",
     .doc = "A number as its name in the field's \"values\", or as a number.",
     .takes = named,
     .form = Form::text,
     .print = print_named,
     .compared = Compared::names,
     .values = Values::needed},
};

}  // namespace

std::span<const Renderer> name_renderers() {
  return table;
}

}  // namespace probe_run
