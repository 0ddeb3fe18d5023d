// One pattern's search among the places of one type.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "listing/machine.h"
#include "listing/pattern.h"
#include "object/c_declaration.h"

namespace probe_run {

// The data available to a program at a place.
struct Signature {
  std::string name;                  // of the function or struct; "" for an unnamed struct
  std::vector<CVariable> variables;  // a function's arguments, or a struct's fields
  bool is_function = false;
  std::string returns;    // of a function; "" if unknown
  bool variadic = false;  // a function with "..." at the end
};

// A key of the spec's "attach" in addition to the type.
struct AttachKey {
  std::string_view name;
  std::string text;
  bool is_number = false;
};

struct Place {
  std::string_view type;  // of attach points, as in a spec
  std::string target;     // "do_sys_openat2", "sched:sched_switch"
  // If details are requested:
  std::vector<AttachKey> attach;       // none if a spec must name a part of its object instead
  std::optional<Signature> signature;  // none if unknown
  std::string readable_name;           // of a mangled C++ name
};

class Search {
 public:
  Search(std::string_view type, PlacePattern& pattern, bool details, Machine& machine,
         std::vector<Place>& found)
      : type_(type), pattern_(pattern), details_(details), machine_(machine), found_(found) {}

  std::string_view type() const { return type_; }
  const PlacePattern& pattern() const { return pattern_; }
  Machine& machine() { return machine_; }

  // Whether a place needs its "attach" and signature.
  bool details() const { return details_; }

  bool wants(std::string_view target) { return pattern_.matches(type_, target); }

  // Those in kallsyms, or else in the kernel's BTF.
  std::vector<KernelFunction> functions();

  // Sets the place's signature, if the kernel's BTF has the function.
  void describe(Place& place, std::string_view function, std::string_view module);

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

struct Family {
  std::string_view type;
  void (*list)(Search& search) = nullptr;
  // Why the type cannot be listed; "" if it can.
  std::string_view nothing;
  // The places are the same as of another type, as for a function's return: patterns without a type skip it to
  // avoid duplicates.
  bool again = false;
  // Its places are in a file that the pattern must name.
  bool in_file = false;
};

// A place for a function, by the name that users know.
Signature signature_of(std::string name, CPrototype prototype);

}  // namespace probe_run
