// LSM: security hooks of the kernel.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <fstream>
#include <unordered_set>

#include "attach/btf_target.h"
#include "attach/define_attach_type.h"
#include "listing/search.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

// "" if unknown.
std::string active_security_modules() {
  std::ifstream file("/sys/kernel/security/lsm");
  std::string line;
  std::getline(file, line);
  return line;
}

std::string describe_target(const LsmAttach& point) {
  return fmt::format("{}:{}", LsmAttach::type, escape_for_terminal(*point.hook));
}

Fd prepare_for(bpf_program* program, const LsmAttach& point) {
  set_btf_target(program, describe_target(point), *point.hook, KernelTarget::security_hook);
  return {};
}

Attachment attach_to(bpf_program* program, const LsmAttach& point) {
  std::string target = describe_target(point);
  LinkHandle link = attach_btf_target(program, target);
  Attachment attachment(std::move(target), std::move(link));
  const std::string modules = active_security_modules();
  if (!modules.empty() && fmt::format(",{},", modules).find(",bpf,") == std::string::npos) {
    attachment.warning = fmt::format(
        "{}: the program will never run: bpf is not an active security module of this kernel ({}); boot "
        "with lsm={},bpf",
        attachment.description, escape_for_terminal(modules), escape_for_terminal(modules));
  }
  return attachment;
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
        fmt::format("programs will never run: bpf is not an active security module of this kernel ({})",
                    escape_for_terminal(modules)),
        fmt::format("boot with lsm={},bpf", escape_for_terminal(modules)));
  }
  // Other functions have this prefix, too. The fields of this union are the hooks.
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

}  // namespace

template <>
struct AttachTypeOf<LsmAttach> {
  static Section section() { return {"lsm", {BPF_PROG_TYPE_LSM}, {BPF_LSM_MAC}}; }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 7};
  static constexpr std::string_view example = R"("hook": "file_open")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_security_hooks};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const LsmAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const LsmAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const LsmAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<LsmAttach>();

}  // namespace probe_run
