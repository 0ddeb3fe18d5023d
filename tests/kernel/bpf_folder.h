// A bpffs of a test's own.
#pragma once

#include <string>
#include <string_view>

#include "machine.h"
#include "support/fd.h"

namespace test {

class BpfFolder {
 public:
  BpfFolder();
  ~BpfFolder();
  BpfFolder(const BpfFolder&) = delete;
  BpfFolder& operator=(const BpfFolder&) = delete;

  std::string operator/(std::string_view name) const { return folder_ / name; }
  bool has(std::string_view name) const;
  // What is pinned there. Throws when nothing is.
  probe_run::Fd open(std::string_view name) const;

 private:
  Folder folder_;
};

}  // namespace test
