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
  static constexpr std::string_view short_form = "name";
  Located<std::string> name;
  OneOrMany<Located<AttachPoint>> attach;  // none: loaded to be called by other programs
  bool optional = false;
  std::optional<Located<std::string>> pin;
  bool reuse_pin = false;
  template <class T = ProgramSpec>
  static constexpr auto keys() {
    return std::tuple(
        key("name", &T::name, "The name of the BPF function in the object.", required),
        key("attach", &T::attach,
            "One attach point, or a list of them. Without it the program is loaded and not attached: other "
            "programs call it, through a map's \"entries\"."),
        key("optional", &T::optional,
            "If the kernel does not load or attach it, report a warning instead of an error."),
        key("pin", &T::pin,
            "The path on a bpffs where its link is pinned: the program then stays attached when the run "
            "ends. For one attach point."),
        key("reuse_pin", &T::reuse_pin, "Keep a link that is already pinned there, with its program."));
  }
};

// Programs that belong together, such as those at the entry and at the return of a function.
using ProgramGroup = OneOrMany<ProgramSpec>;

// The first of several ways (alternatives) that this kernel can load and attach. A single program in the spec is a
// choice with one way.
struct ProgramChoice {
  Span at;
  std::vector<ProgramGroup> ways;
  bool optional = false;
  template <class T = ProgramChoice>
  static constexpr auto keys() {
    return std::tuple(
        key("first_of", &T::ways,
            "Alternatives to see the same, the best first: each is a program, or a list of programs that belong "
            "together. The first that this kernel loads and attaches completely is used; no other is loaded.",
            required),
        key("optional", &T::optional, "If no alternative works, report a warning instead of an error."));
  }
};

}  // namespace probe_run
