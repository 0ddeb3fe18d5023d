// Numbers that this machine has names for: users, interfaces, devices, cgroups. Without a name, the number.
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

// As the kernel keeps a device number: 20 bits of minor below 12 of major.
void print_majorminor(const Field& field, Bytes record, const RenderContext&, TextBuffer& out) noexcept {
  const auto device = static_cast<std::uint32_t>(load(record, field.slot));
  append_number(out, std::uint64_t{device >> 20});
  out.append(':');
  append_number(out, std::uint64_t{device & 0xfffff});
}

using enum Renderer::Takes;
using enum Renderer::Form;
constexpr Renderer table[] = {
    {"uid", "A user id by its login name.", integer, text, print_name<NameKind::user, std::uint32_t>, nullptr,
     NameKind::user},
    {"gid", "A group id by the group's name.", integer, text, print_name<NameKind::group, std::uint32_t>,
     nullptr, NameKind::group},
    {"ifname", "A network interface's index by its name.", integer, text,
     print_name<NameKind::interface, std::uint32_t>, nullptr, NameKind::interface},
    {"cgroup", "A cgroup's id by its path.", integer, text, print_name<NameKind::cgroup, std::uint64_t>,
     nullptr, NameKind::cgroup},
    {"majorminor", "A device number of the kernel (dev_t): 8:1.", integer, string, print_majorminor},
};

}  // namespace

std::span<const Renderer> host_renderers() {
  return table;
}

}  // namespace probe_run
