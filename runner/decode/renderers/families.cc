// All renderers, and the defaults of fields.
#include <array>

#include "decode/renderer.h"
#include "decode/renderers/unit.h"

namespace probe_run {
namespace {

std::array<std::span<const Renderer>, 8> families() {
  return {number_renderers(), text_renderers(), address_renderers(), time_renderers(),
          name_renderers(),   flag_renderers(), host_renderers(),    symbol_renderers()};
}

const Renderer& known(std::string_view name) {
  return *find_renderer(name);
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

const Renderer* in_unit(const Renderer& renderer, std::string_view unit) {
  const std::optional<KnownUnit> own = known_unit(renderer.unit);
  const std::optional<KnownUnit> wanted = known_unit(unit);
  if (!own || !wanted || own->dimension != wanted->dimension) return nullptr;
  if (own->factor == wanted->factor) return &renderer;
  for (const auto& family : {durations_in_units(), sizes_in_units()}) {
    for (const Renderer& other : family) {
      if (other.name == renderer.name && other.unit == wanted->name) return &other;
    }
  }
  return nullptr;
}

std::vector<std::string_view> renderer_names() {
  std::vector<std::string_view> names;
  for (const Renderer* renderer : all_renderers()) names.push_back(renderer->name);
  return names;
}

const Renderer& pointer_renderer() {
  return known("hex");
}

const Renderer& enum_renderer() {
  return known("enum");
}

const Renderer& values_renderer() {
  return known("values");
}

const Renderer& kernel_time_renderer() {
  return known("ktime");
}

const Renderer& bytes_renderer() {
  return known("bytes");
}

}  // namespace probe_run
