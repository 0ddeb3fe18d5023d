// Programs for what the sockets of a map receive or send.
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/bpf.h>

#include <cerrno>
#include <utility>

#include "attach/define_attach_type.h"
#include "attach/detach_again.h"
#include "attach/refusal.h"
#include "support/error.h"
#include "support/status.h"
#include "support/suggest.h"
#include "support/utf8.h"

namespace probe_run {

MapProgram::MapProgram(int program_fd, int map_fd, bpf_attach_type type)
    : program_(::fcntl(program_fd, F_DUPFD_CLOEXEC, 0)),
      map_(::fcntl(map_fd, F_DUPFD_CLOEXEC, 0)),
      type_(type) {
  if (program_ && map_ && bpf_prog_attach(program_.get(), map_.get(), type_, 0) == 0) return;
  error_ = errno;
  program_.reset();
}

MapProgram::~MapProgram() {
  if (!program_) return;
  // Detaches only this program: the kernel compares first.
  const int error = detach_again([&] {
    return bpf_prog_detach2(program_.get(), map_.get(), type_) == 0 || errno == ENOENT ? 0 : errno;
  });
  if (error == 0) return;
  print_status(Patience::of_a_run,
               "warning: a program of a map of sockets stays attached for as long as the map: {}",
               errno_text(error));
}

namespace {

bool holds_sockets(const MapInfo& map) {
  return map.type == BPF_MAP_TYPE_SOCKMAP || map.type == BPF_MAP_TYPE_SOCKHASH;
}

std::string describe_target(const SockmapAttach& point) {
  return fmt::format("sockmap:{}", escape_for_terminal(*point.map));
}

Attachment attach_to(BpfObject& object, bpf_program* program, const SockmapAttach& point) {
  const std::string target = describe_target(point);
  const MapInfo* const info = object.description().find_map(*point.map);
  if (info == nullptr || !holds_sockets(*info)) {
    std::vector<std::string_view> maps;
    for (const MapInfo& map : object.description().maps) {
      if (holds_sockets(map)) maps.push_back(map.name);
    }
    refuse(program, target,
           info == nullptr ? "the object has no such map" : "that map is neither a sockmap nor a sockhash",
           suggestion(*point.map, maps, "maps of sockets"));
  }
  const bpf_attach_type type = bpf_program__expected_attach_type(program);
  const int map = object.map_fd(*point.map);
  MapProgram attached(bpf_program__fd(program), map, type);
  if (const int error = attached.error(); error != 0) {
    if (error == EINVAL && type == BPF_SK_SKB_VERDICT) {
      refuse(program, target, error,
             "sk_skb/verdict needs Linux 5.13; for TCP, sk_skb/stream_verdict does the same", true);
    }
    refuse(program, target, error,
           error == EBUSY || error == EOPNOTSUPP
               ? "a map takes one program of each type, and either stream_verdict or verdict"
               : "use one of these in SEC(): sk_skb/stream_parser, sk_skb/stream_verdict, sk_skb/verdict or "
                 "sk_msg",
           true);
  }
  return {target, std::move(attached)};
}

}  // namespace

template <>
struct AttachTypeOf<SockmapAttach> {
  static Section section() {
    return {"sk_skb/stream_verdict",
            {BPF_PROG_TYPE_SK_SKB, BPF_PROG_TYPE_SK_MSG},
            {BPF_SK_SKB_STREAM_PARSER, BPF_SK_SKB_STREAM_VERDICT, BPF_SK_SKB_VERDICT, BPF_SK_MSG_VERDICT},
            {"sk_skb/stream_parser", "sk_skb/verdict", "sk_msg"}};
  }
  static constexpr LibbpfVersion libbpf = every_libbpf;
  static constexpr KernelVersion kernel = every_kernel;
  static constexpr std::string_view example = R"("map": "sockets")";
  static constexpr Company company = Company::any;
  static constexpr Pinning pinning{"it is attached to a map without a link", "pin the map instead"};
  static constexpr Places places{nullptr, "its targets are maps of the spec's object"};
  static constexpr auto check = nothing_to_check;
  static constexpr auto prepare = nothing_to_prepare;
  static Attachment attach(BpfObject& object, bpf_program* program, const SockmapAttach& point) {
    return attach_to(object, program, point);
  }
  static std::string describe(const SockmapAttach& point) { return describe_target(point); }
};
template AttachType attach_type_row<SockmapAttach>();

}  // namespace probe_run
