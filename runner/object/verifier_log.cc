#include "object/verifier_log.h"

#include <fmt/format.h>

#include <cstddef>

namespace probe_run {
namespace {

// Of addresses; the kernel writes to as much of it as it needs. A log that does not fit fails the load.
constexpr std::size_t buffer_size = std::size_t{64} << 20;

}  // namespace

void VerifierLog::ask(bpf_object* object, unsigned level) {
  bpf_program* program = nullptr;
  bpf_object__for_each_program(program, object) {
    if (!bpf_program__autoload(program)) continue;
    // Not zeroed: that would take the memory.
    Buffer& buffer = buffers_.emplace_back(Buffer{program, std::unique_ptr<char[]>(new char[buffer_size])});
    buffer.bytes[0] = '\0';
    bpf_program__set_log_level(program, level);
    bpf_program__set_log_buf(program, buffer.bytes.get(), buffer_size);
  }
}

void VerifierLog::take() {
  for (const Buffer& buffer : buffers_) {
    bpf_program__set_log_buf(buffer.program, nullptr, 0);
    if (buffer.bytes[0] != '\0') texts_.emplace_back(bpf_program__name(buffer.program), buffer.bytes.get());
  }
  buffers_.clear();
}

std::string VerifierLog::framed(const std::string& program) const {
  for (const auto& [name, text] : texts_) {
    if (name != program) continue;
    return fmt::format("libbpf: prog '{}': -- BEGIN PROG LOAD LOG --\n{}\n-- END PROG LOAD LOG --\n", name,
                       text);
  }
  return {};
}

}  // namespace probe_run
