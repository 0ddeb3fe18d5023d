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
  Partial partial(Duration, TextBuffer&) noexcept override { return Partial::left_out; }
};

}  // namespace

// Reports rows that are not the bytes of a record: rates, groups, printed lines, single fields.
std::unique_ptr<Format> compile_raw(const FormatRequest& request, Diagnostics& diagnostics) {
  const OutputSpec& output = request.output;
  if (request.rates && output.aggregate.empty()) {
    diagnostics.error(output.at, "the format raw cannot show rates",
                      "use \"read\": \"delta\" or \"snapshot\", or another format");
  }
  if (!output.group_by.empty()) {
    diagnostics.error(output.group_by.front().at, "the format raw cannot show groups",
                      "remove \"group_by\", or use another format");
  } else if (!output.aggregate.empty()) {
    diagnostics.error(output.aggregate.front().first.at, "the format raw cannot show aggregates",
                      "remove \"aggregate\", or use another format");
  }
  if (output.trace_pipe != TracePipe::none) {
    diagnostics.error(output.at, "the format raw cannot show printed lines",
                      "use another format, such as text");
  }
  if (!output.fields.empty()) {
    diagnostics.error(output.fields.front().field.at, "the format raw shows whole records, not fields",
                      "remove \"fields\", or use another format");
  }
  return std::make_unique<RawFormat>();
}

}  // namespace probe_run
