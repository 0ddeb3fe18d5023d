// What a scraper accepts, from the headers of its request.
#pragma once

#include <string_view>

namespace probe_run {

// Which of the forms of metrics a scraper wants, from the header Accept of its request.
enum class MetricsForm {
  text,         // text/plain; version=0.0.4
  openmetrics,  // application/openmetrics-text; version=1.0.0
  protobuf      // application/vnd.google.protobuf: the only one with native histograms
};

// The one it likes best (q), of equals the first; text for what is not understood or not there.
MetricsForm wanted_form(std::string_view accept) noexcept;

std::string_view content_type(MetricsForm form) noexcept;

// From the header Accept-Encoding; "" where there is none: whether the answer is to be compressed with gzip.
bool takes_gzip(std::string_view accept_encoding) noexcept;

}  // namespace probe_run
