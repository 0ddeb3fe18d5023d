#include "object/core_relocation.h"

#include <fmt/format.h>

#include <vector>

#include "object/libbpf.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

constexpr std::string_view begin = "failed to resolve CO-RE relocation <";
constexpr int most_depth = 32;

std::string without_flavour(std::string_view name) {
  return std::string(name.substr(0, name.find("___")));
}

const btf_type* resolved(const btf* types, std::uint32_t id) {
  const btf_type* type = btf__type_by_id(types, id);
  for (int i = 0; i < most_depth && type != nullptr; ++i) {
    if (!btf_is_mod(type) && !btf_is_typedef(type)) break;
    type = btf__type_by_id(types, type->type);
  }
  return type;
}

const btf_type* find_type(const btf* types, const CoreRelocation& sought) {
  std::uint32_t kind = BTF_KIND_STRUCT;
  if (sought.kind == "union") kind = BTF_KIND_UNION;
  if (sought.kind == "enum") kind = BTF_KIND_ENUM;
  if (sought.kind == "typedef") kind = BTF_KIND_TYPEDEF;
  std::int32_t id = btf__find_by_name_kind(types, sought.type.c_str(), kind);
  if (id < 0 && kind == BTF_KIND_ENUM)
    id = btf__find_by_name_kind(types, sought.type.c_str(), BTF_KIND_ENUM64);
  return id < 0 ? nullptr : resolved(types, static_cast<std::uint32_t>(id));
}

// Members of anonymous members count as the type's own.
void collect_members(const btf* types, const btf_type* type, int depth, std::string_view wanted,
                     std::vector<std::string_view>& names, const btf_type*& found) {
  if (type == nullptr || !btf_is_composite(type) || depth > most_depth) return;
  const btf_member* const members = btf_members(type);
  for (std::uint16_t i = 0; i < btf_vlen(type); ++i) {
    const char* const name = btf__name_by_offset(types, members[i].name_off);
    if (name == nullptr) continue;
    if (*name == '\0') {
      collect_members(types, resolved(types, members[i].type), depth + 1, wanted, names, found);
      continue;
    }
    names.emplace_back(name);
    if (name == wanted) found = resolved(types, members[i].type);
  }
}

std::string near(std::string_view name, const std::vector<std::string_view>& names) {
  const std::string_view found = nearest(name, names);
  return found.empty() ? std::string() : fmt::format("; did you mean \"{}\"?", escape_for_terminal(found));
}

std::string missing_field(const btf* kernel, const btf_type* type, const CoreRelocation& sought) {
  std::string owner = fmt::format("{} {}", sought.kind, sought.type);
  std::string_view rest = sought.path;
  while (!rest.empty()) {
    const std::string_view name = rest.substr(0, rest.find_first_of(".["));
    std::vector<std::string_view> names;
    const btf_type* next = nullptr;
    collect_members(kernel, type, 0, name, names, next);
    if (next == nullptr) {
      return fmt::format("this kernel's {} has no field \"{}\"{}", escape_for_terminal(owner),
                         escape_for_terminal(name), near(name, names));
    }
    const std::size_t dot = rest.find('.');
    if (dot == std::string_view::npos) break;
    owner += fmt::format(".{}", name);
    type = next;
    rest.remove_prefix(dot + 1);
  }
  return {};
}

}  // namespace

std::optional<CoreRelocation> parse_core_relocation(std::string_view line) {
  const std::size_t at = line.find(begin);
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + begin.size());
  const std::size_t id_end = line.find("] ");
  if (id_end == std::string_view::npos) return std::nullopt;
  line.remove_prefix(id_end + 2);
  line = line.substr(0, line.find(" ("));
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  CoreRelocation found;
  found.kind = line.substr(0, space);
  line.remove_prefix(space + 1);
  line = line.substr(0, line.find(" = "));  // a constant's value
  const std::size_t colons = line.find("::");
  const std::size_t cut = colons == std::string_view::npos ? line.find('.') : colons;
  found.type = without_flavour(line.substr(0, cut));
  if (cut != std::string_view::npos)
    found.path = line.substr(cut + (colons == std::string_view::npos ? 1 : 2));
  return found;
}

std::string explain_core_relocation(const CoreRelocation& sought, const btf* kernel) {
  const std::string type = escape_for_terminal(fmt::format("{} {}", sought.kind, sought.type));
  if (kernel != nullptr) {
    const btf_type* const found = find_type(kernel, sought);
    if (found == nullptr) return fmt::format("this kernel has no {}", type);
    if (std::string missing = missing_field(kernel, found, sought); !missing.empty() && sought.kind != "enum")
      return missing;
  }
  if (sought.path.empty()) return fmt::format("this kernel has no {} that matches the program's", type);
  return fmt::format("this kernel's {} has no {} \"{}\" that matches the program's", type,
                     sought.kind == "enum" ? "constant" : "field",
                     escape_for_terminal(without_flavour(sought.path)));
}

}  // namespace probe_run
