// What numbers in records mean on this machine.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support/fd.h"
#include "support/names.h"

namespace probe_run {

// Paths of cgroups by their id.
class CgroupPaths {
 public:
  // Paths as seen below this directory; "" asks /proc/self/mountinfo.
  explicit CgroupPaths(std::string mount_point = {});

  // "/" for the root, "/a/b" below it; "" for an id that is unknown. What was seen once stays known after the
  // cgroup is removed, up to a bound. The id is that of the inode.
  std::string find(std::uint64_t id);

  // Learns all that are there now.
  void walk();

 private:
  // nullopt when the kernel does not let this process ask (CAP_DAC_READ_SEARCH); "" when it has no such id.
  std::optional<std::string> ask_kernel(std::uint64_t id) const;
  void learn(std::uint64_t id, std::string path);

  std::string mount_point_;
  Fd mount_;
  std::unordered_map<std::uint64_t, std::string> seen_;
  std::chrono::steady_clock::time_point walked_{};
};

class CgroupPaths;
class KernelSymbols;
class MappingEvents;
class ProcessMaps;
class UserSymbols;
struct MappingEvent;

// Costs nothing until it is asked: each source is read when the first name of its kind is.
class HostNames final : public Names {
 public:
  HostNames();
  ~HostNames() override;
  HostNames(const HostNames&) = delete;
  HostNames& operator=(const HostNames&) = delete;

  // Reads the kind's source before the first event: cgroups and processes that go away are known from then
  // on.
  void prepare(NameKind kind);

  // Empty for a key of another size than the kind's and for NameKind::stack, which maps know.
  std::string_view find(NameKind kind, std::span<const std::byte> key) noexcept override;

  // Processes what the kernel reported about new processes and mappings. Each look-up of a user symbol does so; when
  // there are none for long, the kernel's buffers fill up, and one of fds() becomes readable.
  void drain() noexcept;
  std::vector<int> fds() const;  // after prepare()

  // Watches a CPU that was offline again. 0 or an errno.
  int processor_is_back(int processor);

  // False when the kernel hides its addresses from this process (CAP_SYSLOG, kernel.kptr_restrict).
  bool knows_kernel_symbols();
  // Whether short-lived processes are known: 0, or the errno of the kernel's refusal. After prepare().
  int process_tracking_error() const { return process_tracking_error_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Answer {
    std::string text;
    Clock::time_point asked{};
  };
  using Answers = std::unordered_map<std::uint64_t, Answer>;

  std::string_view look_up(NameKind kind, std::span<const std::byte> key);
  std::string_view kernel_symbol(std::uint64_t address);
  std::string_view cached(NameKind kind, std::uint64_t number, const std::function<std::string()>& ask);
  CgroupPaths& cgroups();
  KernelSymbols& kernel();
  UserSymbols& user_symbols();

  std::array<Answers, 6> answers_;  // by kind
  std::unique_ptr<CgroupPaths> cgroups_;
  std::unique_ptr<KernelSymbols> kernel_;
  std::unique_ptr<MappingEvents> kernel_events_;
  std::vector<MappingEvent> events_;
  std::unique_ptr<ProcessMaps> processes_;
  std::unique_ptr<UserSymbols> user_symbols_;
  int process_tracking_error_ = 0;
};

}  // namespace probe_run
