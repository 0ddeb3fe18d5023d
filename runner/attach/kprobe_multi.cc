// Many functions of the kernel at once.
#include <fmt/format.h>

#include <cerrno>

#include "attach/families.h"
#include "attach/libbpf_version.h"
#include "attach/refusal.h"
#include "attach/traceable_functions.h"
#include "object/zeroed_options.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

template <class Point>
std::string describe_functions(const Point& point) {
  std::string text = fmt::format("{}:", Point::type);
  if (point.pattern) return text + escape_for_terminal(**point.pattern);
  const auto& items = point.symbols->items;
  text += escape_for_terminal(*items.front());
  return items.size() == 1 ? text : fmt::format("{} and {} more", text, items.size() - 1);
}

template <class Point>
Attachment attach_functions(bpf_program* program, const Point& point, const std::string& target,
                            bpf_kprobe_multi_opts options) {
  const std::vector<std::string> functions = chosen_functions(program, target, point.pattern, point.symbols);
  std::vector<const char*> names;
  names.reserve(functions.size());
  for (const std::string& name : functions) names.push_back(name.c_str());
  options.syms = names.data();
  options.cnt = names.size();
  LinkHandle link(bpf_program__attach_kprobe_multi_opts(program, nullptr, &options));
  if (!link) {
    const int error = errno;
    if (error == EOPNOTSUPP || error == ENOTSUP || error == EINVAL) {
      refuse(
          program, target,
          fmt::format("this kernel cannot probe many functions at once ({})", errno_text(error)),
          "it needs Linux 5.18 with CONFIG_FPROBE; name the functions one by one with the type \"kprobe\"");
    }
    refuse(program, target, error,
           error == ESRCH || error == ENOENT ? "one of the functions cannot be traced; see "
                                               "/sys/kernel/tracing/available_filter_functions"
                                             : std::string());
  }
  return {point.pattern ? fmt::format("{} ({} functions)", target, functions.size()) : target,
          std::move(link)};
}

}  // namespace

std::string describe_target(const KprobeMultiAttach& point) {
  return fmt::format("{}{}", describe_functions(point), point.at_return ? " (return)" : "");
}

Fd prepare_for(bpf_program* program, const KprobeMultiAttach&) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_MULTI);
  return {};
}

Attachment attach_to(bpf_program* program, const KprobeMultiAttach& point) {
  auto options = zeroed_options<bpf_kprobe_multi_opts>();
  options.retprobe = point.at_return;
  return attach_functions(program, point, describe_target(point), options);
}

std::string describe_target(const KprobeSessionAttach& point) {
  return describe_functions(point);
}

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 5
Fd prepare_for(bpf_program* program, const KprobeSessionAttach&) {
  bpf_program__set_expected_attach_type(program, BPF_TRACE_KPROBE_SESSION);
  return {};
}

Attachment attach_to(bpf_program* program, const KprobeSessionAttach& point) {
  auto options = zeroed_options<bpf_kprobe_multi_opts>();
  options.session = true;
  return attach_functions(program, point, describe_target(point), options);
}
#else
Attachment attach_to(bpf_program* program, const KprobeSessionAttach& point) {
  refuse_old_libbpf(program, describe_target(point), KprobeSessionAttach::type, libbpf_needed(point));
}
#endif

}  // namespace probe_run
