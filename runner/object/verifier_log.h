// What the verifier says of each program, in full.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "object/libbpf.h"

namespace probe_run {

class VerifierLog {
 public:
  // Every program that is to be loaded gets a buffer. REQUIRES: until take() the object stays
  void ask(bpf_object* object, unsigned level);
  // After the load, whatever came of it.
  void take();

  // By program, of those that the verifier has seen.
  const std::vector<std::pair<std::string, std::string>>& texts() const { return texts_; }
  // Of the program that the verifier has seen last: the one it refused, if it refused one.
  std::string last() const { return texts_.empty() ? std::string() : texts_.back().second; }

 private:
  struct Buffer {
    bpf_program* program;
    std::unique_ptr<char[]> bytes;
  };
  std::vector<Buffer> buffers_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace probe_run
