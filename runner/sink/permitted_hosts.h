// The host names by which the endpoint may be asked.
//
// A web page can have its own name resolve to an address of this machine ("DNS rebinding"): the browser then lets the
// page read what is served here, but asks for it by that name. So addresses and localhost are permitted, and of other
// names only those that the user gives.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace probe_run {

class PermittedHosts {
 public:
  // Each is a name, ".DOMAIN" for a domain and all names below it, or "*" for any name.
  explicit PermittedHosts(std::vector<std::string> names = {}) : names_(std::move(names)) {}

  // `host` is that of the request, with or without a port; "" if it names none, which no browser does.
  bool permits(std::string_view host) const noexcept;

  // Whether it is a name in one of these forms.
  static bool is_valid(std::string_view name) noexcept;
  // "web1" of "web1:9435": what the user would have to permit.
  static std::string_view name_in(std::string_view host) noexcept;

 private:
  std::vector<std::string> names_;
};

}  // namespace probe_run
