#include "attach/link_pin.h"

#include <fmt/format.h>

#include <cerrno>
#include <string>

#include "spec/program_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t kernel_name = BPF_OBJ_NAME_LEN - 1;  // the kernel truncates program names to this

std::string subject_of(const ProgramSpec& program) {
  return fmt::format("the link of the program \"{}\"", escape_for_terminal(*program.name));
}

struct ProgramBehind {
  std::string name;  // as reported by the kernel
  int error = 0;     // why it is unknown
};
ProgramBehind program_behind(int link) {
  bpf_link_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(link, &info, &size) != 0) return {{}, errno};
  const Fd program(bpf_prog_get_fd_by_id(info.prog_id));
  bpf_prog_info about{};
  size = sizeof about;
  if (!program || bpf_obj_get_info_by_fd(program.get(), &about, &size) != 0) return {{}, errno};
  return {about.name, 0};
}

}  // namespace

std::optional<Attachment> find_pinned_link(const ProgramSpec& program) {
  const std::string subject = subject_of(program);
  const std::string& path = **program.pin;
  const std::string shown = escape_for_terminal(path);
  Pinned pinned = look_up_pin(subject, path);
  if (pinned.kind == PinnedKind::none) return std::nullopt;
  if (pinned.kind != PinnedKind::link) {
    throw Error(fmt::format("{} cannot be pinned at {}: {} is already pinned there", subject, shown,
                            words_for(pinned.kind)),
                "choose another path");
  }
  const auto [name, error] = program_behind(pinned.fd.get());
  if (error != 0) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: cannot find out which program the existing link belongs "
                    "to: {}",
                    subject, shown, errno_text(error)),
        error == EPERM ? fmt::format("this needs CAP_SYS_ADMIN, which a user namespace or a token does "
                                     "not replace; `rm {}` detaches that program",
                                     shown)
                       : std::string());
  }
  if (name != program.name->substr(0, kernel_name)) {
    throw Error(fmt::format("{} cannot be pinned at {}: the link there belongs to the program \"{}\"",
                            subject, shown, escape_for_terminal(name)),
                fmt::format("choose another path; `rm {}` detaches that program", shown));
  }
  if (!program.reuse_pin) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: the program is already attached by this pin", subject, shown),
        fmt::format("add \"reuse_pin\": true to keep that link, or detach it: rm {}", shown));
  }
  Attachment attachment(fmt::format("the link pinned at {}", shown), std::move(pinned.fd));
  attachment.program = *program.name;
  return attachment;
}

void pin_link(const ProgramSpec& program, Attachment& attachment, Pins& pins) {
  const std::string subject = subject_of(program);
  if (attachment.links.size() != 1) {
    throw Error(fmt::format("{} cannot be pinned: {} is {} links", subject, attachment.description,
                            attachment.links.size()),
                "a pin holds one link: use a separate program in the object for each attach point");
  }
  const int fd = descriptor_of(attachment.links.front());
  if (fd < 0 || kind_of(fd) != PinnedKind::link) {
    throw Error(
        fmt::format("{} cannot be pinned: this kernel has no links for {}", subject, attachment.description),
        "links need Linux 5.15 for kprobes, uprobes, tracepoints and perf events, 5.9 for xdp, and 6.4 for "
        "struct_ops");
  }
  pins.pin(subject, fd, **program.pin);
  attachment.is_pinned = true;
}

void leave_attached(Attachment& attachment) {
  if (!attachment.is_pinned) return;
  for (const Link& link : attachment.links) {
    // libbpf would detach a perf event even if it is pinned.
    if (const auto* const handle = std::get_if<LinkHandle>(&link)) bpf_link__disconnect(handle->get());
  }
}

}  // namespace probe_run
