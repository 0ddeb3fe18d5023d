// A map of a running probe, changed and queried from outside.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "support/fd.h"

namespace test {

class LiveMap {
 public:
  // The process's map with this name, of which the kernel keeps 15 bytes. Throws if it is not found.
  LiveMap(pid_t pid, const std::string& name);

  int fd() const { return fd_.get(); }
  std::uint32_t id() const { return id_; }

  // 0 or an errno.
  template <class Key, class Value>
  int set(const Key& key, const Value& value) {
    return update(&key, &value);
  }
  template <class Key>
  int erase(const Key& key) {
    return remove(&key);
  }
  template <class Value, class Key>
  std::optional<Value> get(const Key& key) {
    Value value;
    return look_up(&key, &value) == 0 ? std::optional(value) : std::nullopt;
  }

 private:
  int update(const void* key, const void* value) const;
  int remove(const void* key) const;
  int look_up(const void* key, void* value) const;

  probe_run::Fd fd_;
  std::uint32_t id_ = 0;
};

}  // namespace test
