// What numbers stand for, as a recording says.
#pragma once

#include <string>
#include <unordered_map>

#include "support/names.h"

namespace probe_run {

class RecordedNames final : public Names {
 public:
  // Takes the place of what was known for this key.
  void add(NameKind kind, std::span<const std::byte> key, std::string_view value);

  std::size_t size() const { return names_.size(); }
  void clear() { names_.clear(); }

  std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept override;

 private:
  static void set_key(std::string& out, NameKind kind, std::span<const std::byte> key);

  std::unordered_map<std::string, std::string> names_;  // by the kind and the key's bytes
  std::string wanted_;
};

}  // namespace probe_run
