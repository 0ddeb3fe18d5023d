// One pattern's search among the places of one type.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "listing/machine.h"
#include "listing/pattern.h"
#include "listing/place.h"

namespace probe_run {

class Search {
 public:
  Search(std::string_view type, PlacePattern& pattern, bool details, Machine& machine,
         std::vector<Place>& found)
      : type_(type), pattern_(pattern), details_(details), machine_(machine), found_(found) {}

  std::string_view type() const { return type_; }
  const PlacePattern& pattern() const { return pattern_; }
  Machine& machine() { return machine_; }

  // Whether a place's "attach" and signature are to be found out.
  bool details() const { return details_; }

  bool wants(std::string_view target) { return pattern_.matches(type_, target); }

  Place& add(std::string target) {
    Place& place = found_.emplace_back();
    place.type = type_;
    place.target = std::move(target);
    return place;
  }

  void note(const std::string& what, const std::string& hint = {}) { machine_.note(type_, what, hint); }

 private:
  std::string_view type_;
  PlacePattern& pattern_;
  bool details_;
  Machine& machine_;
  std::vector<Place>& found_;
};

// Of a function by the name that people know it by.
Signature signature_of(std::string name, CPrototype prototype);

}  // namespace probe_run
