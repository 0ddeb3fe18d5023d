// The formats that rows can be written in.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "spec/keys.h"

namespace probe_run {

// A format, as the index of its row in the table of formats. The table and the functions declared here are defined in
// format/formats.cc, because a spec only contains the name of a format.
enum class OutputFormat : std::uint8_t {};
template <>
struct EnumNames<OutputFormat> {
  static const std::span<const EnumName<OutputFormat>> names;
};
bool takes_template(OutputFormat format) noexcept;
std::string_view about(OutputFormat format) noexcept;  // in a few words

}  // namespace probe_run
