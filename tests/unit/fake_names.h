// Names that a test makes up.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "support/names.h"

namespace test {

class FakeNames final : public probe_run::Names {
 public:
  template <class... Parts>
  FakeNames& add(probe_run::NameKind kind, std::string value, const Parts&... parts) {
    const auto key = probe_run::name_key(parts...);
    known_[whole_key(kind, key)] = std::move(value);
    return *this;
  }

  // Overwrites the text returned before: no caller may keep it.
  std::string_view find(probe_run::NameKind kind, std::span<const std::byte> key) noexcept override {
    std::fill(answer_.begin(), answer_.end(), '#');
    const auto found = known_.find(whole_key(kind, key));
    if (found == known_.end()) return {};
    answer_.assign(found->second.begin(), found->second.end());
    return {answer_.data(), answer_.size()};
  }

 private:
  static std::string whole_key(probe_run::NameKind kind, std::span<const std::byte> key) {
    std::string whole(1, static_cast<char>(kind));
    for (const std::byte byte : key) whole += static_cast<char>(byte);
    return whole;
  }

  std::map<std::string, std::string> known_;
  std::vector<char> answer_;
};

}  // namespace test
