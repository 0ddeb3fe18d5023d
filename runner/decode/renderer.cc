#include "decode/renderer.h"

#include <array>

namespace probe_run {
namespace {

std::array<std::span<const Renderer>, 8> families() {
  return {number_renderers(), text_renderers(), address_renderers(), time_renderers(),
          name_renderers(),   flag_renderers(), host_renderers(),    symbol_renderers()};
}

bool is_addresses(const Field& field) {
  return field.shape == Shape::array && field.fields[0].scalar && field.fields[0].size == 8;
}

bool is_build_ids(const Field& field) {
  if (field.shape != Shape::array || field.fields[0].size != 32 || field.fields[0].type == nullptr)
    return false;
  return strip(*field.fields[0].type).name == "bpf_stack_build_id";
}

}  // namespace

std::vector<const Renderer*> all_renderers() {
  std::vector<const Renderer*> all;
  for (const auto& family : families()) {
    for (const Renderer& renderer : family) all.push_back(&renderer);
  }
  return all;
}

const Renderer* find_renderer(std::string_view name) {
  for (const auto& family : families()) {
    for (const Renderer& renderer : family) {
      if (renderer.name == name) return &renderer;
    }
  }
  return nullptr;
}

std::vector<std::string_view> renderer_names() {
  std::vector<std::string_view> names;
  for (const Renderer* renderer : all_renderers()) names.push_back(renderer->name);
  return names;
}

bool takes(const Renderer& renderer, const Field& field) {
  using Takes = Renderer::Takes;
  const bool number = field.scalar || field.shape == Shape::floating || field.shape == Shape::wide_number;
  // A bitfield shares its bytes with others: it is a number and nothing else.
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
