#include "engine/metric_pages.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/format.h"
#include "support/utf8.h"

namespace probe_run {

void MetricPages::add(MetricOutput& output, const Place& place, Diagnostics& diagnostics) {
  const auto [found, added] = pages_.try_emplace(place.target);
  Page& page = found->second;
  if (added) {
    page.format = place.format;
    page.sink = place.sink;
    const bool is_file = !place.target.empty() && place.sink == nullptr && !place.dry;
    if (is_file) page.file = std::make_unique<ReplacedFile>(place.target);
  } else if (page.format != place.format && !place.target.empty()) {
    diagnostics.error(
        place.at,
        fmt::format("two outputs write to {} in different formats, {} and {}",
                    escape_for_terminal(place.target), name_of(page.format), name_of(place.format)),
        "use a different \"to\" for one of them");
    return;
  }
  for (const Metric& metric : output.metrics()) claim(page, output, metric, diagnostics);
  page.outputs.push_back(&output);
  if (page.file) output.keep_copy();
}

bool MetricPages::Page::has(const MetricOutput& output) const noexcept {
  return std::find(outputs.begin(), outputs.end(), &output) != outputs.end();
}

bool MetricPages::has_files() const noexcept {
  return std::any_of(pages_.begin(), pages_.end(),
                     [](const auto& entry) { return entry.second.file != nullptr; });
}

void MetricPages::remove(const MetricOutput& output) noexcept {
  for (auto& [target, page] : pages_) {
    std::erase(page.outputs, &output);
    std::erase_if(page.claims, [&](const auto& claim) { return claim.second.output == &output; });
  }
}

void MetricPages::claim(Page& page, const MetricOutput& output, const Metric& metric,
                        Diagnostics& diagnostics) {
  const MetricFamily::Head& head = metric.family.head();
  const auto [before, added] =
      page.claims.try_emplace(head.name, Page::Claim{&output, diagnostics.shared_source(), metric.at});
  if (added) return;
  const Excerpt other = before->second.source->excerpt(before->second.at);
  const std::string name = head.type == MetricType::counter ? head.name + "_total" : head.name;
  diagnostics.error(metric.at,
                    fmt::format("duplicate metric \"{}\", also defined by {}:{}:{}",
                                escape_for_terminal(name), other.file, other.line, other.column),
                    "set the names in \"metrics\"");
}

void MetricPages::with_families(Page& page, bool own, const std::function<void(const Families&)>& consume) {
  Families families;
  for (MetricOutput* output : page.outputs) {
    output->collect();
    for (const Metric& metric : output->metrics()) families.push_back(&metric.family);
  }
  std::vector<MetricFamily> mine;
  if (own && own_) own_(mine);
  for (const MetricFamily& family : mine) families.push_back(&family);
  consume(families);
}

void MetricPages::serve(const std::function<void(const Families&)>& consume) {
  with_families(pages_[""], true, consume);
}

void MetricPages::write(Page& page) noexcept {
  TextBuffer& out = page.sink != nullptr ? page.sink->buffer() : text_;
  text_.clear();
  const Reader reader = page.sink != nullptr && page.sink->is_terminal() ? Reader::person : Reader::program;
  // The program's own metrics differ in each run; the document of a recording must not.
  with_families(page, page.file != nullptr, [&](const Families& families) {
    append_metrics(out, families, *traits_of(page.format).metrics, *interlude_, reader);
  });
  if (page.file) page.file->write(text_.view());
}

void MetricPages::write_changed() noexcept {
  for (auto& [target, page] : pages_) {
    if (!page.file) continue;
    bool changed = false;
    for (MetricOutput* output : page.outputs) changed = output->take_changed() || changed;
    if (changed) write(page);
  }
}

void MetricPages::finish() noexcept {
  for (auto& [target, page] : pages_) {
    if (page.file || page.sink != nullptr) write(page);
    if (page.file) page.file->finish();
  }
}

void MetricPages::take_notices(const std::function<void(const std::string&)>& consume) {
  for (auto& [target, page] : pages_) {
    if (!page.file) continue;
    if (const std::string notice = page.file->take_notice(); !notice.empty()) consume(notice);
  }
}

std::string MetricPages::failure() const {
  for (const auto& [target, page] : pages_) {
    if (!page.file) continue;
    if (std::string failure = page.file->failure(); !failure.empty()) return failure;
  }
  return {};
}

std::string MetricPages::failure(const MetricOutput& output) const {
  for (const auto& [target, page] : pages_) {
    if (!page.has(output)) continue;
    std::string failure = page.file ? page.file->failure() : std::string();
    if (page.sink != nullptr) failure = page.sink->failure();
    if (!failure.empty()) return failure;
  }
  return {};
}

bool MetricPages::unread(const MetricOutput& output) const noexcept {
  bool any = false;
  for (const auto& [target, page] : pages_) {
    if (!page.has(output)) continue;
    if (page.sink == nullptr || !page.sink->closed()) return false;
    any = true;
  }
  return any;
}

}  // namespace probe_run
