#include "attach_spec.h"

#include <sys/mount.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace test {

using nlohmann::json;

json spec_of(const std::string& program, const json& attach, const std::string& object) {
  return {{"name", program},
          {"object", object},
          {"programs", json::array({{{"name", program}, {"attach", attach}}})},
          {"maps", json::array({{{"name", "calls"}}})},
          {"outputs", json::array({{{"map", "calls"}, {"every", "exit"}, {"format", "jsonl"}}})}};
}

json for_process(json spec, const std::string& pid) {
  spec["globals"] = {{"target_pid", std::stoi(pid)}};
  return spec;
}

std::string written(const Directory& directory, const json& spec) {
  std::string path = directory / "attach.json";
  std::ofstream(path) << spec.dump(2) << '\n';
  return path;
}

Cgroup::Cgroup() : mount_(mounts_ / "cgroup2") {
  std::filesystem::create_directory(mount_);
  if (::mount("none", mount_.c_str(), "cgroup2", 0, nullptr) != 0)
    throw std::runtime_error("cannot mount cgroup2");
  path_ = mount_ + "/" + unique_name("att");
  std::filesystem::create_directory(path_);
}

Cgroup::~Cgroup() {
  std::filesystem::remove(path_);
  ::umount2(mount_.c_str(), MNT_DETACH);
}

void Cgroup::enter() const {
  std::ofstream(path_ + "/cgroup.procs") << 0;
}

std::string library_of(const std::string& name) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const std::size_t path = line.find('/');
    if (path != std::string::npos && contains(line, "/" + name)) return line.substr(path);
  }
  throw std::runtime_error("this program has not mapped " + name);
}

}  // namespace test
