#include "decode/renderer.h"

#include <algorithm>
#include <charconv>

namespace probe_run {
namespace {

bool is_addresses(const Field& field) {
  return field.shape == Shape::array && field.fields[0].scalar && field.fields[0].size == 8;
}

bool is_build_ids(const Field& field) {
  if (field.shape != Shape::array || field.fields[0].size != 32 || field.fields[0].type == nullptr)
    return false;
  return strip(*field.fields[0].type).name == "bpf_stack_build_id";
}

std::optional<std::uint64_t> named(const Field& field, std::string_view name) {
  const auto found = std::find_if(field.names.begin(), field.names.end(),
                                  [&](const auto& entry) { return entry.second == name; });
  if (found == field.names.end()) return std::nullopt;
  return found->first;
}

}  // namespace

std::vector<std::uint64_t> field_numbers(const Field& field, std::string_view name) {
  const auto value = named(field, name);
  return value ? std::vector{*value} : std::vector<std::uint64_t>();
}

std::vector<std::string> field_names(const Field& field) {
  std::vector<std::string> names;
  for (const auto& entry : field.names) names.emplace_back(entry.second);
  return names;
}

std::optional<NamedBits> field_bits(const Field& field, std::string_view name) {
  const std::uint64_t ones = ones_of(field.slot);
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
  if (mask == 0) return NamedBits{ones, 0};  // the name for no bits set
  return NamedBits{mask, mask};
}

const ValueNames& value_names_of(const Field& field) noexcept {
  static constexpr ValueNames own{field_numbers, field_names, field_bits};
  const bool has_others = field.shape == Shape::rendered && field.renderer->value_names != nullptr;
  return has_others ? *field.renderer->value_names : own;
}

bool has_value_names(const Field& field) noexcept {
  const bool of_renderer = field.shape == Shape::rendered && field.renderer->value_names != nullptr;
  return field.scalar && (of_renderer || !field.names.empty());
}

Renderer::Arithmetic arithmetic_of(const Field& field) noexcept {
  using Arithmetic = Renderer::Arithmetic;
  switch (field.shape) {
    case Shape::unsigned_number:
    case Shape::signed_number:
    case Shape::wide_number:
      return Arithmetic::sum;
    case Shape::floating:
      // A half-precision number has too few digits for a sum.
      if (field.size == 2) return Arithmetic::mean;
      return field.size == 4 || field.size == 8 ? Arithmetic::sum : Arithmetic::none;
    case Shape::rendered:
      return is_numeric(field) ? field.renderer->arithmetic : Arithmetic::none;
    default:
      return Arithmetic::none;
  }
}

bool takes(const Renderer& renderer, const Field& field) {
  using Takes = Renderer::Takes;
  const bool number = field.scalar || field.shape == Shape::floating || field.shape == Shape::wide_number;
  // A bitfield shares its bytes with others, so it can only be a number.
  const bool bytes = field.shape != Shape::structure && field.slot.bits == 0;
  switch (renderer.takes) {
    case Takes::byte:
      return bytes && field.scalar && field.size == 1;
    case Takes::integer:
      return field.scalar;
    case Takes::wide_integer:
      return field.scalar || field.shape == Shape::wide_number;
    case Takes::any_number:
      return number && field.shape != Shape::wide_number;
    case Takes::named:
      return field.scalar && (!field.names.empty() || renderer.names != nullptr);
    case Takes::bytes_2_or_integer:
      return bytes && (field.size == 2 || (field.scalar && field.size >= 2));
    case Takes::bytes_4:
      return bytes && field.size == 4;
    case Takes::bytes_6:
      return bytes && field.size == 6;
    case Takes::bytes_8:
      return bytes && field.size == 8;
    case Takes::bytes_16:
      return bytes && field.size == 16;
    case Takes::bytes_4_or_16:
      return bytes && (field.size == 4 || field.size == 16);
    case Takes::any_bytes:
      return bytes;
    case Takes::address:
      return (field.scalar && bytes && field.size == 8) || is_addresses(field);
    case Takes::stack:
      return is_addresses(field) || is_build_ids(field) || (field.scalar && field.inputs != nullptr);
  }
  return false;
}

std::string_view taken(Renderer::Takes takes) {
  using Takes = Renderer::Takes;
  switch (takes) {
    case Takes::byte:
      return "an integer of 1 byte";
    case Takes::integer:
      return "an integer of up to 8 bytes";
    case Takes::wide_integer:
      return "an integer of up to 16 bytes";
    case Takes::any_number:
      return "a number of up to 8 bytes";
    case Takes::named:
      return "an integer whose values have names (an enum, or with \"values\")";
    case Takes::bytes_2_or_integer:
      return "2 bytes or an integer of 2 to 8 bytes";
    case Takes::bytes_4:
      return "4 bytes";
    case Takes::bytes_6:
      return "6 bytes";
    case Takes::bytes_8:
      return "8 bytes";
    case Takes::bytes_16:
      return "16 bytes";
    case Takes::bytes_4_or_16:
      return "4 or 16 bytes";
    case Takes::any_bytes:
      return "any bytes";
    case Takes::address:
      return "an address of 8 bytes, or an array of them";
    case Takes::stack:
      return "an array of addresses or of struct bpf_stack_build_id, or a stack id (with \"stacks\")";
  }
  return "";
}

}  // namespace probe_run
