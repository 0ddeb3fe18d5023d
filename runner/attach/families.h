// One pair of overloads for each alternative of AttachPoint; attach() and describe() do not compile until a
// new one has its own. A point whose target the kernel must know at the load has a third, prepare_for(). The
// points that need more of the object than the program take it too.
#pragma once

#include <string>

#include "attach/attach.h"

namespace probe_run {

Fd prepare_for(bpf_program* program, const XdpAttach& point);
Fd prepare_for(bpf_program* program, const KprobeMultiAttach& point);
Fd prepare_for(bpf_program* program, const FentryAttach& point);
Fd prepare_for(bpf_program* program, const FexitAttach& point);
Fd prepare_for(bpf_program* program, const FmodRetAttach& point);
Fd prepare_for(bpf_program* program, const LsmAttach& point);
Fd prepare_for(bpf_program* program, const FreplaceAttach& point);
Fd prepare_for(bpf_program* program, const TpBtfAttach& point);
Fd prepare_for(bpf_program* program, const IterAttach& point);
Fd prepare_for(BpfObject& object, bpf_program* program, const StructOpsAttach& point);

#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 3
Fd prepare_for(bpf_program* program, const UprobeMultiAttach& point);
#endif
#if LIBBPF_MAJOR_VERSION > 1 || LIBBPF_MINOR_VERSION >= 5
Fd prepare_for(bpf_program* program, const KprobeSessionAttach& point);
#endif

Attachment attach_to(bpf_program* program, const XdpAttach& point);
Attachment attach_to(bpf_program* program, const TcAttach& point);
Attachment attach_to(bpf_program* program, const TcxAttach& point);
Attachment attach_to(bpf_program* program, const NetkitAttach& point);
Attachment attach_to(bpf_program* program, const NetfilterAttach& point);
Attachment attach_to(bpf_program* program, const SkLookupAttach& point);
Attachment attach_to(bpf_program* program, const FlowDissectorAttach& point);
Attachment attach_to(BpfObject& object, bpf_program* program, const SockmapAttach& point);
Attachment attach_to(bpf_program* program, const CgroupAttach& point);
Attachment attach_to(bpf_program* program, const KprobeAttach& point);
Attachment attach_to(bpf_program* program, const KretprobeAttach& point);
Attachment attach_to(bpf_program* program, const KprobeMultiAttach& point);
Attachment attach_to(bpf_program* program, const KprobeSessionAttach& point);
Attachment attach_to(bpf_program* program, const KsyscallAttach& point);
Attachment attach_to(bpf_program* program, const KretsyscallAttach& point);
Attachment attach_to(bpf_program* program, const FentryAttach& point);
Attachment attach_to(bpf_program* program, const FexitAttach& point);
Attachment attach_to(bpf_program* program, const FmodRetAttach& point);
Attachment attach_to(bpf_program* program, const LsmAttach& point);
Attachment attach_to(bpf_program* program, const FreplaceAttach& point);
Attachment attach_to(BpfObject& object, bpf_program* program, const StructOpsAttach& point);
Attachment attach_to(bpf_program* program, const TracepointAttach& point);
Attachment attach_to(bpf_program* program, const RawTracepointAttach& point);
Attachment attach_to(bpf_program* program, const TpBtfAttach& point);
Attachment attach_to(BpfObject& object, bpf_program* program, const IterAttach& point);
Attachment attach_to(bpf_program* program, const PerfEventAttach& point);
Attachment attach_to(bpf_program* program, const UprobeAttach& point);
Attachment attach_to(bpf_program* program, const UretprobeAttach& point);
Attachment attach_to(bpf_program* program, const UprobeMultiAttach& point);
Attachment attach_to(BpfObject& object, bpf_program* program, const UsdtAttach& point);
Attachment attach_to(bpf_program* program, const RunAttach& point);
Attachment attach_to(bpf_program* program, const AutoAttach& point);

std::string describe_target(const XdpAttach& point);
std::string describe_target(const TcAttach& point);
std::string describe_target(const TcxAttach& point);
std::string describe_target(const NetkitAttach& point);
std::string describe_target(const NetfilterAttach& point);
std::string describe_target(const SkLookupAttach& point);
std::string describe_target(const FlowDissectorAttach& point);
std::string describe_target(const SockmapAttach& point);
std::string describe_target(const CgroupAttach& point);
std::string describe_target(const KprobeAttach& point);
std::string describe_target(const KretprobeAttach& point);
std::string describe_target(const KprobeMultiAttach& point);
std::string describe_target(const KprobeSessionAttach& point);
std::string describe_target(const KsyscallAttach& point);
std::string describe_target(const KretsyscallAttach& point);
std::string describe_target(const FentryAttach& point);
std::string describe_target(const FexitAttach& point);
std::string describe_target(const FmodRetAttach& point);
std::string describe_target(const LsmAttach& point);
std::string describe_target(const FreplaceAttach& point);
std::string describe_target(const StructOpsAttach& point);
std::string describe_target(const TracepointAttach& point);
std::string describe_target(const RawTracepointAttach& point);
std::string describe_target(const TpBtfAttach& point);
std::string describe_target(const IterAttach& point);
std::string describe_target(const PerfEventAttach& point);
std::string describe_target(const UprobeAttach& point);
std::string describe_target(const UretprobeAttach& point);
std::string describe_target(const UprobeMultiAttach& point);
std::string describe_target(const UsdtAttach& point);
std::string describe_target(const RunAttach& point);
std::string describe_target(const AutoAttach& point);

}  // namespace probe_run
