// One pair of overloads for each alternative of AttachPoint; attach() and describe() do not compile until a
// new one has its own.
#pragma once

#include <string>

#include "attach/attach.h"

namespace probe_run {

Attachment attach_to(bpf_program* program, const XdpAttach& point);
Attachment attach_to(bpf_program* program, const KprobeAttach& point);
Attachment attach_to(bpf_program* program, const KretprobeAttach& point);
Attachment attach_to(bpf_program* program, const TracepointAttach& point);
Attachment attach_to(bpf_program* program, const RawTracepointAttach& point);
Attachment attach_to(bpf_program* program, const UprobeAttach& point);
Attachment attach_to(bpf_program* program, const UretprobeAttach& point);
Attachment attach_to(bpf_program* program, const AutoAttach& point);

std::string describe_target(const XdpAttach& point);
std::string describe_target(const KprobeAttach& point);
std::string describe_target(const KretprobeAttach& point);
std::string describe_target(const TracepointAttach& point);
std::string describe_target(const RawTracepointAttach& point);
std::string describe_target(const UprobeAttach& point);
std::string describe_target(const UretprobeAttach& point);
std::string describe_target(const AutoAttach& point);

}  // namespace probe_run
