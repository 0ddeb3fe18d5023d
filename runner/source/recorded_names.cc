#include "source/recorded_names.h"

namespace probe_run {

void RecordedNames::set_key(std::string& out, NameKind kind, std::span<const std::byte> key) {
  out.assign(1, static_cast<char>(kind));
  const void* const bytes = key.data();
  if (!key.empty()) out.append(static_cast<const char*>(bytes), key.size());
}

void RecordedNames::add(NameKind kind, std::span<const std::byte> key, std::string_view value) {
  set_key(wanted_, kind, key);
  names_.insert_or_assign(wanted_, value);
}

std::string_view RecordedNames::find(NameKind kind, std::span<const std::byte> key) noexcept {
  set_key(wanted_, kind, key);
  const auto found = names_.find(wanted_);
  return found == names_.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace probe_run
