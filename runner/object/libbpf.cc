#include "object/libbpf.h"

#include <cstdarg>
#include <cstdio>
#include <vector>

namespace probe_run {
namespace {

// libbpf's callback has no context argument.
std::string* current_log = nullptr;

[[gnu::format(printf, 2, 0)]] int keep(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG || current_log == nullptr) return 0;
  va_list copy;
  va_copy(copy, arguments);
  const int length = std::vsnprintf(nullptr, 0, format, copy);
  va_end(copy);
  if (length <= 0) return 0;
  std::vector<char> line(static_cast<std::size_t>(length) + 1);
  std::vsnprintf(line.data(), line.size(), format, arguments);
  current_log->append(line.data(), static_cast<std::size_t>(length));
  return 0;
}

}  // namespace

LibbpfLog::LibbpfLog() {
  current_log = &text_;
  libbpf_set_print(keep);
}

LibbpfLog::~LibbpfLog() {
  current_log = nullptr;
}

}  // namespace probe_run
