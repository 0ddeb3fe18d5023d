// The sources in which places of several types are found, each read once at its first use; and notes about what
// could not be read.
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
  // nullptr if the kernel's BTF cannot be read, which adds a note.
  const KernelTypes* types();
  // The BTF's prototype of a function of that name, in that module if it is not "".
  std::optional<CPrototype> prototype(std::string_view function, std::string_view module);

  // Sorted by address, without symbols that only look like functions (padding, cold parts, code discarded after
  // boot). Empty if kallsyms cannot be read, without a note.
  const std::vector<KernelFunction>& functions();
  // Whether the function was discarded after boot. False if addresses are hidden.
  bool is_thrown_away(std::string_view function);
  // Also true if kallsyms cannot be read: only a readable list shows that something is missing.
  bool may_have_function(std::string_view name);

  // The functions that ftrace can trace, including those of modules. nullptr if unknown, which adds a note.
  const std::unordered_set<std::string>* traceable_functions();

  // A file of tracefs: "events/sched/sched_switch/format". nullopt if it cannot be read, which adds a note.
  std::optional<std::string> tracefs_file(const std::string& path);

  // Calls visit("sched:sched_switch", "sched", "sched_switch") for each event; never if tracefs cannot be read.
  void each_event(const std::function<void(std::string_view event, std::string_view category,
                                           std::string_view name)>& visit);

  // Adds a note for users who list places of that type. Each is reported once.
  void note(std::string_view type, const std::string& what, const std::string& hint = {});

  struct Note {
    std::string what, hint;
    std::vector<std::string_view> types;
  };
  const std::vector<Note>& notes() const { return notes_; }
  // Notes about sources shared by several types are attributed to the type being listed.
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
  std::string function_text_;  // the names are parts of it
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
