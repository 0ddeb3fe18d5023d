// fentry, fexit and fmod_ret: programs before, after and instead of kernel functions, with typed arguments.
#include <fmt/format.h>
#include <linux/bpf.h>

#include <optional>
#include <unordered_set>

#include "attach/btf_target.h"
#include "attach/define_attach_type.h"
#include "listing/search.h"
#include "support/error.h"
#include "support/fd.h"
#include "support/rights.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

std::string words(std::string_view type, const std::string& name) {
  return fmt::format("{}:{}", type, escape_for_terminal(name));
}

std::string describe_target(const FentryAttach& point) {
  return words(FentryAttach::type, *point.function);
}

std::string describe_target(const FexitAttach& point) {
  return words(FexitAttach::type, *point.function);
}

std::string describe_target(const FmodRetAttach& point) {
  return words(FmodRetAttach::type, *point.function);
}

// fentry, fexit and fmod_ret differ only in when the program runs, so the spec may choose among them.
template <class Point>
void prepare_function(bpf_program* program, const Point& point, bpf_attach_type type) {
  bpf_program__set_expected_attach_type(program, type);
  set_btf_target(program, describe_target(point), *point.function, KernelTarget::function);
}

Attachment attach_trampoline(bpf_program* program, std::string target) {
  LinkHandle link = attach_btf_target(program, target);
  return {std::move(target), std::move(link)};
}

constexpr const char* injection_path = "/sys/kernel/debug/error_injection/list";
constexpr std::size_t file_limit = std::size_t{16} << 20;

void add_function(Search& search, const KernelTypes::Named& function) {
  Place& place = search.add(std::string(function.name));
  if (!search.details()) return;
  place.attach = {{"function", place.target}};
  if (std::optional<CPrototype> prototype = search.machine().types()->prototype(function))
    place.signature = signature_of(place.target, std::move(*prototype));
}

// Functions whose return value may be changed: "do_mkdirat [vmlinux]\tERRNO".
std::optional<std::unordered_set<std::string>> functions_that_may_fail(Search& search) {
  std::string text;
  const InForce raised = raise_rights(kernel_file_rights);
  try {
    text = read_file(injection_path, file_limit);
  } catch (const Error& error) {
    search.note(fmt::format("{}: only security hooks are listed", error.diagnostics().front().what),
                "run as root, with debugfs mounted and a kernel with CONFIG_FUNCTION_ERROR_INJECTION");
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

Fd prepare_for(bpf_program* program, const FentryAttach& point) {
  prepare_function(program, point, BPF_TRACE_FENTRY);
  return {};
}

Fd prepare_for(bpf_program* program, const FexitAttach& point) {
  prepare_function(program, point, BPF_TRACE_FEXIT);
  return {};
}

Fd prepare_for(bpf_program* program, const FmodRetAttach& point) {
  prepare_function(program, point, BPF_MODIFY_RETURN);
  return {};
}

Attachment attach_to(bpf_program* program, const FentryAttach& point) {
  return attach_trampoline(program, describe_target(point));
}

Attachment attach_to(bpf_program* program, const FexitAttach& point) {
  return attach_trampoline(program, describe_target(point));
}

Attachment attach_to(bpf_program* program, const FmodRetAttach& point) {
  return attach_trampoline(program, describe_target(point));
}

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

}  // namespace

template <>
struct AttachTypeOf<FentryAttach> {
  static Section section() {
    return {"fentry", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 5};
  static constexpr std::string_view example = R"("function": "do_sys_openat2")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_trampolines};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const FentryAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const FentryAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const FentryAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<FentryAttach>();

template <>
struct AttachTypeOf<FexitAttach> {
  static Section section() {
    return {"fexit", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 5};
  static constexpr std::string_view example = R"("function": "do_sys_openat2")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_trampolines, {}, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const FexitAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const FexitAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const FexitAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<FexitAttach>();

template <>
struct AttachTypeOf<FmodRetAttach> {
  static Section section() {
    return {"fmod_ret", {BPF_PROG_TYPE_TRACING}, {BPF_TRACE_FENTRY, BPF_TRACE_FEXIT, BPF_MODIFY_RETURN}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel{5, 7};
  static constexpr std::string_view example = R"("function": "do_mkdirat")";
  static constexpr Company company = Company::none;
  static constexpr Pinning pinning = one_link;
  static constexpr Places places{list_changed_returns, {}, true};
  static constexpr auto check = nothing_to_check;
  static Fd prepare(BpfObject&, bpf_program* program, const FmodRetAttach& point) {
    return prepare_for(program, point);
  }
  static Attachment attach(BpfObject&, bpf_program* program, const FmodRetAttach& point) {
    return attach_to(program, point);
  }
  static std::string describe(const FmodRetAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<FmodRetAttach>();

}  // namespace probe_run
