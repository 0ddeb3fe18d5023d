#include "decode/renderer.h"

#include <array>

namespace probe_run {
namespace {

std::array<std::span<const Renderer>, 4> families() {
  return {number_renderers(), address_renderers(), time_renderers(), name_renderers()};
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
  for (const Renderer* renderer : all_renderers()) {
    if (renderer->name == name) return renderer;
  }
  return nullptr;
}

std::vector<std::string_view> renderer_names() {
  std::vector<std::string_view> names;
  for (const Renderer* renderer : all_renderers()) names.push_back(renderer->name);
  return names;
}

bool takes(const Renderer& renderer, bool is_integer, std::uint32_t size) {
  switch (renderer.takes) {
    case Renderer::Takes::integer:
      return is_integer && size <= 8;
    case Renderer::Takes::bytes_2_or_integer:
      return size == 2 || (is_integer && size >= 2 && size <= 8);
    case Renderer::Takes::bytes_8:
      return size == 8;
    case Renderer::Takes::bytes_4:
      return size == 4;
    case Renderer::Takes::bytes_6:
      return size == 6;
    case Renderer::Takes::bytes_16:
      return size == 16;
    case Renderer::Takes::any_bytes:
      return true;
  }
  return false;
}

std::string_view taken(Renderer::Takes takes) {
  switch (takes) {
    case Renderer::Takes::integer:
      return "an integer of up to 8 bytes";
    case Renderer::Takes::bytes_2_or_integer:
      return "2 bytes or an integer of 2 to 8 bytes";
    case Renderer::Takes::bytes_8:
      return "8 bytes";
    case Renderer::Takes::bytes_4:
      return "4 bytes";
    case Renderer::Takes::bytes_6:
      return "6 bytes";
    case Renderer::Takes::bytes_16:
      return "16 bytes";
    case Renderer::Takes::any_bytes:
      return "any bytes";
  }
  return "";
}

}  // namespace probe_run
