// libbpf's handles, owned. The one header through which object, attach and source see libbpf.
#pragma once

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

namespace probe_run {

struct CloseObject {
  void operator()(bpf_object* object) const { bpf_object__close(object); }
};
using ObjectHandle = std::unique_ptr<bpf_object, CloseObject>;

// Destroying a link detaches it.
struct DestroyLink {
  void operator()(bpf_link* link) const { bpf_link__destroy(link); }
};
using LinkHandle = std::unique_ptr<bpf_link, DestroyLink>;

// libbpf's option structs. Its own macro for them is C, which clang does not take in C++.

// Bytes between the members are zero too: libbpf takes others for options that it does not know.
template <class Options>
Options zeroed_options() {
  static_assert(std::is_trivially_copyable_v<Options>);
  Options options;
  std::memset(&options, 0, sizeof options);
  options.sz = sizeof options;
  return options;
}

// The messages of libbpf.

// While one lives, what libbpf prints is kept instead of going to stderr: errors quote it. libbpf has one
// print function for the whole process, so only one may live at a time.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& text() const { return text_; }
  void clear() { text_.clear(); }

 private:
  std::string text_;
};

}  // namespace probe_run
