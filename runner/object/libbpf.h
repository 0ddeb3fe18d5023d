// libbpf's handles, owned. The one header through which object, attach and source see libbpf.
#pragma once

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include <memory>

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

}  // namespace probe_run
