// Attach points at a control group: every program type that attaches to one.
#include <memory>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"
#include "socket_acts.h"

namespace test {

std::vector<AttachVariant> cgroup_variants() {
  const auto cgroup = std::make_shared<Cgroup>();
  const auto actor = std::shared_ptr<Actor>(new Actor(
                                                [] {
                                                  use_all_of_a_cgroup();
                                                  return std::string();
                                                },
                                                [&] { cgroup->enter(); }),
                                            // The cgroup can only be removed once it has no members.
                                            [cgroup](Actor* in_it) { delete in_it; });
  const std::pair<const char*, const char*> kinds[] = {
      {"cgroup_skb/ingress", "on_cgroup_ingress"},
      {"cgroup_skb/egress", "on_cgroup_egress"},
      {"cgroup/sock_create", "on_sock_create"},
      {"cgroup/sock_release", "on_sock_release"},
      {"cgroup/bind4", "on_bind4"},
      {"cgroup/bind6", "on_bind6"},
      {"cgroup/post_bind4", "on_post_bind4"},
      {"cgroup/post_bind6", "on_post_bind6"},
      {"cgroup/connect4", "on_connect4"},
      {"cgroup/connect6", "on_connect6"},
      {"cgroup/connect_unix", "on_connect_unix"},
      {"cgroup/sendmsg4", "on_sendmsg4"},
      {"cgroup/sendmsg6", "on_sendmsg6"},
      {"cgroup/sendmsg_unix", "on_sendmsg_unix"},
      {"cgroup/recvmsg4", "on_recvmsg4"},
      {"cgroup/recvmsg6", "on_recvmsg6"},
      {"cgroup/recvmsg_unix", "on_recvmsg_unix"},
      {"cgroup/getpeername4", "on_getpeername4"},
      {"cgroup/getpeername6", "on_getpeername6"},
      {"cgroup/getpeername_unix", "on_getpeername_unix"},
      {"cgroup/getsockname4", "on_getsockname4"},
      {"cgroup/getsockname6", "on_getsockname6"},
      {"cgroup/getsockname_unix", "on_getsockname_unix"},
      {"cgroup/getsockopt", "on_getsockopt"},
      {"cgroup/setsockopt", "on_setsockopt"},
      {"cgroup/sysctl", "on_sysctl"},
      {"cgroup/dev", "on_device"},
      {"sockops", "on_sockops"},
      {"lsm_cgroup/socket_bind", "on_lsm_cgroup"},
  };
  std::vector<AttachVariant> all;
  for (const auto& [section, program] : kinds) {
    all.push_back({"cgroup",
                   section,
                   {spec_of(program, {{"type", "cgroup"}, {"path", cgroup->path()}})},
                   [actor](pid_t) { actor->act(); }});
  }
  return all;
}

}  // namespace test
