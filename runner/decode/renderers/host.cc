// Numbers with names on this machine: users, interfaces, devices, cgroups. Without a name, the number.
#include "decode/renderer.h"

namespace probe_run {
namespace {

void append_value(const Field& field, std::uint64_t value, TextBuffer& out) noexcept {
  if (field.slot.is_signed) return append_number(out, static_cast<std::int64_t>(value));
  append_number(out, value);
}

template <NameKind Kind, class Key>
void print_name(const Field& field, Bytes record, const RenderContext& context, TextBuffer& out) noexcept {
  const std::uint64_t value = load(record, field.slot);
  if (context.names != nullptr) {
    const std::string_view name = context.names->find(Kind, name_key(static_cast<Key>(value)));
    if (!name.empty()) return out.append(name);
  }
  append_value(field, value, out);
}

// The kernel's form of a device number: 20 bits of minor below 12 of major.
void print_majorminor(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const auto device = static_cast<std::uint32_t>(load(record, field.slot));
  append_number(out, std::uint64_t{device >> 20});
  out.append(':');
  append_number(out, std::uint64_t{device & 0xfffff});
}

// What stat(2) returns, and what the kernel hands to user space: the minor's low byte is below the major.
void print_user_device(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const std::uint64_t device = load(record, field.slot);
  append_number(out, (device >> 32 & 0xfffff000) | (device >> 8 & 0xfff));
  out.append(':');
  append_number(out, (device >> 12 & 0xffffff00) | (device & 0xff));
}

using Compared = Renderer::Compared;
using enum Renderer::Takes;
using Form = Renderer::Form;
constexpr Renderer table[] = {
    {.name = "uid",
     .doc = "A user id as its login name.",
     .takes = integer,
     .form = Form::text,
     .print = print_name<NameKind::user, std::uint32_t>,
     .compared = Compared::text,
     .asks = NameKind::user},
    {.name = "gid",
     .doc = "A group id as the name of the group.",
     .takes = integer,
     .form = Form::text,
     .print = print_name<NameKind::group, std::uint32_t>,
     .compared = Compared::text,
     .asks = NameKind::group},
    {.name = "ifname",
     .doc = "The index of a network interface as its name.",
     .takes = integer,
     .form = Form::text,
     .print = print_name<NameKind::interface, std::uint32_t>,
     .compared = Compared::text,
     .asks = NameKind::interface},
    {.name = "cgroup",
     .doc = "A cgroup id as its path.",
     .takes = integer,
     .form = Form::text,
     .print = print_name<NameKind::cgroup, std::uint64_t>,
     .compared = Compared::text,
     .asks = NameKind::cgroup},
    {.name = "majorminor",
     .doc = "A device number as the kernel has it, such as s_dev of a super block (20 bits of minor): 8:1.",
     .takes = integer,
     .form = Form::string,
     .print = print_majorminor,
     .compared = Compared::text},
    {.name = "user_majorminor",
     .doc = "A device number as user space has it, such as st_dev of stat(2): 8:1.",
     .takes = integer,
     .form = Form::string,
     .print = print_user_device,
     .compared = Compared::text},
};

}  // namespace

std::span<const Renderer> host_renderers() {
  return table;
}

}  // namespace probe_run
