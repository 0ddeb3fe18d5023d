// Random types, as valid BTF: everything that a compiler may generate, and some things that it would not.
#pragma once

#include <string>
#include <vector>

#include "fuzz/choices.h"
#include "unit/btf_builder.h"

namespace fuzz {

class RandomTypes {
 public:
  struct Made {
    test::BtfBuilder::Id id = 0;
    std::uint32_t size = 0;  // bytes
    bool number = false;     // can be a bitfield
    bool record = false;     // a struct or union
  };

  explicit RandomTypes(Choices& choices) : choices_(choices) {}

  Made any(unsigned depth);
  Made structure(const std::string& name, unsigned depth);

  const test::BtfBuilder& btf() const { return btf_; }
  const std::vector<std::string>& names() const { return names_; }  // as in a spec

 private:
  Made integer();
  Made enumeration();
  Made array(unsigned depth);
  Made union_of(const std::string& name, unsigned depth);
  std::string member_name(std::size_t index, const Made& made);
  std::string type_name(const char* prefix);

  Choices& choices_;
  test::BtfBuilder btf_;
  std::vector<std::string> names_;
  unsigned count_ = 0;
};

}  // namespace fuzz
