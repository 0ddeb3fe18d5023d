// The attach points of specs.
//
// To add one: a struct with its keys in the header of its family, its name in the AttachPoint variant, and a
// file in runner/attach/ that defines its AttachTypeOf. The schema and the reference are generated.
#pragma once

#include <variant>

#include "spec/event_attach.h"
#include "spec/kernel_attach.h"
#include "spec/network_attach.h"
#include "spec/other_attach.h"
#include "spec/user_attach.h"

namespace probe_run {

using AttachPoint =
    std::variant<XdpAttach, TcAttach, TcxAttach, NetkitAttach, NetfilterAttach, SkLookupAttach,
                 FlowDissectorAttach, SockmapAttach, CgroupAttach, KprobeAttach, KretprobeAttach,
                 KprobeMultiAttach, KprobeSessionAttach, KsyscallAttach, KretsyscallAttach, FentryAttach,
                 FexitAttach, FmodRetAttach, LsmAttach, FreplaceAttach, StructOpsAttach, TracepointAttach,
                 RawTracepointAttach, TpBtfAttach, IterAttach, PerfEventAttach, UprobeAttach, UretprobeAttach,
                 UprobeMultiAttach, UsdtAttach, RunAttach, AutoAttach>;

}  // namespace probe_run
