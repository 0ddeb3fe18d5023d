// Numbers whose bits have names.
#include <algorithm>
#include <array>
#include <bit>
#include <optional>

#include "decode/field_value.h"
#include "decode/renderer.h"
#include "support/integer.h"

namespace probe_run {
namespace {

constexpr std::array<std::string_view, 3> open_modes{"O_RDONLY", "O_WRONLY", "O_RDWR"};

// The names of set bits, those of several bits first; remaining bits as a number.
void append_flags(std::uint64_t value, const Field& field, bool begun, TextBuffer& out) noexcept {
  const auto& names = field.names;
  // The highest bit of a signed field makes its name's value negative: the sign behind it is no bit of it.
  const std::uint64_t ones = ones_of(field.slot);
  const auto append = [&](std::string_view name) {
    if (begun) out.append('|');
    begun = true;
    out.append(name);
  };
  if (value == 0 && !begun) return append(!names.empty() && names[0].first == 0 ? names[0].second : "0");
  std::uint64_t rest = value;
  for (int bits = 64; bits >= 1 && rest != 0; --bits) {
    for (const auto& [named, name] : names) {
      const std::uint64_t mask = named & ones;
      if (std::popcount(mask) != bits || (rest & mask) != mask) continue;
      append(name);
      rest &= ~mask;
    }
  }
  if (rest == 0) return;
  append("0x");
  append_digits(out, rest, 4);
}

void print_flags(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  append_flags(load_bits(record, field.slot), field, false, out);
}

void print_open_flags(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t value = load_bits(record, field.slot);
  // The two lowest bits are a number.
  const bool has_mode = (value & 3) < open_modes.size();
  if (has_mode) out.append(open_modes[value & 3]);
  append_flags(has_mode ? value & ~std::uint64_t{3} : value, field, has_mode, out);
}

// Four flags have other numbers on arm64 than on x86. A process with a 32-bit personality (setarch) gets the
// names of the 32-bit machines from uname; no other machine makes recordings.
struct OpenFlagNumbers {
  std::uint64_t directory, no_follow, direct, large_file;
};

std::optional<OpenFlagNumbers> open_flag_numbers(std::string_view machine) {
  if (machine == "aarch64" || machine.starts_with("arm"))
    return OpenFlagNumbers{040000, 0100000, 0200000, 0400000};
  if (machine == "x86_64" || machine == "i686") return OpenFlagNumbers{0200000, 0400000, 040000, 0100000};
  return std::nullopt;
}

std::vector<std::pair<std::uint64_t, std::string>> open_flag_numbers_and_names(const std::string& machine) {
  const auto numbers = open_flag_numbers(machine);
  if (!numbers) return {};
  std::vector<std::pair<std::uint64_t, std::string>> names{{0100, "O_CREAT"},
                                                           {0200, "O_EXCL"},
                                                           {0400, "O_NOCTTY"},
                                                           {01000, "O_TRUNC"},
                                                           {02000, "O_APPEND"},
                                                           {04000, "O_NONBLOCK"},
                                                           {010000, "O_DSYNC"},
                                                           {020000, "O_ASYNC"},
                                                           {01000000, "O_NOATIME"},
                                                           {02000000, "O_CLOEXEC"},
                                                           {04010000, "O_SYNC"},
                                                           {010000000, "O_PATH"},
                                                           {numbers->directory, "O_DIRECTORY"},
                                                           {numbers->no_follow, "O_NOFOLLOW"},
                                                           {numbers->direct, "O_DIRECT"},
                                                           {numbers->large_file, "O_LARGEFILE"},
                                                           {020000000 | numbers->directory, "O_TMPFILE"}};
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<NamedBits> open_flag_bits(const Field& field, std::string_view name) {
  // The two lowest bits are a number.
  const auto mode = std::find(open_modes.begin(), open_modes.end(), name);
  if (mode != open_modes.end()) return NamedBits{3, static_cast<std::uint64_t>(mode - open_modes.begin())};
  return field_bits(field, name);
}

// "SYN|ACK", as the flags are printed.
template <auto Bits>
std::vector<std::uint64_t> joined_flags(const Field& field, std::string_view names) {
  std::uint64_t value = 0;
  for (;;) {
    const std::size_t bar = names.find('|');
    const std::optional<NamedBits> part = Bits(field, names.substr(0, bar));
    if (!part) return {};
    value |= part->wanted;
    if (bar == std::string_view::npos) break;
    names.remove_prefix(bar + 1);
  }
  return {extended(value, field.slot)};
}

std::vector<std::string> all_open_flags(const Field& field) {
  std::vector<std::string> names(open_modes.begin(), open_modes.end());
  for (const auto& entry : field.names) names.emplace_back(entry.second);
  return names;
}

constexpr ValueNames flag_names{joined_flags<field_bits>, field_names, field_bits};
constexpr ValueNames open_flag_names{joined_flags<open_flag_bits>, all_open_flags, open_flag_bits};

void print_file_mode(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t mode = load_bits(record, field.slot);
  static constexpr std::string_view kinds = "?pc?d?b?-?l?s???";
  if ((mode >> 12 & 0xf) != 0) out.append(kinds[mode >> 12 & 0xf]);
  static constexpr std::string_view letters = "rwxrwxrwx";
  for (unsigned i = 0; i < letters.size(); ++i) {
    const bool set = (mode >> (8 - i) & 1) != 0;
    char letter = set ? letters[i] : '-';
    // Instead of x: set-user-id, set-group-id and sticky.
    if (i % 3 == 2 && (mode >> (11 - i / 3) & 1) != 0) {
      const char special = i == 8 ? 't' : 's';
      letter = set ? special : static_cast<char>(special - 'a' + 'A');
    }
    out.append(letter);
  }
}

using Compared = Renderer::Compared;
using Values = Renderer::Values;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "flags",
     .doc = "Names of bits, of an enum or of the field's \"values\": SYN|ACK; other bits in hexadecimal.",
     .takes = named,
     .form = Form::text,
     .print = print_flags,
     .compared = Compared::names,
     .values = Values::accepted,
     .value_names = &flag_names},
    {.name = "open_flags",
     .doc = "Flags of open(): O_WRONLY|O_CREAT|O_TRUNC.",
     .takes = integer,
     .form = Form::text,
     .print = print_open_flags,
     .compared = Compared::names,
     .values = Values::accepted,
     .names = open_flag_numbers_and_names,
     .value_names = &open_flag_names},
    {.name = "file_mode",
     .doc = "Type and permissions of a file as in ls: -rw-r--r--; without a type, rw-r--r--.",
     .takes = integer,
     .form = Form::string,
     .print = print_file_mode,
     .compared = Compared::text},
};

}  // namespace

std::span<const Renderer> flag_renderers() {
  return table;
}

}  // namespace probe_run
