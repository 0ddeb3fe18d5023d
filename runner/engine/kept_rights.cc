#include "engine/kept_rights.h"

#include <algorithm>

namespace probe_run {

void KeptRights::keep(Capabilities rights, std::string_view purpose) {
  rights = rights & Capabilities::held();
  if (rights.empty()) return;
  all_.add(rights);
  const auto known = std::find_if(reasons_.begin(), reasons_.end(),
                                  [&](const Reason& reason) { return reason.purpose == purpose; });
  if (known == reasons_.end())
    reasons_.push_back({rights, purpose});
  else
    known->rights.add(rights);
}

void KeptRights::keep_in_force(Capabilities rights, std::string_view purpose) {
  keep(rights, purpose);
  always_.add(rights);
}

}  // namespace probe_run
