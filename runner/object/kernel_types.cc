#include "object/kernel_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "object/libbpf.h"
#include "support/error.h"

namespace probe_run {
namespace {

constexpr const char* directory = "/sys/kernel/btf";
constexpr const char* own_path = "/sys/kernel/btf/vmlinux";
constexpr unsigned most_arguments = 12;  // of a function with a trampoline

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

unsigned kind_number(KernelTypes::Kind kind) {
  switch (kind) {
    case KernelTypes::Kind::function:
      return BTF_KIND_FUNC;
    case KernelTypes::Kind::type_definition:
      return BTF_KIND_TYPEDEF;
    case KernelTypes::Kind::structure:
      return BTF_KIND_STRUCT;
    case KernelTypes::Kind::union_:
      break;
  }
  return BTF_KIND_UNION;
}

std::vector<std::string> module_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().filename() != "vmlinux") names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

struct KernelTypes::Table {
  std::unique_ptr<btf, FreeBtf> types;
  std::string module;
  std::uint32_t first = 1;  // those before it are the kernel's own
};

KernelTypes::KernelTypes() = default;
KernelTypes::~KernelTypes() = default;
KernelTypes::KernelTypes(KernelTypes&&) noexcept = default;
KernelTypes& KernelTypes::operator=(KernelTypes&&) noexcept = default;

KernelTypes KernelTypes::of_this_kernel() {
  KernelTypes kernel;
  std::unique_ptr<btf, FreeBtf> own(btf__parse_raw(own_path));
  if (!own) {
    const int error = errno;
    throw Error(fmt::format("cannot read the kernel's types in {}: {}", own_path, errno_text(error)),
                error == ENOENT ? "use a kernel with CONFIG_DEBUG_INFO_BTF" : "");
  }
  const btf* const base = own.get();
  const std::uint32_t first = btf__type_cnt(base);
  kernel.tables_.push_back({std::move(own), {}, 1});
  for (std::string& module : module_names()) {
    const std::string path = fmt::format("{}/{}", directory, module);
    std::unique_ptr<btf, FreeBtf> types(
        btf__parse_raw_split(path.c_str(), const_cast<btf*>(base)));  // NOLINT(*-const-cast)
    if (types) kernel.tables_.push_back({std::move(types), std::move(module), first});
  }
  return kernel;
}

KernelTypes::KernelTypes(std::span<const std::byte> btf_bytes) {
  std::unique_ptr<btf, FreeBtf> types(
      btf__new(btf_bytes.data(), static_cast<std::uint32_t>(btf_bytes.size())));
  if (!types) throw Error(fmt::format("malformed BTF: {}", errno_text(errno)));
  tables_.push_back({std::move(types), {}, 1});
}

std::vector<KernelTypes::Named> KernelTypes::all(Kind kind, std::string_view prefix) const {
  std::vector<Named> found;
  const unsigned wanted = kind_number(kind);
  for (const Table& table : tables_) {
    const std::uint32_t end = btf__type_cnt(table.types.get());
    for (std::uint32_t id = table.first; id < end; ++id) {
      const btf_type* const type = btf__type_by_id(table.types.get(), id);
      if (type == nullptr || btf_kind(type) != wanted) continue;
      const char* const text = btf__name_by_offset(table.types.get(), type->name_off);
      const std::string_view name = text == nullptr ? "" : text;
      if (!name.empty() && name.starts_with(prefix))
        found.push_back({name, table.types.get(), id, table.module});
    }
  }
  return found;
}

std::optional<KernelTypes::Named> KernelTypes::find(Kind kind, std::string_view name) const {
  const unsigned wanted = kind_number(kind);
  for (const Table& table : tables_) {
    const std::uint32_t end = btf__type_cnt(table.types.get());
    for (std::uint32_t id = table.first; id < end; ++id) {
      const btf_type* const type = btf__type_by_id(table.types.get(), id);
      if (type == nullptr || btf_kind(type) != wanted) continue;
      const char* const text = btf__name_by_offset(table.types.get(), type->name_off);
      if (text != nullptr && name == text) return Named{text, table.types.get(), id, table.module};
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> KernelTypes::field_names(const Named& named) const {
  std::vector<std::string_view> names;
  const btf_type* const type = btf__type_by_id(named.types, named.id);
  if (type == nullptr || !btf_is_composite(type)) return names;
  for (unsigned i = 0; i < btf_vlen(type); ++i) {
    const char* const name = btf__name_by_offset(named.types, btf_members(type)[i].name_off);
    if (name != nullptr) names.emplace_back(name);
  }
  return names;
}

bool KernelTypes::fits_trampoline(const Named& function) {
  const btf_type* const type = btf__type_by_id(function.types, function.id);
  const btf_type* const prototype = type == nullptr ? nullptr : btf__type_by_id(function.types, type->type);
  if (prototype == nullptr || btf_kind(prototype) != BTF_KIND_FUNC_PROTO) return false;
  const unsigned count = btf_vlen(prototype);
  const bool variadic = count > 0 && btf_params(prototype)[count - 1].type == 0;
  return count <= most_arguments && !variadic;
}

}  // namespace probe_run
