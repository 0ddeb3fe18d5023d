#include "host/demangle.h"

#include <cxxabi.h>

#include <cstdlib>
#include <memory>

namespace probe_run {
namespace {

constexpr std::size_t longest_mangled = 16u << 10;
constexpr std::size_t most_references = 24;  // each can double what is before it, at the worst
constexpr std::size_t longest_untrusted = 1024;

// "S_", "S0_", "T_", "T1_": substitutions and template parameters.
std::size_t references(std::string_view mangled) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < mangled.size(); ++i) {
    if (mangled[i] != 'S' && mangled[i] != 'T') continue;
    const std::size_t end = mangled.find_first_not_of("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", i + 1);
    if (end != std::string_view::npos && mangled[end] == '_') ++count;
  }
  return count;
}

}  // namespace

std::string demangle(std::string_view name, bool trusted) {
  std::string plain(name);
  if (!name.starts_with("_Z") || name.size() > longest_mangled) return plain;
  if (!trusted && (name.size() > longest_untrusted || references(name) > most_references)) return plain;
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(plain.c_str(), nullptr, nullptr, &status), std::free);
  if (status == 0 && text) plain = text.get();
  return plain;
}

}  // namespace probe_run
