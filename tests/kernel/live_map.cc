#include "live_map.h"

#include <bpf/bpf.h>

#include <cstring>
#include <stdexcept>

#include "bpf_objects.h"

namespace test {

LiveMap::LiveMap(pid_t pid, const std::string& name) {
  for (const std::uint32_t id : bpf_ids_of(pid).maps) {
    probe_run::Fd fd(bpf_map_get_fd_by_id(id));
    bpf_map_info info;
    std::memset(&info, 0, sizeof info);
    std::uint32_t size = sizeof info;
    if (!fd || bpf_obj_get_info_by_fd(fd.get(), &info, &size) != 0) continue;
    if (name.substr(0, BPF_OBJ_NAME_LEN - 1) != info.name) continue;
    fd_ = std::move(fd);
    id_ = id;
    return;
  }
  throw std::runtime_error("the probe has no map " + name);
}

int LiveMap::update(const void* key, const void* value) const {
  return -bpf_map_update_elem(fd_.get(), key, value, BPF_ANY);
}

int LiveMap::remove(const void* key) const {
  return -bpf_map_delete_elem(fd_.get(), key);
}

int LiveMap::look_up(const void* key, void* value) const {
  return -bpf_map_lookup_elem(fd_.get(), key, value);
}

}  // namespace test
