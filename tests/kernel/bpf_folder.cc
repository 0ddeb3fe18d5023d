#include "bpf_folder.h"

#include <bpf/bpf.h>
#include <sys/mount.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace test {

BpfFolder::BpfFolder() {
  if (::mount("bpf", folder_.path().c_str(), "bpf", 0, nullptr) != 0)
    throw std::runtime_error(std::string("cannot mount a bpffs: ") + std::strerror(errno));
}

BpfFolder::~BpfFolder() {
  ::umount2(folder_.path().c_str(), MNT_DETACH);
}

bool BpfFolder::has(std::string_view name) const {
  return std::filesystem::exists(*this / name);
}

probe_run::Fd BpfFolder::open(std::string_view name) const {
  probe_run::Fd fd(bpf_obj_get((*this / name).c_str()));
  if (!fd) throw std::runtime_error("nothing is pinned at " + (*this / name));
  return fd;
}

}  // namespace test
