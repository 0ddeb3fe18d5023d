// The programs of a spec and where each attaches.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "spec/attach_point.h"
#include "spec/keys.h"
#include "support/source_text.h"

namespace probe_run {

struct ProgramSpec {
  Located<std::string> name;
  OneOrMany<Located<AttachPoint>> attach;  // none: it is loaded for others to call
  bool optional = false;
  std::optional<Located<std::string>> pin;
  bool reuse_pin = false;
  template <class T = ProgramSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("name", &T::name, "The BPF function, as the object names it.", required),
        key("attach", &T::attach,
            "One attach point, or a list of them. Without it the program is loaded and not attached: other "
            "programs call it, through a map's \"entries\"."),
        key("optional", &T::optional,
            "When the kernel does not load or attach it, that is a warning, not an error."),
        key("pin", &T::pin,
            "Where on a bpffs its link is pinned: then the program stays attached when the run "
            "ends. For one attach point."),
        key("reuse_pin", &T::reuse_pin,
            "A link that is pinned there already stays as it is, with the program that it has."));
  }
};

// Programs that belong together, such as those at the entry and at the return of a function.
using ProgramGroup = OneOrMany<ProgramSpec>;

// Of several ways the first that this kernel can load and attach. A program that stands alone in the spec is
// a choice with one way.
struct ProgramChoice {
  Span at;
  std::vector<ProgramGroup> ways;
  bool optional = false;
  template <class T = ProgramChoice>
  static constexpr auto keys() {
    return std::tuple(
        key("first_of", &T::ways,
            "Ways to see the same, the best first: each is a program, or a list of programs that belong "
            "together. The first that this kernel loads and attaches whole is taken; no other is loaded.",
            required),
        key("optional", &T::optional, "When no way can be taken, that is a warning, not an error."));
  }
};

}  // namespace probe_run
