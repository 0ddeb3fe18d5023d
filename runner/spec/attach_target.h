// Attach points as --list prints them, "tracepoint:sched:sched_switch": the short form of the object.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spec/value.h"

namespace probe_run {

// What profilers use, and what the short form of a perf_event means.
inline constexpr std::uint64_t usual_frequency = 99;
// Of a netfilter hook: among those that neither come early nor late.
inline constexpr std::uint64_t usual_priority = 0;

// How a target is made of the values of keys.
enum class TargetForm {
  none,         // there is no target: "auto"
  one,          // "eth0"
  first_colon,  // "sched:sched_switch": the second value may contain colons
  last_colon,   // "eth0:ingress": the first value may
  of_module,    // "do_exit", or "nf_tables:nft_do_chain": the first value is optional
  in_file,      // "/usr/bin/bash:readline": the directory of the file may contain colons
  not_a_target  // what --list prints is not what a spec names
};

struct AttachTarget {
  std::string_view type;
  TargetForm form;
  std::array<std::string_view, 3> keys;  // in the order of the target; "" for no more
  struct Implied {
    std::string_view key;  // "" for none
    std::uint64_t value = 0;
  } implied = {};
};

// A row for each attach type.
std::span<const AttachTarget> attach_targets();
const AttachTarget& attach_target(std::string_view type);  // REQUIRES: an attach type

// "tc:IFACE:DIRECTION": for messages.
std::string form_of(const AttachTarget& target);

// The object that the string `written` stands for; nullopt if the target has not the form of its type.
std::optional<Value::Object> attach_object(const AttachTarget& target, const Value& written);

}  // namespace probe_run
