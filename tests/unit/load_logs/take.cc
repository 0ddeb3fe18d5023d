// Tries to load each program of the objects alone, and prints the log of libbpf and the kernel: the input of
// load_hints_test.cc, kept as KERNEL.log.
#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <vector>

#include "object/libbpf.h"

namespace {

constexpr std::size_t first_lines = 20, last_lines = 80;

// A program that is too complex has a million and a half lines.
std::string middle_cut(const std::string& text) {
  std::vector<std::size_t> begins{0};
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) begins.push_back(++at);
  if (begins.size() <= first_lines + last_lines + 1) return text;
  return text.substr(0, begins[first_lines]) + text.substr(begins[begins.size() - 1 - last_lines]);
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 2) {
    fmt::print(stderr, "take_load_logs OBJECT... > logs\n");
    return 1;
  }
  probe_run::LibbpfLog log;
  for (int i = 1; i < count; ++i) {
    std::vector<std::string> names;
    for (std::size_t at = 0; at == 0 || at < names.size(); ++at) {
      bpf_object* const object = bpf_object__open_file(arguments[i], nullptr);
      if (object == nullptr) {
        fmt::print(stderr, "{} cannot be opened:\n{}", arguments[i], log.text());
        return 1;
      }
      names.clear();
      bpf_program* program = nullptr;
      bpf_object__for_each_program(program, object) {
        bpf_program__set_autoload(program, names.size() == at);
        names.emplace_back(bpf_program__name(program));
      }
      log.clear();
      const int error = bpf_object__load(object);
      fmt::print("==== {} {}\n{}", names.at(at), error, middle_cut(log.text()));
      std::fflush(stdout);
      bpf_object__close(object);
    }
  }
}
