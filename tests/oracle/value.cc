#include "oracle/value.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace test {
namespace {

// Takes the parser's events and builds the tree.
class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  Value take() { return std::move(root_); }

  bool null() override { return add({}); }
  bool boolean(bool value) override { return scalar(Value::Kind::boolean, value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override {
    return scalar(Value::Kind::number, std::to_string(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    return scalar(Value::Kind::number, std::to_string(value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return scalar(Value::Kind::number, text);
  }
  bool string(string_t& text) override { return scalar(Value::Kind::string, text); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(Value::Kind::object); }
  bool key(string_t& name) override {
    key_ = name;
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(Value::Kind::array); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    throw std::runtime_error(error.what());
  }

 private:
  bool scalar(Value::Kind kind, std::string text) {
    Value value;
    value.kind = kind;
    value.text = std::move(text);
    return add(std::move(value));
  }

  bool open(Value::Kind kind) {
    Value value;
    value.kind = kind;
    open_.emplace_back(std::exchange(key_, {}), std::move(value));
    return true;
  }

  bool close() {
    auto [key, value] = std::move(open_.back());
    open_.pop_back();
    key_ = std::move(key);
    return add(std::move(value));
  }

  bool add(Value value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return true;
    }
    Value& parent = open_.back().second;
    if (parent.kind == Value::Kind::array) {
      parent.items.push_back(std::move(value));
    } else {
      parent.members.emplace_back(std::exchange(key_, {}), std::move(value));
    }
    return true;
  }

  Value root_;
  std::string key_;                                  // of the value that comes next
  std::vector<std::pair<std::string, Value>> open_;  // with the keys they will have
};

}  // namespace

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

const Value& Value::at(std::string_view key) const {
  const Value* const found = find(key);
  if (found == nullptr) throw std::runtime_error("\"" + std::string(key) + "\" is missing");
  return *found;
}

Value parse_value(std::string_view json) {
  Builder builder;
  nlohmann::json::sax_parse(json, &builder);
  return builder.take();
}

std::string to_json(const Value& value) {
  const auto joined = [](char open, const auto& parts, char close, const auto& print) {
    std::string text(1, open);
    for (const auto& part : parts) {
      if (text.size() > 1) text += ',';
      text += print(part);
    }
    return text + close;
  };
  switch (value.kind) {
    case Value::Kind::null:
      return "null";
    case Value::Kind::boolean:
    case Value::Kind::number:
      return value.text;
    case Value::Kind::string:
      return nlohmann::json(value.text).dump();
    case Value::Kind::array:
      return joined('[', value.items, ']', [](const Value& item) { return to_json(item); });
    case Value::Kind::object:
      return joined('{', value.members, '}', [](const auto& member) {
        return nlohmann::json(member.first).dump() + ':' + to_json(member.second);
      });
  }
  return {};
}

}  // namespace test
