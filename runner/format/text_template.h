// Templates of the text format: "{ts:%H:%M:%S} {comm:<16} {pid:>7}".
//
// A placeholder is a field's path, then after a colon either a time format (beginning with %) or, as in fmt and
// Python: [[fill]align][#][0][width][.precision][type], type one of d x X o b s. "{{" and "}}" are literal braces.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/plan.h"
#include "decode/renderer.h"
#include "decode/time_format.h"
#include "format/column.h"

namespace probe_run {

struct FieldFormat {
  char fill = ' ';
  char align = 0;  // '<', '>', '^'; 0: numbers to the right, text to the left
  bool prefix = false;
  bool zero = false;  // fill a number with zeros after its sign
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  char type = 0;

  bool plain() const { return width == 0 && !precision && type == 0; }
};

struct Segment {
  std::string literal;           // written unchanged before the field
  const Field* field = nullptr;  // nullptr in a last segment that is only text
  FieldFormat format;
  std::optional<TimeFormat> time;
  std::optional<Renderer::Clock> clock = {};  // of the field's time; nullopt: CLOCK_MONOTONIC
  OtherCell other = {};
};

struct TemplateError {
  std::size_t offset = 0, length = 1;  // in the template
  std::string what, hint;
};

// Adds all mistakes to `errors`; the result can only be used without mistakes. Pointers are into `plan`.
std::vector<Segment> compile_template(std::string_view text, const Plan& plan,
                                      std::vector<TemplateError>& errors);

}  // namespace probe_run
