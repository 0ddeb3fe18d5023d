#include "filter/value_names.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace probe_run {
namespace {

bool rendered_as(const Field& field, std::string_view name) {
  return field.shape == Shape::rendered && field.renderer->name == name;
}

constexpr std::array<std::string_view, 3> open_modes{"O_RDONLY", "O_WRONLY", "O_RDWR"};
constexpr int errno_end = 4096;  // as the kernel's MAX_ERRNO
constexpr int signal_end = 128;

// A number as load() gives it, for what the field can hold.
std::optional<std::uint64_t> held(const Field& field, std::int64_t value) {
  const std::uint64_t bits = bits_of(field);
  const std::uint64_t cut = static_cast<std::uint64_t>(value) & bits;
  const std::uint64_t top = bits ^ (bits >> 1);
  const std::uint64_t loaded = field.slot.is_signed && (cut & top) != 0 ? cut | ~bits : cut;
  if (loaded != static_cast<std::uint64_t>(value) || (value < 0 && !field.slot.is_signed))
    return std::nullopt;
  return loaded;
}

std::string errno_name(int number) {
  const char* const name = strerrorname_np(number);
  return name != nullptr ? name : "";
}

// glibc prints one name of a number that has two.
std::string_view shown_errno(std::string_view name) {
  if (name == "EWOULDBLOCK") return "EAGAIN";
  if (name == "EDEADLOCK") return "EDEADLK";
  if (name == "ENOTSUP") return "EOPNOTSUPP";
  return name;
}

std::vector<std::uint64_t> errno_numbers(const Field& field, std::string_view name) {
  std::vector<std::uint64_t> numbers;
  for (int number = 1; number < errno_end; ++number) {
    const std::string known = errno_name(number);
    if (known.empty() || shown_errno(known) != shown_errno(name)) continue;
    for (const std::int64_t sign : {1, -1}) {
      if (const auto value = held(field, sign * number)) numbers.push_back(*value);
    }
  }
  return numbers;
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

std::optional<std::uint64_t> named(const Field& field, std::string_view name) {
  const auto found = std::find_if(field.names.begin(), field.names.end(),
                                  [&](const auto& entry) { return entry.second == name; });
  if (found == field.names.end()) return std::nullopt;
  return found->first;
}

// "SYN|ACK", as the flags are shown.
std::optional<std::uint64_t> joined(const Field& field, std::string_view names) {
  std::uint64_t value = 0;
  for (;;) {
    const std::size_t bar = names.find('|');
    const auto part = bits_named(field, names.substr(0, bar));
    if (!part) return std::nullopt;
    value |= part->wanted;
    if (bar == std::string_view::npos) break;
    names.remove_prefix(bar + 1);
  }
  const std::uint64_t bits = bits_of(field);
  const std::uint64_t top = bits ^ (bits >> 1);
  return field.slot.is_signed && (value & top) != 0 ? value | ~bits : value;
}

}  // namespace

std::uint64_t bits_of(const Field& field) {
  const unsigned width = field.slot.bits != 0 ? field.slot.bits : field.slot.size * 8;
  return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
}

bool has_value_names(const Field& field) {
  if (!field.scalar) return false;
  return !field.names.empty() || rendered_as(field, "errno") || rendered_as(field, "signal") ||
         rendered_as(field, "open_flags");
}

std::vector<std::uint64_t> numbers_named(const Field& field, std::string_view name) {
  if (rendered_as(field, "errno")) return errno_numbers(field, name);
  if (rendered_as(field, "signal")) return signal_numbers(field, name);
  if (rendered_as(field, "flags") || rendered_as(field, "open_flags")) {
    const auto value = joined(field, name);
    return value ? std::vector{*value} : std::vector<std::uint64_t>();
  }
  const auto value = named(field, name);
  return value ? std::vector{*value} : std::vector<std::uint64_t>();
}

std::vector<std::string> value_names(const Field& field) {
  std::vector<std::string> names;
  if (rendered_as(field, "errno")) {
    for (int number = 1; number < errno_end; ++number) {
      if (std::string name = errno_name(number); !name.empty()) names.push_back(std::move(name));
    }
    return names;
  }
  if (rendered_as(field, "signal")) {
    for (int number = 1; number < signal_end; ++number) {
      if (const char* const name = sigabbrev_np(number)) names.push_back(std::string("SIG") + name);
    }
    return names;
  }
  if (rendered_as(field, "open_flags")) names.assign(open_modes.begin(), open_modes.end());
  for (const auto& entry : field.names) names.emplace_back(entry.second);
  return names;
}

std::optional<NamedBits> bits_named(const Field& field, std::string_view name) {
  const std::uint64_t ones = bits_of(field);
  if (rendered_as(field, "open_flags")) {
    // The two lowest bits are a number.
    const auto mode = std::find(open_modes.begin(), open_modes.end(), name);
    if (mode != open_modes.end()) return NamedBits{3, static_cast<std::uint64_t>(mode - open_modes.begin())};
  }
  if (name.starts_with("0x")) {
    std::uint64_t value = 0;
    const char* const end = name.data() + name.size();
    const auto result = std::from_chars(name.data() + 2, end, value, 16);
    if (result.ec != std::errc() || result.ptr != end || (value & ~ones) != 0) return std::nullopt;
    return NamedBits{value, value};
  }
  const auto value = named(field, name);
  if (!value) return std::nullopt;
  const std::uint64_t mask = *value & ones;
  if (mask == 0) return NamedBits{ones, 0};  // the name of no bit at all
  return NamedBits{mask, mask};
}

}  // namespace probe_run
