#include "attach/link_pin.h"

#include <fmt/format.h>

#include <cerrno>
#include <string>

#include "spec/program_spec.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::size_t kernel_name = BPF_OBJ_NAME_LEN - 1;  // of a program's name the kernel keeps so much

std::string subject_of(const ProgramSpec& program) {
  return fmt::format("the link of the program \"{}\"", escape_for_terminal(*program.name));
}

struct ProgramBehind {
  std::string name;  // as the kernel has it
  int error = 0;     // why it does not say
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
    throw Error(
        fmt::format("{} cannot be pinned at {}: {} is pinned there", subject, shown, words_for(pinned.kind)),
        "choose another path");
  }
  const auto [name, error] = program_behind(pinned.fd.get());
  if (error != 0) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: the kernel does not say which program the link there is "
                    "of: {}",
                    subject, shown, errno_text(error)),
        error == EPERM ? fmt::format("asking takes CAP_SYS_ADMIN, which no user namespace and no token "
                                     "stands in for; `rm {}` detaches that program",
                                     shown)
                       : std::string());
  }
  if (name != program.name->substr(0, kernel_name)) {
    throw Error(fmt::format("{} cannot be pinned at {}: the link there is of the program \"{}\"", subject,
                            shown, escape_for_terminal(name)),
                fmt::format("choose another path; `rm {}` detaches that program", shown));
  }
  if (!program.reuse_pin) {
    throw Error(
        fmt::format("{} cannot be pinned at {}: the program is attached there already", subject, shown),
        fmt::format("\"reuse_pin\": true leaves it as it is; `rm {}` detaches it", shown));
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
                "a pin is of one link: give each attach point a program of its own in the object");
  }
  const int fd = descriptor_of(attachment.links.front());
  if (fd < 0 || kind_of(fd) != PinnedKind::link) {
    throw Error(
        fmt::format("{} cannot be pinned: for {} this kernel has no link", subject, attachment.description),
        "kprobes, uprobes, tracepoints and perf events have links since Linux 5.15, network "
        "interfaces (xdp) since 5.9, tables of struct_ops since 6.4");
  }
  pins.pin(subject, fd, **program.pin);
  attachment.is_pinned = true;
}

void leave_attached(Attachment& attachment) {
  if (!attachment.is_pinned) return;
  for (const Link& link : attachment.links) {
    // libbpf would detach a perf event, pinned or not.
    if (const auto* const handle = std::get_if<LinkHandle>(&link)) bpf_link__disconnect(handle->get());
  }
}

}  // namespace probe_run
