// A bpffs that is mounted for one test.
#pragma once

#include <string>
#include <string_view>

#include "machine.h"
#include "support/fd.h"

namespace test {

class BpfFilesystem {
 public:
  BpfFilesystem();
  ~BpfFilesystem();
  BpfFilesystem(const BpfFilesystem&) = delete;
  BpfFilesystem& operator=(const BpfFilesystem&) = delete;

  std::string operator/(std::string_view name) const { return directory_ / name; }
  bool has(std::string_view name) const;
  // Opens the pinned object. Throws if it does not exist.
  probe_run::Fd open(std::string_view name) const;

 private:
  Directory directory_;
};

}  // namespace test
