#include "attach/attach.h"

#include <net/if.h>

#include <type_traits>

#include "attach/attach_type.h"
#include "attach/binary_path.h"
#include "attach/newer_section.h"
#include "support/stop_signal.h"

namespace probe_run {

namespace {

// The section has a name of the author's own: the spec says what the program is.
void take_types(bpf_program* program, const Section& section) {
  bpf_program__set_type(program, static_cast<bpf_prog_type>(type_for_own_section(section)));
  if (!section.attach_types.empty())
    bpf_program__set_expected_attach_type(program,
                                          static_cast<bpf_attach_type>(section.attach_types.front()));
}

}  // namespace

Fd prepare(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  choose_types(program);
  if (bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC) take_types(program, attach_type(point).section);
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
  if constexpr (std::is_same_v<Point, KprobeAttach> || std::is_same_v<Point, KretprobeAttach>) {
    attachment.function = {*point.symbol, point.module ? **point.module : std::string()};
  }
}

// The file that the point is in, before it is attached to: what replaces it in between is noticed. A single process
// that runs already keeps the file that it has.
std::optional<Attachment::File> file_of(const AttachPoint& point) {
  return std::visit(
      [](const auto& alternative) -> std::optional<Attachment::File> {
        if constexpr (requires {
                        alternative.binary;
                        alternative.pid;
                      }) {
          if (alternative.pid) return std::nullopt;
          try {
            std::string path = locate_binary(*alternative.binary);
            const FileState state = state_of(path);
            return Attachment::File{std::move(path), state};
          } catch (const Error&) {
            return std::nullopt;  // reported by the attach type
          }
        } else {
          return std::nullopt;
        }
      },
      point);
}

template <class Point, class... Others>
constexpr bool is_one_of = (std::is_same_v<Point, Others> || ...);

// By now, "auto" is the type of the section's target.
bool is_kernel_probe(const AttachPoint& point) {
  return std::visit(
      []<class Point>(const Point&) {
        return is_one_of<Point, KprobeAttach, KretprobeAttach, KsyscallAttach, KretsyscallAttach,
                         KprobeMultiAttach, KprobeSessionAttach>;
      },
      point);
}

}  // namespace

bool follows_file(const AttachPoint& point) {
  return std::visit(
      [](const auto& alternative) {
        if constexpr (requires { alternative.follow; }) {
          return alternative.follow;
        } else {
          return false;
        }
      },
      point);
}

Attachment attach(BpfObject& object, const std::string& name, const AttachPoint& point) {
  stop_if_asked();
  bpf_program* const program = object.program(name);
  std::optional<Attachment::File> file = file_of(point);
  Attachment attachment = attach_type(point).attach(object, program, point);
  attachment.program = name;
  attachment.is_kernel_probe = is_kernel_probe(point);
  attachment.file = std::move(file);
  if (attachment.file && follows_file(point))
    attachment.again = [&object, name, point] { return attach(object, name, point); };
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
