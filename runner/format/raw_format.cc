#include "format/raw_format.h"

#include "support/digits.h"

namespace probe_run {

RawFormat::RawFormat(const OutputSpec& output, Diagnostics& diagnostics) {
  if (!output.group_by.empty()) {
    diagnostics.error(output.group_by.front().at, "the format raw shows records as they came, and no groups",
                      "leave out \"group_by\", or choose another format");
  } else if (!output.aggregate.empty()) {
    diagnostics.error(output.aggregate.front().first.at,
                      "the format raw shows records as they came, and nothing computed of them",
                      "leave out \"aggregate\", or choose another format");
  }
  if (output.trace_pipe != TracePipe::none) {
    diagnostics.error(output.at, "the format raw shows records as they came, and a printed line is none",
                      "choose another format, such as text");
  }
  if (!output.fields.empty()) {
    diagnostics.error(output.fields.front().field.at, "the format raw shows the whole record, not fields",
                      "leave out \"fields\", or choose another format");
  }
}

void RawFormat::row(Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  for (const std::byte byte : record) append_hex(out, byte);
  out.append('\n');
}

}  // namespace probe_run
