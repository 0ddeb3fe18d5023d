#include "listing/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "listing/machine.h"
#include "listing/search.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::vector<const Family*> families_of(std::span<const Family> families, const PlacePattern& pattern) {
  std::vector<const Family*> chosen;
  for (const Family& family : families) {
    if (pattern.takes_type(family.type) && (pattern.has_type() || !family.again)) chosen.push_back(&family);
  }
  return chosen;
}

[[noreturn]] void refuse_type(std::span<const Family> families, const PlacePattern& pattern) {
  const std::string_view type = std::string_view(pattern.text()).substr(0, pattern.text().find(':'));
  std::vector<std::string_view> known;
  known.reserve(families.size());
  for (const Family& family : families) known.push_back(family.type);
  const std::string_view near = nearest(type, known);
  std::string hint =
      near.empty() ? fmt::format("types: {}", join(known)) : fmt::format("did you mean \"{}\"?", near);
  // Other tools write tracepoints as "syscalls:sys_enter_openat".
  if (!type.empty() && !has_wildcards(pattern.text()))
    hint += fmt::format("\nsearch all types: --list '*{}*'", escape_for_terminal(pattern.text()));
  throw PatternError(fmt::format("unknown attach type \"{}\"", escape_for_terminal(type)), hint);
}

class Lister {
 public:
  Lister(std::span<const Family> families, Details details) : families_(families), details_(details) {}

  void list(PlacePattern& pattern) {
    const std::vector<const Family*> chosen = families_of(families_, pattern);
    if (chosen.empty()) refuse_type(families_, pattern);
    const bool one = chosen.size() == 1;
    const bool details = details_ == Details::all || pattern.names_one();
    const std::size_t before = listing_.places.size();
    for (const Family* family : chosen) {
      if (family->list == nullptr) {
        if (!one) continue;
        throw PatternError(fmt::format("type {} cannot be listed: {}", family->type, family->nothing));
      }
      if (family->in_file && pattern.target().empty()) {
        if (!one) continue;
        throw PatternError(
            fmt::format("--list {}: the program or library is missing", family->type),
            fmt::format("try --list '{0}:/bin/bash:*' or --list '{0}:libc.so.6:*'", family->type));
      }
      // A pattern for many types need not name a file.
      if (family->in_file && !one && !pattern.names_file()) continue;
      machine_.begin(family->type);
      Search search(family->type, pattern, details, machine_, listing_.places);
      try {
        family->list(search);
      } catch (const PatternError&) {
        throw;
      } catch (const Error& error) {  // a file that cannot be read: the same error for each type
        listing_.unmatched.insert(listing_.unmatched.end(), error.diagnostics().begin(),
                                  error.diagnostics().end());
        return;
      }
    }
    if (listing_.places.size() == before) {
      listing_.unmatched.push_back(
          {Diagnostic::Severity::error,
           fmt::format("nothing here matches \"{}\"", escape_for_terminal(pattern.text())),
           one ? near_places(*chosen.front(), pattern) : std::string(),
           {}});
    }
  }

  Listing finish() {
    const auto order = [](const Place& place) { return std::tie(place.type, place.target); };
    std::vector<Place>& places = listing_.places;
    std::stable_sort(places.begin(), places.end(),
                     [&](const Place& a, const Place& b) { return order(a) < order(b); });
    // Details are listed if any of the patterns requests them.
    for (std::size_t i = 0; i + 1 < places.size(); ++i) {
      if (order(places[i]) == order(places[i + 1]) && places[i].signature && !places[i + 1].signature)
        std::swap(places[i], places[i + 1]);
    }
    const auto last = std::unique(places.rbegin(), places.rend(),
                                  [&](const Place& a, const Place& b) { return order(a) == order(b); });
    places.erase(places.begin(), last.base());
    for (const Machine::Note& note : machine_.notes()) {
      listing_.warnings.push_back({Diagnostic::Severity::warning,
                                   fmt::format("{}: {}", fmt::join(note.types, ", "), note.what),
                                   note.hint,
                                   {}});
    }
    return std::move(listing_);
  }

 private:
  // A suggestion for a name without matches.
  std::string near_places(const Family& family, const PlacePattern& pattern) {
    if (!pattern.names_one()) return {};
    const std::string_view file = family.in_file ? PlacePattern::split_file(pattern.target()).file : "";
    std::vector<Place> all;
    PlacePattern everything(fmt::format("{}:{}", family.type, file));
    Search search(family.type, everything, false, machine_, all);
    family.list(search);
    const auto name_of = [&](std::string_view target) {
      if (family.in_file) return PlacePattern::split_file(target).place;
      // "sched_switch" may mean "sched:sched_switch".
      return pattern.target().find(':') == std::string_view::npos ? target.substr(target.rfind(':') + 1)
                                                                  : target;
    };
    std::vector<std::string_view> names;
    names.reserve(all.size());
    for (const Place& place : all) names.push_back(name_of(place.target));
    std::sort(names.begin(), names.end());
    const std::string_view near = nearest(name_of(pattern.target()), names);
    return near.empty() ? std::string() : fmt::format("did you mean \"{}\"?", escape_for_terminal(near));
  }

  std::span<const Family> families_;
  Details details_;
  Machine machine_;
  Listing listing_;
};

}  // namespace

Listing list_places(std::span<const Family> families, const std::vector<std::string>& patterns,
                    Details details) {
  Lister lister(families, details);
  for (const std::string& text : patterns) {
    PlacePattern pattern(text);
    lister.list(pattern);
  }
  return lister.finish();
}

}  // namespace probe_run
