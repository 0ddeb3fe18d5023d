#include "object/custom_btf.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <memory>

#include "object/libbpf.h"
#include "spec/spec.h"
#include "support/fd.h"
#include "support/utf8.h"

namespace probe_run {
namespace {

struct FreeBtf {
  void operator()(btf* types) const { btf__free(types); }
};

}  // namespace

std::string custom_btf_path(const Spec& spec) {
  // An absolute path replaces what it is appended to.
  return (std::filesystem::path(spec.source->file()).parent_path() / **spec.btf).string();
}

void check_custom_btf(const std::string& path) {
  if (const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC)); !file)
    throw Error(fmt::format("cannot open {}: {}", escape_for_terminal(path), errno_text(errno)));
  const std::unique_ptr<btf, FreeBtf> types(btf__parse(path.c_str(), nullptr));
  const int error = types ? 0 : errno;
  if (types && btf__type_cnt(types.get()) > 1) return;
  throw Error(fmt::format("{} holds no BTF{}", escape_for_terminal(path),
                          error == 0 || error == ENOENT || error > 4000  // libbpf's own, of its format
                              ? std::string()
                              : fmt::format(": {}", errno_text(error))),
              "it takes raw BTF, or an ELF file with a section .BTF, such as a kernel's vmlinux with debug "
              "information");
}

}  // namespace probe_run
