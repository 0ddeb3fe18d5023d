// Functions whose arguments have the kernel's types: their entry, their return, the security hooks.
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <unordered_set>

#include "listing/families.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr const char* injection_path = "/sys/kernel/debug/error_injection/list";
constexpr std::size_t file_limit = std::size_t{16} << 20;

void add_function(Search& search, const KernelTypes::Named& function) {
  Place& place = search.add(std::string(function.name));
  if (!search.details()) return;
  place.attach = {{"function", place.target}};
  if (std::optional<CPrototype> prototype = search.machine().types()->prototype(function))
    place.signature = signature_of(place.target, std::move(*prototype));
}

// Functions that may be made to fail: "do_mkdirat [vmlinux]\tERRNO".
std::optional<std::unordered_set<std::string>> functions_that_may_fail(Search& search) {
  std::string text;
  try {
    text = read_file(injection_path, file_limit);
  } catch (const Error& error) {
    search.note(
        fmt::format("{}: only security hooks are listed", error.diagnostics().front().what),
        "root can read it where debugfs is mounted and the kernel has CONFIG_FUNCTION_ERROR_INJECTION");
    return std::nullopt;
  }
  std::unordered_set<std::string> names;
  for (std::string_view rest = text; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    names.emplace(line.substr(0, line.find_first_of(" \t")));
  }
  return names;
}

// "" where the kernel does not say.
std::string active_security_modules() {
  std::ifstream file("/sys/kernel/security/lsm");
  std::string line;
  std::getline(file, line);
  return line;
}

}  // namespace

void list_trampolines(Search& search) {
  const KernelTypes* const types = search.machine().types();
  if (types == nullptr) return;
  const std::unordered_set<std::string>* const traceable = search.machine().traceable_functions();
  for (const KernelTypes::Named& function : types->all(KernelTypes::Kind::function)) {
    if (!search.wants(function.name) || !KernelTypes::fits_trampoline(function)) continue;
    if (traceable != nullptr ? !traceable->contains(std::string(function.name))
                             : search.machine().is_thrown_away(function.name)) {
      continue;
    }
    add_function(search, function);
  }
}

void list_changed_returns(Search& search) {
  const KernelTypes* const types = search.machine().types();
  if (types == nullptr) return;
  const std::optional<std::unordered_set<std::string>> may_fail = functions_that_may_fail(search);
  for (const KernelTypes::Named& function : types->all(KernelTypes::Kind::function)) {
    if (!search.wants(function.name) || !KernelTypes::fits_trampoline(function)) continue;
    const bool may = may_fail && may_fail->contains(std::string(function.name));
    if (may || function.name.starts_with("security_")) add_function(search, function);
  }
}

void list_security_hooks(Search& search) {
  constexpr std::string_view prefix = "bpf_lsm_";
  const KernelTypes* const types = search.machine().types();
  if (types == nullptr) return;
  const std::vector<KernelTypes::Named> functions = types->all(KernelTypes::Kind::function, prefix);
  if (functions.empty()) {
    search.note("this kernel has no security hooks for BPF (CONFIG_BPF_LSM)");
    return;
  }
  const std::string modules = active_security_modules();
  if (!modules.empty() && fmt::format(",{},", modules).find(",bpf,") == std::string::npos) {
    search.note(
        fmt::format("programs are never called there, because bpf is not among this kernel's security "
                    "modules ({})",
                    escape_for_terminal(modules)),
        fmt::format("boot with lsm={},bpf", escape_for_terminal(modules)));
  }
  // Other functions begin so, too. The fields of this union are the hooks.
  std::unordered_set<std::string_view> hooks;
  if (const auto options = types->find(KernelTypes::Kind::union_, "security_list_options")) {
    for (const std::string_view name : types->field_names(*options)) hooks.insert(name);
  }
  for (const KernelTypes::Named& function : functions) {
    const std::string_view hook = function.name.substr(prefix.size());
    if ((!hooks.empty() && !hooks.contains(hook)) || !search.wants(hook)) continue;
    Place& place = search.add(std::string(hook));
    if (!search.details()) continue;
    place.attach = {{"hook", place.target}};
    if (std::optional<CPrototype> prototype = types->prototype(function))
      place.signature = signature_of(place.target, std::move(*prototype));
  }
}

}  // namespace probe_run
