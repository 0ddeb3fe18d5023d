#include "sink/http_accept.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace probe_run {
namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// The text before `separator`; removes both.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return trimmed(part);
}

bool same(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"') return text.substr(1, text.size() - 2);
  return text;
}

// "0.75" in thousandths; anything else is 0.
int quality(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '1') return 0;
  int value = (text.front() - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (std::size_t i = 2; i < text.size() && unit > 0; ++i, unit /= 10) {
    if (text[i] < '0' || text[i] > '9') return 0;
    value += (text[i] - '0') * unit;
  }
  return std::min(value, 1000);
}

// One range of media types and how much it is liked.
std::pair<std::optional<MetricsForm>, int> range(std::string_view text) {
  const std::string_view type = take(text, ';');
  std::string_view version, proto, encoding;
  int liked = 1000;
  while (!text.empty()) {
    std::string_view parameter = take(text, ';');
    const std::string_view name = take(parameter, '=');
    const std::string_view value = unquoted(trimmed(parameter));
    if (same(name, "q")) liked = quality(value);
    if (same(name, "version")) version = value;
    if (same(name, "proto")) proto = value;
    if (same(name, "encoding")) encoding = value;
  }
  std::optional<MetricsForm> form;
  if (same(type, "application/openmetrics-text")) {
    if (version.empty() || version == "1.0.0") form = MetricsForm::openmetrics;
  } else if (same(type, "application/vnd.google.protobuf")) {
    if (proto == "io.prometheus.client.MetricFamily" && encoding == "delimited") form = MetricsForm::protobuf;
  } else if (same(type, "text/plain")) {
    if (version.empty() || version == "0.0.4") form = MetricsForm::text;
  } else if (type == "*/*" || same(type, "text/*")) {
    form = MetricsForm::text;
  }
  return {form, liked};
}

}  // namespace

MetricsForm wanted_form(std::string_view accept) noexcept {
  MetricsForm best = MetricsForm::text;
  int most = 0;
  while (!accept.empty()) {
    const auto [form, liked] = range(take(accept, ','));
    if (!form || liked <= most) continue;
    best = *form;
    most = liked;
  }
  return best;
}

std::string_view content_type(MetricsForm form) noexcept {
  switch (form) {
    case MetricsForm::text:
      return "text/plain; version=0.0.4; charset=utf-8";
    case MetricsForm::openmetrics:
      return "application/openmetrics-text; version=1.0.0; charset=utf-8";
    case MetricsForm::protobuf:
      return "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";
  }
  return {};
}

bool takes_gzip(std::string_view accept_encoding) noexcept {
  std::optional<int> gzip, identity, others;
  while (!accept_encoding.empty()) {
    std::string_view item = take(accept_encoding, ',');
    const std::string_view coding = take(item, ';');
    int liked = 1000;
    while (!item.empty()) {
      std::string_view parameter = take(item, ';');
      if (same(take(parameter, '='), "q")) liked = quality(trimmed(parameter));
    }
    if (same(coding, "gzip") || same(coding, "x-gzip")) gzip = std::max(gzip.value_or(0), liked);
    if (same(coding, "identity")) identity = liked;
    if (coding == "*") others = liked;
  }
  const int compressed = gzip.value_or(others.value_or(0));
  return compressed > 0 && compressed >= identity.value_or(0);
}

}  // namespace probe_run
