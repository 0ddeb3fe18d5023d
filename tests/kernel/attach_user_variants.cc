// Attach points in executables and libraries.
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"

namespace test {
namespace {

using nlohmann::json;

constexpr std::uint64_t calls = 20;

// The C library's function that the actor calls, and where its second instruction begins: after a landing pad
// of indirect branches, or after the load of the system call's number.
const std::uint8_t* function() {
  return reinterpret_cast<const std::uint8_t*>(&::getpgid);
}
std::uint64_t second_instruction() {
#if defined(__x86_64__)
  constexpr std::uint8_t load_number = 0xb8;
  return function()[0] == load_number ? 5 : 4;
#else
  return 4;
#endif
}

// The offset from the start of the library's file, found from the mappings of this process.
std::uint64_t offset_in_file() {
  const auto address = reinterpret_cast<std::uint64_t>(function());
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    // 7f5c1a200000-7f5c1a228000 r-xp 00028000 ...
    std::istringstream fields(line);
    std::uint64_t first = 0, last = 0, offset = 0;
    char dash = 0;
    std::string permissions;
    if (!(fields >> std::hex >> first >> dash >> last >> permissions >> offset)) continue;
    if (address >= first && address < last) return address - first + offset;
  }
  throw std::runtime_error("the function is not in any mapping");
}

void add(std::vector<AttachVariant>& all, const std::shared_ptr<Actor>& actor, const std::string& type,
         const std::string& variant, const std::string& program, const json& keys) {
  json point{{"type", type}, {"binary", library_of("libc.so.")}};
  point.update(keys);
  all.push_back({type,
                 variant,
                 {for_process(spec_of(program, point), actor->id())},
                 [actor](pid_t) { actor->act(); },
                 {},
                 calls});
}

// For one process: here the kernel filters, not the program.
void add_of_process(std::vector<AttachVariant>& all, const std::shared_ptr<Actor>& actor,
                    const std::string& type, const std::string& program, const json& keys) {
  json point{{"type", type}, {"binary", library_of("libc.so.")}, {"pid", actor->pid()}};
  point.update(keys);
  all.push_back(
      {type, "of a process", {spec_of(program, point)}, [actor](pid_t) { actor->act(); }, {}, calls});
}

void add_usdt(std::vector<AttachVariant>& all) {
  const auto throwing = std::make_shared<Actor>([] {
    for (std::uint64_t i = 0; i < calls; ++i) {
      try {
        throw static_cast<int>(i);
      } catch (int) {
      }
    }
    return std::string();
  });
  json point{{"type", "usdt"},
             {"binary", library_of("libstdc++.so.")},
             {"provider", "libstdcxx"},
             {"probe", "throw"}};
  const auto act = [throwing](pid_t) { throwing->act(); };
  all.push_back({"usdt", "of all processes", {spec_of("on_usdt", point, "usdt.bpf.o")}, act});
  point["pid"] = throwing->pid();
  all.push_back({"usdt", "of a process", {spec_of("on_usdt", point, "usdt.bpf.o")}, act, {}, calls});
}

}  // namespace

std::vector<AttachVariant> user_variants() {
  const auto actor = std::make_shared<Actor>([] {
    for (std::uint64_t i = 0; i < calls; ++i) ::getpgid(0);
    return std::string();
  });
  const json symbol{{"symbol", "getpgid"}};
  const json pattern{{"pattern", "getpgi?"}};
  std::vector<AttachVariant> all;
  add(all, actor, "uprobe", "a function", "on_kprobe", symbol);
  add(all, actor, "uprobe", "an offset in it", "on_kprobe",
      {{"symbol", "getpgid"}, {"offset", second_instruction()}});
  add(all, actor, "uprobe", "an offset in the file", "on_kprobe", {{"offset", offset_in_file()}});
  add(all, actor, "uprobe", "pattern", "on_kprobe", pattern);
  add_of_process(all, actor, "uprobe", "on_kprobe", symbol);
  add(all, actor, "uretprobe", "a function", "on_kprobe", symbol);
  add(all, actor, "uretprobe", "pattern", "on_kprobe", pattern);
  add_of_process(all, actor, "uretprobe", "on_kprobe", symbol);
  add(all, actor, "uprobe_multi", "pattern", "on_uprobe_multi", pattern);
  add(all, actor, "uprobe_multi", "pattern, at the return", "on_uprobe_multi",
      {{"pattern", "getpgi?"}, {"return", true}});
  add_of_process(all, actor, "uprobe_multi", "on_uprobe_multi", pattern);
  add_usdt(all);
  return all;
}

}  // namespace test
