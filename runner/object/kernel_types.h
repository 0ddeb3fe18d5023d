// The types of the running kernel and of its modules, as its BTF describes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "object/c_declaration.h"

namespace probe_run {

class KernelTypes {
 public:
  enum class Kind { function, type_definition, structure, union_ };

  struct Named {
    std::string_view name;  // of the BTF's strings: valid as long as the KernelTypes
    const btf* types = nullptr;
    std::uint32_t id = 0;
    std::string_view module;  // "" for the kernel proper
  };

  // Of this kernel: some 10 ms. A module whose types cannot be read is left out. Throws Error where the
  // kernel's own cannot.
  static KernelTypes of_this_kernel();
  // Of one BTF's bytes. Throws Error where libbpf does not take them.
  explicit KernelTypes(std::span<const std::byte> btf);
  ~KernelTypes();
  KernelTypes(KernelTypes&&) noexcept;
  KernelTypes& operator=(KernelTypes&&) noexcept;

  // All of a kind whose name begins so, in no order.
  std::vector<Named> all(Kind kind, std::string_view prefix = {}) const;
  // The first of that kind and name.
  std::optional<Named> find(Kind kind, std::string_view name) const;

  std::optional<CPrototype> prototype(const Named& named) const { return c_prototype(named.types, named.id); }
  std::vector<CVariable> fields(const Named& named) const { return c_fields(named.types, named.id); }
  // The names alone.
  std::vector<std::string_view> field_names(const Named& named) const;

  // Whether the kernel's trampolines can pass the function's arguments on.
  static bool fits_trampoline(const Named& function);

 private:
  struct Table;
  KernelTypes();
  std::vector<Table> tables_;  // the kernel's own first: the others are based on it
};

}  // namespace probe_run
