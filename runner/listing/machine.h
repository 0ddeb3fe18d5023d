// What several kinds of places are found in, read once and when it is first asked for; and what could not be
// read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "object/kernel_types.h"
#include "support/error.h"

namespace probe_run {

// A function that kallsyms names.
struct KernelFunction {
  std::string_view name;
  std::string_view module;  // "" for the kernel proper
};

class Machine {
 public:
  // nullptr where the kernel's types cannot be read: that is noted then.
  const KernelTypes* types();
  // What they say of a function of that name, and of that module if it is not "".
  std::optional<CPrototype> prototype(std::string_view function, std::string_view module);

  // In the order of their addresses, without what only looks like functions (padding, cold parts, code that
  // was thrown away after the boot). Empty where kallsyms cannot be read, which is not noted.
  const std::vector<KernelFunction>& functions();
  // Whether the function was only there for the boot. False where addresses are hidden.
  bool is_thrown_away(std::string_view function);
  // True where kallsyms cannot be read, too: only a list that was read shows that something is missing.
  bool may_have_function(std::string_view name);

  // The names that ftrace can trace, those of modules among them. nullptr where it does not say: noted.
  const std::unordered_set<std::string>* traceable_functions();

  // A file of tracefs: "events/sched/sched_switch/format". nullopt where it cannot be read: noted.
  std::optional<std::string> tracefs_file(const std::string& path);

  // Calls visit("sched:sched_switch", "sched", "sched_switch") for each event; not at all where tracefs does not
  // say.
  void each_event(const std::function<void(std::string_view event, std::string_view category,
                                           std::string_view name)>& visit);

  // For whoever asks for places of that type: what is not as it should be. Each is said once.
  void note(std::string_view type, const std::string& what, const std::string& hint = {});

  struct Note {
    std::string what, hint;
    std::vector<std::string_view> types;
  };
  const std::vector<Note>& notes() const { return notes_; }
  // Notes of what is read for several types are made in the name of the one that is being listed.
  void begin(std::string_view type) { type_ = type; }

 private:
  struct Refusal {
    std::string what, hint;
  };
  static Refusal refusal_of(const Error& error);
  void note(const std::optional<Refusal>& refusal);
  std::optional<std::string> read_tracefs(const std::string& path, std::optional<Refusal>& refusal);
  void read_functions();

  std::string_view type_;
  std::vector<Note> notes_;

  std::unique_ptr<KernelTypes> types_;
  std::optional<Refusal> no_types_;
  std::unordered_multimap<std::string_view, KernelTypes::Named> typed_functions_;

  bool functions_read_ = false;
  std::string function_text_;  // that their names are parts of
  std::vector<KernelFunction> functions_;
  std::unordered_set<std::string_view> thrown_away_;

  bool traceable_read_ = false;
  std::unordered_set<std::string> traceable_;
  std::optional<Refusal> not_traceable_;

  bool tracefs_sought_ = false;
  std::string tracefs_;
  std::optional<Refusal> no_tracefs_;
};

}  // namespace probe_run
