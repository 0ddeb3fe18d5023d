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

// What a program finds there.
struct Signature {
  std::string name;                  // of the function or struct; "" of a struct that has none
  std::vector<CVariable> variables;  // a function's arguments, or a struct's fields
  bool is_function = false;
  std::string returns;    // of a function; "" where that is not known
  bool variadic = false;  // a function with "..." at the end
};

// A key of the spec's "attach" beside the type.
struct AttachKey {
  std::string_view name;
  std::string text;
  bool is_number = false;
};

struct Place {
  std::string_view type;  // of attach points, as in a spec
  std::string target;     // "do_sys_openat2", "sched:sched_switch"
  // Where they were asked for:
  std::vector<AttachKey> attach;       // none where a spec must name a part of its object instead
  std::optional<Signature> signature;  // none where nothing describes it
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

  // Whether a place's "attach" and signature are to be found out.
  bool details() const { return details_; }

  bool wants(std::string_view target) { return pattern_.matches(type_, target); }

  // What kallsyms names, or at least the kernel's types.
  std::vector<KernelFunction> functions();

  // Gives the place the function's signature, where the kernel's types know it.
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
  // "" but for types that have nothing to list: why.
  std::string_view nothing;
  // The places are those of another type, such as a function's return: a pattern without a type, which would
  // find each of them again, leaves it out.
  bool again = false;
  // Its places are in a file that the pattern has to name.
  bool in_file = false;
};

// Of a function by the name that people know it by.
Signature signature_of(std::string name, CPrototype prototype);

}  // namespace probe_run
