// The errors for a bpffs that delegates no BPF, or less than an object needs.
#include "object/token.h"

#include <cerrno>

#include "object/libbpf.h"
#include "spec/map_spec.h"
#include "support/catch.h"

using namespace probe_run;

namespace {

constexpr std::uint64_t bit(unsigned number) {
  return std::uint64_t{1} << number;
}

// An XDP program with a ring buffer.
Delegation wanted() {
  return {bit(BPF_PROG_LOAD) | bit(BPF_MAP_CREATE), bit(BPF_MAP_TYPE_RINGBUF),
          bit(BPF_PROG_TYPE_SOCKET_FILTER) | bit(BPF_PROG_TYPE_XDP),
          bit(BPF_CGROUP_INET_INGRESS) | bit(BPF_XDP)};
}

const std::string wanted_options =
    "delegate_cmds=map_create:prog_load,delegate_maps=ringbuf,delegate_progs=socket_filter:xdp,"
    "delegate_attachs=cgroup_inet_ingress:xdp";

// A bpffs without problems, except for one error.
TokenSurroundings refused(int error) {
  TokenSurroundings surroundings;
  surroundings.error = error;
  surroundings.opened = surroundings.is_bpffs = true;
  surroundings.kernel_has_tokens = surroundings.in_user_namespace = true;
  surroundings.have = {Capability::bpf};
  return surroundings;
}

std::string said(const TokenSurroundings& surroundings) {
  return to_text(token_error("/bpf", wanted(), surroundings).diagnostics().front());
}

}  // namespace

TEST_CASE("The needs of an object are written as mount options of a bpffs") {
  CHECK(wanted().options() == wanted_options);
  CHECK(Delegation{bit(BPF_PROG_LOAD), 0, bit(63), 0}.options() ==
        "delegate_cmds=prog_load,delegate_progs=0x8000000000000000");
}

TEST_CASE("The permissions of a token are read from the kernel's text") {
  const Delegation read = read_delegation(
      "pos:\t0\nflags:\t02000002\nmnt_id:\t61\nino:\t12\nallowed_cmds:\t0x21\nallowed_maps:\tany\n"
      "allowed_progs:\t0x42\nallowed_attachs:\t0x0\n");
  CHECK(read.cmds == 0x21);
  CHECK(read.maps == ~std::uint64_t{0});
  CHECK(read.progs == 0x42);
  CHECK(read.attachs == 0);
}

TEST_CASE("The error names what a bpffs does not delegate, with the options that are needed") {
  CHECK(missing_delegation(wanted(), wanted()).empty());
  const std::uint64_t any = ~std::uint64_t{0};
  CHECK(missing_delegation(wanted(), {any, any, any, any}).empty());
  Delegation less = wanted();
  less.progs = bit(BPF_PROG_TYPE_SOCKET_FILTER);
  CHECK(missing_delegation(wanted(), less) ==
        "the bpffs of the token does not delegate the program type xdp: root must mount it for this object "
        "with " +
            wanted_options);
  CHECK(
      missing_delegation(wanted(), {}) ==
      "the bpffs of the token does not delegate the commands map_create and prog_load; the map type ringbuf; "
      "the program types socket_filter and xdp; the attach types cgroup_inet_ingress and xdp: root must "
      "mount it for this object with " +
          wanted_options);
}

TEST_CASE("The error for a directory that gives no token names the cause, with a hint") {
  const std::string mount_one =
      "  hint: \"token\" must be a bpffs that root has mounted for this user namespace: for this object with " +
      wanted_options + "\n";
  const std::string begin = "probe-run: error: cannot create a BPF token from /bpf: ";
  TokenSurroundings nothing;
  nothing.error = ENOENT;
  CHECK(said(nothing) == begin + "the directory does not exist\n" + mount_one);
  nothing.error = EACCES;
  CHECK(said(nothing) == begin + "Permission denied\n" + mount_one);
  TokenSurroundings plain = refused(EINVAL);
  plain.is_bpffs = false;
  CHECK(said(plain) == begin + "it is not a bpffs\n" + mount_one);
  TokenSurroundings old = refused(EINVAL);
  old.kernel_has_tokens = false;
  CHECK(said(old) == begin + "this kernel has no BPF tokens\n  hint: tokens need Linux 6.9\n");
  TokenSurroundings outside = refused(EOPNOTSUPP);
  outside.in_user_namespace = false;
  CHECK(
      said(outside) ==
      begin +
          "this process is not in a user namespace\n"
          "  hint: outside a user namespace capabilities count: remove \"token\" and run with capabilities\n");
  CHECK(said(refused(ENOENT)) == begin + "this bpffs delegates nothing\n" + mount_one);
  CHECK(said(refused(EINVAL)) ==
        begin +
            "it is a directory inside a bpffs\n"
            "  hint: \"token\" must be the mount point of the bpffs, not a directory in it\n");
  TokenSurroundings incapable = refused(EPERM);
  incapable.have = {};
  CHECK(said(incapable) ==
        begin +
            "Operation not permitted\n"
            "  hint: this process does not have CAP_BPF in its user namespace: run it as root of the "
            "namespace, or "
            "with setpriv and --inh-caps and --ambient-caps\n");
  CHECK(said(refused(EPERM)) ==
        begin +
            "this bpffs belongs to another user namespace\n"
            "  hint: a bpffs belongs to the user namespace that called fsopen: call it in the namespace of "
            "probe-run\n");
}
