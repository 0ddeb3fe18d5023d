#include "engine/sink_set.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "format/format.h"
#include "spec/output_format.h"
#include "support/error.h"
#include "support/status.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string hint_for(const FormatTraits& first, const FormatTraits& second) {
  std::string hint = "use a separate file for one of them with \"to\"";
  const std::string_view instead = first.instead.empty() ? second.instead : first.instead;
  if (!instead.empty()) hint += fmt::format(", or use {}, which is read line by line", instead);
  return hint;
}

}  // namespace

std::optional<std::string> SinkSet::claim(std::string& target, FileUses::Use use, const std::string& what) {
  target = FileUses::target_at(target);
  const bool is_standard = target == "stdout" || target == "stderr";
  if (kind_ == Kind::memory && is_standard) return std::nullopt;  // nothing is written there
  target = files_.spelling_of(target);
  if (kind_ != Kind::real && !is_standard) {
    // Files that a check or a test does not write may be in a directory that does not exist.
    std::error_code ignored;
    const auto name = std::filesystem::weakly_canonical(std::filesystem::absolute(target, ignored), ignored);
    const auto [known, added] = spellings_.try_emplace(name.string(), target);
    if (!name.empty()) target = known->second;
  }
  return files_.writes(target, use, what);
}

Sink& SinkSet::open(const std::string& target) {
  Sink*& known = by_target_[target];
  if (known == nullptr) {
    entries_.push_back({make(target), target, std::nullopt});
    known = entries_.back().sink.get();
  }
  return *known;
}

void SinkSet::open_files() {
  for (auto entry = entries_.begin(); entry != entries_.end(); ++entry) {
    try {
      entry->sink->open();
    } catch (const Error&) {
      by_target_.erase(entry->target);
      entries_.erase(entry);
      throw;
    }
  }
}

std::unique_ptr<Sink> SinkSet::make(const std::string& target) {
  switch (kind_) {
    case Kind::real:
      return open_sink(target, OldLines::until_begin, &patience_);
    case Kind::memory:
      return memory_sink(texts_[target]);
    case Kind::null:
      break;
  }
  return null_sink();
}

SinkSet::Entry& SinkSet::entry(const Sink& sink) {
  return *std::find_if(entries_.begin(), entries_.end(),
                       [&](const Entry& candidate) { return candidate.sink.get() == &sink; });
}

void SinkSet::share(Sink& sink, OutputFormat format, Span at, Diagnostics& diagnostics) {
  Entry& shared = entry(sink);
  const FormatTraits& traits = traits_of(format);
  if (traits.in_array) sink.make_array();
  if (!shared.format) {
    shared.format = format;
    return;
  }
  const FormatTraits& first = traits_of(*shared.format);
  const auto needs_whole = [](const FormatTraits& each) { return each.sharing == Sharing::whole_target; };
  if (sink.screen() && (traits.draws || first.draws)) {
    diagnostics.error(at, "a live table and another output cannot both write to the terminal",
                      "use a separate file for one of them with \"to\"");
  } else if (format != shared.format && (needs_whole(traits) || needs_whole(first))) {
    diagnostics.error(at,
                      fmt::format("cannot write rows to {} as both {} and {}",
                                  escape_for_terminal(shared.target), first.name, traits.name),
                      hint_for(first, traits));
  }
}

MetricPages::Place SinkSet::metrics_place(const std::string& target, OutputFormat format, Span at) {
  const bool dry = kind_ == Kind::null;
  const bool is_sink = kind_ == Kind::memory || target == "stdout" || target == "stderr" ||
                       ReplacedFile::cannot_replace(target);
  return {target, format, is_sink && !dry ? &open(target) : nullptr, dry, at};
}

void SinkSet::tell(Sink& sink) noexcept {
  if (const std::string notice = sink.take_notice(); !notice.empty())
    print_status(Patience::of_a_run, "{}", notice);
}

// Whether anything must not wait for one reader: another output that somebody misses.
void SinkSet::look_for_others() noexcept {
  const auto missed = std::count_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
    return !entry.sink->closed() && !entry.sink->discards();
  });
  const bool lines_and_recording = beside_.recorded && missed > 0;
  patience_.set_others(missed > 1 || lines_and_recording || beside_.served || metrics_.has_files());
}

bool SinkSet::behind() const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.sink->is_behind(); });
}

bool SinkSet::full() const noexcept {
  return std::any_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.sink->is_full(); });
}

void SinkSet::begin(Beside beside) noexcept {
  beside_ = beside;
  look_for_others();
  for (Entry& entry : entries_) entry.sink->begin();
}

void SinkSet::flush() noexcept {
  look_for_others();
  metrics_.write_changed();
  metrics_.take_notices([](const std::string& notice) { print_status(Patience::of_a_run, "{}", notice); });
  for (Entry& entry : entries_) {
    entry.sink->flush();
    tell(*entry.sink);
  }
}

void SinkSet::finish() noexcept {
  metrics_.finish();
  for (Entry& entry : entries_) {
    entry.sink->finish();
    tell(*entry.sink);
  }
}

bool SinkSet::reopen() noexcept {
  bool any = false;
  for (Entry& entry : entries_) {
    any = entry.sink->reopen() || any;
    tell(*entry.sink);
  }
  return any;
}

void SinkSet::close_stdout() noexcept {
  if (const auto found = by_target_.find("stdout"); found != by_target_.end()) found->second->close_unread();
}

bool SinkSet::unread() const noexcept {
  return !entries_.empty() && !metrics_.has_files() &&
         std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.sink->closed(); });
}

std::uint64_t SinkSet::not_written() const noexcept {
  std::uint64_t lines = 0;
  for (const Entry& entry : entries_) lines += entry.sink->not_written();
  return lines;
}

std::string SinkSet::failure() const {
  for (const Entry& entry : entries_) {
    if (std::string failure = entry.sink->failure(); !failure.empty()) return failure;
  }
  return metrics_.failure();
}

}  // namespace probe_run
