#include "attach/interface.h"

#include <fmt/format.h>
#include <net/if.h>

#include <memory>
#include <vector>

#include "attach/refusal.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string near_interfaces(const std::string& iface) {
  struct FreeNames {
    void operator()(struct if_nameindex* names) const { ::if_freenameindex(names); }
  };
  const std::unique_ptr<struct if_nameindex, FreeNames> list(::if_nameindex());
  std::vector<std::string> names;
  if (list) {
    for (const struct if_nameindex* entry = list.get(); entry->if_index != 0; ++entry)
      names.emplace_back(entry->if_name);
  }
  return suggestion(iface, views(names), "the interfaces here");
}

}  // namespace

int interface_index(const bpf_program* program, std::string_view target, const std::string& name) {
  const unsigned index = ::if_nametoindex(name.c_str());
  if (index == 0) {
    refuse(program, target, fmt::format("there is no network interface \"{}\"", escape_for_terminal(name)),
           near_interfaces(name));
  }
  return static_cast<int>(index);
}

}  // namespace probe_run
