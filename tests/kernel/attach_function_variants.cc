// Attach points at functions of the kernel.
#include <fcntl.h>

#include <memory>

#include "actor.h"
#include "attach_spec.h"
#include "attach_variants.h"
#include "network.h"

namespace test {
namespace {

using nlohmann::json;

constexpr std::uint64_t calls = 20;
// On the device that the test sends through.
constexpr const char* module_function = "veth_xmit";

class Functions {
 public:
  std::vector<AttachVariant> take() { return std::move(all_); }

  // Called by the actor's opens, once each time.
  void at_open(const std::string& program, const json& point, const std::string& variant,
               std::uint64_t exactly = 1) {
    add(program, {point}, variant, exactly, opening_);
  }
  void at_system_call(const std::string& program, const json& point) {
    add(program, {point}, "", calls, calling_);
  }
  // Where an instruction begins depends on the compiler: after the landing pad of indirect branches, which
  // some kernels have, or after the call for ftrace.
  void at_an_offset(const std::string& program, const json& point, const std::string& variant) {
    std::vector<json> points{point, point};
    points[0]["offset"] = 4;
    points[1]["offset"] = 5;
    add(program, points, variant, 1, opening_);
  }
  // Packets of every process pass through a function of a module.
  void in_module(const std::string& program, const json& point, const std::string& variant) {
    all_.push_back({point.at("type"), variant, {spec_of(program, point)}, [network = network_](pid_t) {
                      network->send(frame_of(private_protocol), 3);
                    }});
  }

 private:
  void add(const std::string& program, const std::vector<json>& points, const std::string& variant,
           std::uint64_t exactly, const std::shared_ptr<Actor>& actor) {
    std::vector<json> specs;
    specs.reserve(points.size());
    for (const json& point : points) specs.push_back(for_process(spec_of(program, point), actor->id()));
    all_.push_back({points[0].at("type"), variant, specs, [actor](pid_t) { actor->act(); }, {}, exactly});
  }

  std::shared_ptr<Actor> opening_ = std::make_shared<Actor>(opening({{"/dev/null", O_RDONLY}}));
  std::shared_ptr<Actor> calling_ = std::make_shared<Actor>(calling_getppid(calls));
  std::shared_ptr<Network> network_ = std::make_shared<Network>();
  std::vector<AttachVariant> all_;
};

json at(const std::string& type, const json& keys) {
  json point{{"type", type}};
  point.update(keys);
  return point;
}

}  // namespace

std::vector<AttachVariant> function_variants() {
  const json open{{"symbol", "do_sys_openat2"}};
  const json of_veth{{"symbol", module_function}, {"module", "veth"}};
  const json listed{{"symbols", {"do_sys_openat2"}}};
  const json matching{{"pattern", "do_sys_openat?"}};
  Functions functions;
  functions.at_open("on_kprobe", at("kprobe", open), "a function");
  functions.at_an_offset("on_kprobe", at("kprobe", open), "an offset in it");
  functions.in_module("on_kprobe", at("kprobe", of_veth), "a function of a module");
  functions.at_open("on_kprobe", at("kretprobe", open), "a function");
  functions.in_module("on_kprobe", at("kretprobe", of_veth), "a function of a module");
  functions.at_open("on_kprobe_multi", at("kprobe_multi", listed), "symbols");
  functions.at_open("on_kprobe_multi", at("kprobe_multi", matching), "pattern");
  json at_return = at("kprobe_multi", matching);
  at_return["return"] = true;
  functions.at_open("on_kprobe_multi", at_return, "pattern, at the return");
  functions.in_module("on_kprobe_multi", at("kprobe_multi", {{"symbols", {module_function}}}),
                      "symbols of a module");
  functions.at_open("on_kprobe_session", at("kprobe_session", listed), "symbols", 2);
  functions.at_open("on_kprobe_session", at("kprobe_session", matching), "pattern", 2);
  functions.at_system_call("on_kprobe", at("ksyscall", {{"syscall", "getppid"}}));
  functions.at_system_call("on_kprobe", at("kretsyscall", {{"syscall", "getppid"}}));
  for (const std::string type : {"fentry", "fexit"}) {
    functions.at_open("on_" + type, at(type, {{"function", "do_sys_openat2"}}), "a function");
    functions.in_module("on_" + type, at(type, {{"function", module_function}}), "a function of a module");
  }
  functions.at_open("on_fmod_ret", at("fmod_ret", {{"function", "security_file_open"}}), "a security hook");
  functions.at_open("on_lsm", at("lsm", {{"hook", "file_open"}}), "");
  return functions.take();
}

}  // namespace test
