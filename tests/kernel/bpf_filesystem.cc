#include "bpf_filesystem.h"

#include <bpf/bpf.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace test {

BpfFilesystem::BpfFilesystem() {
  if (::mount("bpf", directory_.path().c_str(), "bpf", 0, nullptr) != 0)
    throw std::runtime_error(std::string("cannot mount a bpffs: ") + std::strerror(errno));
}

BpfFilesystem::~BpfFilesystem() {
  ::umount2(directory_.path().c_str(), MNT_DETACH);
}

bool BpfFilesystem::has(std::string_view name) const {
  return std::filesystem::exists(*this / name);
}

probe_run::Fd BpfFilesystem::open(std::string_view name) const {
  probe_run::Fd fd(bpf_obj_get((*this / name).c_str()));
  if (!fd) throw std::runtime_error("nothing is pinned at " + (*this / name));
  return fd;
}

}  // namespace test
