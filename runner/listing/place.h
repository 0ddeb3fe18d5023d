// A place that a program can be attached to here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace probe_run
