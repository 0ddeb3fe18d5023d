// The histogram format: each histogram of a row as bars of stars, as bcc and libbpf-tools print them; the other
// columns are above them.
#pragma once

#include <string>
#include <vector>

#include "decode/histogram_reader.h"
#include "format/column.h"
#include "format/format.h"

namespace probe_run {

class HistogramFormat final : public Format {
 public:
  // Reports rows without a histogram, at the output's position.
  HistogramFormat(const OutputSpec& output, const Plan& plan, Diagnostics& diagnostics);

  void row(Bytes record, const RenderContext& context, TextBuffer& out) noexcept override;
  Partial partial(Duration lasted, TextBuffer& out) noexcept override;

 private:
  struct Heading {
    std::string before;  // "comm = "
    Column column;
  };
  struct Picture {
    std::string title;  // "latency (ns)"
    const Field* field = nullptr;
  };

  void append_headings(Bytes record, const RenderContext& context, TextBuffer& out) noexcept;
  void append_bars(const Picture& picture, Bytes record, TextBuffer& out) noexcept;
  static void append_bound(const Histogram& histogram, bool low, const Histogram::Range& range,
                           TextBuffer& out) noexcept;

  std::vector<Heading> headings_;
  std::vector<Picture> pictures_;
  bool first_ = true;
  TextBuffer scratch_;
};

}  // namespace probe_run
