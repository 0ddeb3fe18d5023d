// The verifier's log of each program.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "object/libbpf.h"
#include "object/load_log.h"

namespace probe_run {

class VerifierLog {
 public:
  // Every program that is to be loaded gets a buffer. REQUIRES: until take() the object stays
  void ask(bpf_object* object, unsigned level);
  // After the load, whatever came of it.
  void take();

  // By program, of those that the verifier has seen.
  const std::vector<std::pair<std::string, std::string>>& texts() const { return texts_; }
  // The program's, as libbpf prints it where nobody has asked for it; "" where the verifier has not seen it.
  std::string framed(const std::string& program) const;

 private:
  struct Buffer {
    bpf_program* program;
    std::unique_ptr<char[]> bytes;
  };
  std::vector<Buffer> buffers_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

// An excerpt of the log, which may have a million lines.

// The verifier's message with the instruction and the line of the source that it is about, then the steps
// that led there; each line escaped for a terminal. "" for an empty log.
std::string verifier_excerpt(const LoadLog& log);

}  // namespace probe_run
