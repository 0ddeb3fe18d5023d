// Renderers: the named ways to print a field ("as": "ipv4").
//
// To add one: a function in the file of its family in decode/renderers/ (or a new file) and its row in that
// file's table; a new file's table is named once, in renderer.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "decode/field.h"
#include "support/text_buffer.h"

namespace probe_run {

// What printing may depend on besides the record.
struct RenderContext {
  std::int64_t ktime_to_wall = 0;  // ns to add to CLOCK_MONOTONIC for ns since 1970
};

// Whatever the program sent is added up, and wraps where it is no time.
inline std::int64_t to_wall(std::uint64_t ktime, const RenderContext& context) {
  return static_cast<std::int64_t>(ktime + static_cast<std::uint64_t>(context.ktime_to_wall));
}

struct Renderer {
  // Which fields it can print.
  enum class Takes { integer, bytes_4, bytes_6, bytes_16, bytes_8, bytes_2_or_integer, any_bytes };
  // How JSON writes what it prints.
  enum class Form { number, string, boolean };

  using Print = void (*)(const Field&, Bytes record, const RenderContext&, TextBuffer& out) noexcept;

  std::string_view name;
  std::string_view doc;
  Takes takes;
  Form form;
  Print print;  // REQUIRES: present(field, record); writes printable ASCII only
};

// nullptr when there is none.
const Renderer* find_renderer(std::string_view name);
std::vector<std::string_view> renderer_names();
std::vector<const Renderer*> all_renderers();

// Whether it can print a field of `size` bytes that is or is not an integer.
bool takes(const Renderer& renderer, bool is_integer, std::uint32_t size);
std::string_view taken(Renderer::Takes takes);  // "an integer", "4 bytes", ...

// The families.
std::span<const Renderer> number_renderers();
std::span<const Renderer> address_renderers();
std::span<const Renderer> time_renderers();
std::span<const Renderer> name_renderers();

}  // namespace probe_run
