#include "attach/attach.h"

#include <net/if.h>

#include <string_view>
#include <type_traits>

#include "attach/attach_type.h"
#include "attach/newer_section.h"
#include "support/stop_signal.h"

namespace probe_run {

Fd prepare(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  choose_types(program);
  return attach_type(point).prepare(object, program, point);
}

namespace {

// What the attachment depends on is named in the spec, by the same keys in all families.
template <class Point>
void bind_to(Attachment& attachment, const Point& point) {
  if constexpr (requires { point.iface; }) {
    const std::string& name = *point.iface;
    attachment.interface = {name, static_cast<int>(::if_nametoindex(name.c_str()))};
  }
  if constexpr (requires { point.pid; }) {
    if (point.pid) attachment.process = static_cast<int>(**point.pid);
  }
}

template <class Point, class... Others>
constexpr bool is_one_of = (std::is_same_v<Point, Others> || ...);

bool is_kernel_probe(const bpf_program* program, const AttachPoint& point) {
  return std::visit(
      [&]<class Point>(const Point&) {
        if constexpr (std::is_same_v<Point, AutoAttach>) {
          const std::string_view section = bpf_program__section_name(program);
          return section.starts_with("kprobe") || section.starts_with("kretprobe") ||
                 section.starts_with("ksyscall") || section.starts_with("kretsyscall");
        }
        return is_one_of<Point, KprobeAttach, KretprobeAttach, KsyscallAttach, KretsyscallAttach,
                         KprobeMultiAttach, KprobeSessionAttach>;
      },
      point);
}

}  // namespace

Attachment attach(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  Attachment attachment = attach_type(point).attach(object, program, point);
  attachment.program = name;
  attachment.is_kernel_probe = is_kernel_probe(program, point);
  std::visit([&](const auto& alternative) { bind_to(attachment, alternative); }, point);
  return attachment;
}

int descriptor_of(const Link& link) {
  if (const auto* const handle = std::get_if<LinkHandle>(&link)) return bpf_link__fd(handle->get());
  if (const auto* const fd = std::get_if<Fd>(&link)) return fd->get();
  return -1;
}

std::string describe(const AttachPoint& point) {
  return attach_type(point).describe(point);
}

}  // namespace probe_run
