// Landlock: this process opens no file for writing any more, but for those of its outputs, and executes nothing.
#pragma once

#include <string>
#include <vector>

#include "support/fd.h"

namespace probe_run {

class FileFence {
 public:
  // `written` are files that are opened for writing, or replaced, after enter(). Opens their directories, so that
  // enter() opens nothing. What is open already is not affected.
  explicit FileFence(const std::vector<std::string>& written);

  // Cannot be undone. A fenced process reads nothing in /proc about others. Returns 0, or the errno of a kernel
  // without Landlock (ENOSYS, EOPNOTSUPP). REQUIRES: there is only one thread; no new privileges
  int enter() noexcept;

 private:
  int allow(const std::string& path, unsigned long long access) noexcept;

  Fd rules_;
  int error_ = 0;
};

}  // namespace probe_run
