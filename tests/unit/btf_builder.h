// Builds raw BTF in memory, as a compiler would write it into an object.
#pragma once

#include <linux/btf.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

namespace test {

class BtfBuilder {
 public:
  using Id = std::uint32_t;

  struct Member {
    std::string name;
    Id type = 0;
    std::uint32_t bit_offset = 0;
    std::uint32_t bit_size = 0;  // of a bitfield
  };
  struct Variable {
    Id id = 0;
    std::uint32_t offset = 0, size = 0;
  };
  using Values = std::vector<std::pair<std::string, std::int64_t>>;

  // `encoding`: BTF_INT_SIGNED, BTF_INT_CHAR or BTF_INT_BOOL.
  Id integer(const std::string& name, std::uint32_t size, std::uint32_t encoding = 0,
             std::uint32_t bits = 0) {
    const Id id = head(name, BTF_KIND_INT, 0, false, size);
    word(encoding << 24 | (bits != 0 ? bits : size * 8));
    return id;
  }
  Id floating(const std::string& name, std::uint32_t size) {
    return head(name, BTF_KIND_FLOAT, 0, false, size);
  }
  Id pointer(Id target) { return head({}, BTF_KIND_PTR, 0, false, target); }
  Id constant(Id target) { return head({}, BTF_KIND_CONST, 0, false, target); }
  Id volatile_of(Id target) { return head({}, BTF_KIND_VOLATILE, 0, false, target); }
  Id restricted(Id target) { return head({}, BTF_KIND_RESTRICT, 0, false, target); }
  Id type_def(const std::string& name, Id target) { return head(name, BTF_KIND_TYPEDEF, 0, false, target); }
  Id forward(const std::string& name) { return head(name, BTF_KIND_FWD, 0, false, 0); }
  Id array(Id element, std::uint32_t count) {
    const Id id = head({}, BTF_KIND_ARRAY, 0, false, 0);
    word(element), word(0), word(count);
    return id;
  }
  Id structure(const std::string& name, std::uint32_t size, const std::vector<Member>& members) {
    return record(BTF_KIND_STRUCT, name, size, members);
  }
  Id union_of(const std::string& name, std::uint32_t size, const std::vector<Member>& members) {
    return record(BTF_KIND_UNION, name, size, members);
  }
  // `marked_signed` is the flag that clang sets from version 15 on.
  Id enumeration(const std::string& name, std::uint32_t size, const Values& values,
                 bool marked_signed = false) {
    const Id id = head(name, BTF_KIND_ENUM, values.size(), marked_signed, size);
    for (const auto& [label, value] : values) word(string(label)), word(static_cast<std::uint32_t>(value));
    return id;
  }
  Id enumeration64(const std::string& name, const Values& values, bool marked_signed = false) {
    const Id id = head(name, 19, values.size(), marked_signed, 8);
    for (const auto& [label, value] : values) {
      const auto bits = static_cast<std::uint64_t>(value);
      word(string(label)), word(static_cast<std::uint32_t>(bits)),
          word(static_cast<std::uint32_t>(bits >> 32));
    }
    return id;
  }
  using Parameters = std::vector<std::pair<std::string, Id>>;  // the type 0 at the end is "..."
  Id prototype(Id returns, const Parameters& parameters) {
    const Id id = head({}, BTF_KIND_FUNC_PROTO, parameters.size(), false, returns);
    for (const auto& [name, type] : parameters) word(string(name)), word(type);
    return id;
  }
  Id function(const std::string& name, Id prototype) {
    return head(name, BTF_KIND_FUNC, 0, false, prototype);
  }
  // The id of the next type: for types that refer to each other.
  Id next() const { return last_ + 1; }
  Id variable(const std::string& name, Id type) {
    const Id id = head(name, BTF_KIND_VAR, 0, false, type);
    word(1);  // global
    return id;
  }
  Id section(const std::string& name, std::uint32_t size, const std::vector<Variable>& variables) {
    const Id id = head(name, BTF_KIND_DATASEC, variables.size(), false, size);
    for (const Variable& v : variables) word(v.id), word(v.offset), word(v.size);
    return id;
  }

  std::vector<std::byte> build() const {
    btf_header header{};
    header.magic = 0xeb9f;
    header.version = 1;
    header.hdr_len = sizeof header;
    header.type_len = static_cast<std::uint32_t>(types_.size() * 4);
    header.str_off = header.type_len;
    header.str_len = static_cast<std::uint32_t>(strings_.size());
    std::vector<std::byte> bytes(sizeof header + header.type_len + header.str_len);
    std::memcpy(bytes.data(), &header, sizeof header);
    if (!types_.empty()) std::memcpy(bytes.data() + sizeof header, types_.data(), header.type_len);
    std::memcpy(bytes.data() + sizeof header + header.type_len, strings_.data(), header.str_len);
    return bytes;
  }

 private:
  Id head(const std::string& name, unsigned kind, std::size_t vlen, bool flag, std::uint32_t size_or_type) {
    word(string(name));
    word(static_cast<std::uint32_t>(vlen) | kind << 24 | (flag ? 1u << 31 : 0));
    word(size_or_type);
    return ++last_;
  }

  Id record(unsigned kind, const std::string& name, std::uint32_t size, const std::vector<Member>& members) {
    const bool flag =
        std::any_of(members.begin(), members.end(), [](const Member& m) { return m.bit_size != 0; });
    const Id id = head(name, kind, members.size(), flag, size);
    for (const Member& m : members) {
      word(string(m.name)), word(m.type), word(flag ? m.bit_size << 24 | m.bit_offset : m.bit_offset);
    }
    return id;
  }

  std::uint32_t string(const std::string& text) {
    if (text.empty()) return 0;
    const auto offset = static_cast<std::uint32_t>(strings_.size());
    strings_.append(text).push_back('\0');
    return offset;
  }
  void word(std::uint32_t value) { types_.push_back(value); }

  std::vector<std::uint32_t> types_;
  std::string strings_ = std::string(1, '\0');
  Id last_ = 0;
};

}  // namespace test
