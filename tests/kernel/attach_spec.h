// Specs with one program at one attach point, whose calls are counted.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "machine.h"

namespace test {

// Shows, at the end, the map `calls` of the object, which the program counts in.
nlohmann::json spec_of(const std::string& program, const nlohmann::json& attach,
                       const std::string& object = "attach.bpf.o");

// The same, for the calls of one process.
nlohmann::json for_process(nlohmann::json spec, const std::string& pid);

// Writes the spec to the directory; returns its path.
std::string written(const Directory& directory, const nlohmann::json& spec);

// The path of the library with that prefix that this process has mapped.
std::string library_of(const std::string& name);

// A mount of cgroup version 2 that this process and its children see, and a cgroup below it.
class Cgroup {
 public:
  Cgroup();
  ~Cgroup();
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;
  const std::string& path() const { return path_; }
  void enter() const;

 private:
  Directory mounts_;
  std::string mount_, path_;
};

}  // namespace test
