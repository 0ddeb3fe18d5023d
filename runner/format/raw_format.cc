// The raw format: the bytes of each record in hexadecimal, one record per line; nothing is decoded. `xxd -r -p` gives
// the bytes back.
#include "format/format.h"
#include "spec/output_spec.h"
#include "support/integer.h"

namespace probe_run {
namespace {

class RawFormat final : public Format {
 public:
  void row(Bytes record, const RenderContext&, TextBuffer& out) noexcept override {
    for (const std::byte byte : record) append_hex(out, byte);
    out.append('\n');
  }
};

}  // namespace

// Reports what has no bytes of its own: rates, groups, printed lines, single fields.
std::unique_ptr<Format> compile_raw(const FormatRequest& request, Diagnostics& diagnostics) {
  const OutputSpec& output = request.output;
  if (request.rates && output.aggregate.empty()) {
    diagnostics.error(output.at, "the format raw shows entries as the map has them, and no rates",
                      "read the map as \"delta\" or \"snapshot\", or choose another format");
  }
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
  return std::make_unique<RawFormat>();
}

}  // namespace probe_run
