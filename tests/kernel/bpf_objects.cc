#include "bpf_objects.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string_view>

#include "machine.h"

namespace test {
namespace {

void add_once(std::vector<std::uint32_t>& ids, std::uint32_t id) {
  if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
}

void close_if_open(int fd) {
  if (fd >= 0) ::close(fd);
}

void add_remaining(std::vector<std::string>& names, const char* kind, const std::vector<std::uint32_t>& ids,
                   int (*open)(std::uint32_t)) {
  for (const std::uint32_t id : ids) {
    const int fd = open(id);
    if (fd >= 0) names.push_back(std::string(kind) + " " + std::to_string(id));
    close_if_open(fd);
  }
}

std::uint32_t id_of_program(int fd) {
  bpf_prog_info info{};
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(fd, &info, &size) != 0) throw std::runtime_error("the program has no id");
  return info.id;
}

int load_passing_program() {
  // r0 = XDP_PASS; exit
  bpf_insn code[2];
  std::memset(code, 0, sizeof code);
  code[0].code = BPF_ALU64 | BPF_MOV | BPF_K;
  code[0].imm = XDP_PASS;
  code[1].code = BPF_JMP | BPF_EXIT;
  const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "first_comer", "GPL", code, 2, nullptr);
  if (fd < 0) throw std::runtime_error("cannot load an XDP program");
  return fd;
}

}  // namespace

BpfIds bpf_ids_of(pid_t pid) {
  BpfIds ids;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fdinfo")) {
    std::ifstream info(entry.path());
    std::string word;
    while (info >> word) {
      std::uint32_t id = 0;
      if (word == "link_id:" && info >> id) add_once(ids.links, id);
      if (word == "prog_id:" && info >> id) add_once(ids.programs, id);
      if (word == "map_id:" && info >> id) add_once(ids.maps, id);
    }
  }
  return ids;
}

std::vector<std::string> remaining(const BpfIds& ids) {
  std::vector<std::string> names;
  add_remaining(names, "link", ids.links, bpf_link_get_fd_by_id);
  add_remaining(names, "program", ids.programs, bpf_prog_get_fd_by_id);
  add_remaining(names, "map", ids.maps, bpf_map_get_fd_by_id);
  return names;
}

std::uint64_t missed_runs(pid_t pid) {
  std::uint64_t sum = 0;
  for (const std::uint32_t id : bpf_ids_of(pid).programs) {
    const probe_run::Fd program(bpf_prog_get_fd_by_id(id));
    bpf_prog_info info{};
    std::uint32_t size = sizeof info;
    if (!program || bpf_obj_get_info_by_fd(program.get(), &info, &size) != 0)
      throw std::runtime_error("no information about program " + std::to_string(id));
    sum += info.recursion_misses;
  }
  return sum;
}

std::uint32_t xdp_program_on(const std::string& iface) {
  bpf_xdp_query_opts query;
  std::memset(&query, 0, sizeof query);
  query.sz = sizeof query;
  if (bpf_xdp_query(static_cast<int>(::if_nametoindex(iface.c_str())), 0, &query) != 0) {
    throw std::runtime_error("cannot ask for the XDP program of " + iface);
  }
  return std::max({query.prog_id, query.skb_prog_id, query.drv_prog_id});
}

std::uint32_t put_xdp_program_on(const std::string& iface) {
  const int fd = load_passing_program();
  const std::uint32_t id = id_of_program(fd);
  const int error = bpf_xdp_attach(static_cast<int>(::if_nametoindex(iface.c_str())), fd, 0, nullptr);
  ::close(fd);
  if (error != 0) throw std::runtime_error("cannot attach an XDP program to " + iface);
  return id;
}

LoadedProgram load_program(const std::string& name) {
  // r0 = 0; exit
  const bpf_insn code[] = {{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0}, {BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
  LoadedProgram program;
  program.fd = probe_run::Fd(
      bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, name.c_str(), "GPL", code, std::size(code), nullptr));
  if (!program.fd) throw std::runtime_error("cannot load " + name + ": " + std::strerror(errno));
  bpf_prog_info info{};
  info.nr_jited_ksyms = 1;
  info.jited_ksyms = reinterpret_cast<std::uint64_t>(&program.address);
  std::uint32_t size = sizeof info;
  if (bpf_obj_get_info_by_fd(program.fd.get(), &info, &size) != 0)
    throw std::runtime_error("no information about " + name);
  std::ostringstream symbol;
  symbol << "bpf_prog_" << std::hex << std::setfill('0');
  for (const unsigned byte : info.tag) symbol << std::setw(2) << byte;
  program.symbol = symbol.str() + "_" + name;
  return program;
}

Noise::Noise(const std::string& program, pid_t pid) {
  object_ = bpf_object__open_file((own_object_directory() + "/noise.bpf.o").c_str(), nullptr);
  if (object_ == nullptr) throw std::runtime_error("cannot open noise.bpf.o");
  bpf_map* map = nullptr;
  bpf_object__for_each_map(map, object_) {
    // The variable target_pid is the only one in this section.
    if (!contains(bpf_map__name(map), ".bss")) continue;
    const auto value = static_cast<std::uint32_t>(pid);
    if (bpf_map__set_initial_value(map, &value, sizeof value) != 0)
      throw std::runtime_error("cannot set a variable");
  }
  if (bpf_object__load(object_) != 0) throw std::runtime_error("cannot load noise.bpf.o");
  link_ = bpf_program__attach(bpf_object__find_program_by_name(object_, program.c_str()));
  if (link_ == nullptr) throw std::runtime_error("cannot attach " + program);
}

Noise::~Noise() {
  bpf_link__destroy(link_);
  bpf_object__close(object_);
}

}  // namespace test
