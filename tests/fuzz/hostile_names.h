// Names from a hostile machine or a crafted recording.
#pragma once

#include <memory>
#include <string>

#include "fuzz/choices.h"
#include "support/names.h"

namespace fuzz {

class HostileNames final : public probe_run::Names {
 public:
  // `own`: bytes of the input that are names as well.
  explicit HostileNames(Bytes own) : own_(own) {}

  std::string_view find(probe_run::NameKind kind, Bytes key) noexcept override {
    unsigned hash = static_cast<unsigned>(kind);
    for (const std::byte byte : key) hash = hash * 31 + std::to_integer<unsigned>(byte);
    return answer(text(hash % 14, key));
  }

 private:
  // In separate memory, which the next call frees.
  std::string_view answer(const std::string& text) {
    last_ = std::make_unique<char[]>(text.size());
    text.copy(last_.get(), text.size());
    return {last_.get(), text.size()};
  }

  std::string text(unsigned which, Bytes key) const {
    switch (which) {
      case 0:
        return {};
      case 1:
        return "root";
      case 2:
        return "\x1b[2J\x9b\x7f\xe2\x80\xae\xc2\x9b";
      case 3:
        return "a,\"b\"\r\nc\\";
      case 4:
        return "\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xe2";
      case 5:
        return std::string(600, 'n');
      case 6:
        return "do_sys_open\t28\t\t\nvfs_read\t1\tmodule\tinlined\n";
      case 7:
        return "\t\t\t\t\t\n\n\n\t\n";
      case 8:
        return "no_end\t99999999999999999999999\tmod";
      case 9:
        return std::string("nul\0inside", 10) + "\t-1\t\"mod\n";
      case 10:
        return std::string(8 * 127, '\x11');
      case 11:
        return std::string(8 * 3 + 5, '\xee');
      case 12:
        return std::string(as_text(key));
      default:
        return std::string(as_text(own_));
    }
  }

  Bytes own_;
  std::unique_ptr<char[]> last_;
};

}  // namespace fuzz
