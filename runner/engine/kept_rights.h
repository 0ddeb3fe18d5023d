// The rights that a run keeps after its programs are attached, and what for.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "support/rights.h"

namespace probe_run {

class KeptRights {
 public:
  struct Reason {
    Capabilities rights;
    std::string_view purpose;  // "to read maps"
  };

  // To be raised when they are needed. Those that the process does not have are left out.
  void keep(Capabilities rights, std::string_view purpose);
  // In force all the time: they are needed too often.
  void keep_in_force(Capabilities rights, std::string_view purpose);

  const std::vector<Reason>& reasons() const { return reasons_; }

  // Gives up all others. REQUIRES: there is only one thread
  void give_up_others() const noexcept { give_up_rights(all_, always_); }

 private:
  Capabilities all_, always_;
  std::vector<Reason> reasons_;
};

// What an action takes that can be undone by other means than rights, such as looking at a file of root: nothing if it
// succeeds without, else those of `rights` that are held.
template <class Action>
Capabilities needed_for(Capabilities rights, const Action& succeeds) {
  const InForce nothing{Capabilities()};
  return succeeds() ? Capabilities() : rights;
}

}  // namespace probe_run
