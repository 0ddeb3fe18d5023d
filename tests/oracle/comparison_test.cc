// The comparison detects differences: otherwise the oracle's tests could not fail.
#include "oracle/comparison.h"

#include <functional>

#include "support/catch.h"

using test::Differences;
using test::EnumBtf;
using test::Testimony;
using test::Value;

namespace {

// struct { u32 number; bool flag; char text[4]; enum state state; float real; struct { u8 id; } peers[2]; }
Testimony testimony() {
  return {"event",
          20,
          "00",
          test::parse_value(R"({"number":5,"flag":true,"text":"ab","state":"OPEN","real":0.1,)"
                            R"("peers":[{"id":1},{"id":2}]})"),
          test::parse_value(R"({"number":null,"flag":null,"text":"text",)"
                            R"("state":{"number":"3","enum":"plain"},"real":"float",)"
                            R"("peers":[{"id":null},{"id":null}]})"),
          test::parse_value(R"({"":20,"number":4,"flag":5,"text":9,"state":13,"real":17,)"
                            R"("peers":[{"":18,"id":18},{"":19,"id":19}]})")};
}

// For an enum alone.
Testimony enum_testimony(const std::string& shown, const std::string& number, const std::string& kind) {
  Testimony enum_only{"event", 8, "00", {}, {}, test::parse_value(R"({"":8,"state":8})")};
  enum_only.values = test::parse_value(R"({"state":")" + shown + R"("})");
  enum_only.notes = test::parse_value(R"({"state":{"number":")" + number + R"(","enum":")" + kind + R"("}})");
  return enum_only;
}

bool differs(const Testimony& expected, const std::string& got, std::size_t size = 20,
             EnumBtf btf = EnumBtf::full) {
  Differences differences;
  compare(expected, got, size, btf, differences);
  return !differences.empty();
}

// Calls it with the tree after each change of one value in it.
void for_each_change(Value& root, Value& value, const std::function<void(const std::string&)>& call) {
  const Value before = value;
  const auto changed_to = [&](Value other) {
    value = std::move(other);
    call(to_json(root));
    value = before;
  };
  changed_to({Value::Kind::number, "7", {}, {}});
  changed_to({Value::Kind::string, "x" + before.text, {}, {}});
  if (before.kind != Value::Kind::null) changed_to({});
  if (!before.items.empty()) {
    Value other = before;
    other.items.push_back(before.items[0]);
    changed_to(other);
    other.items.resize(before.items.size() - 1);
    changed_to(other);
  }
  if (!before.members.empty()) {
    Value other = before;
    other.members.pop_back();
    changed_to(other);
    other = before;
    other.members.emplace_back("one_more", Value{});
    changed_to(other);
    other = before;
    other.members[0].first = "renamed";
    changed_to(other);
  }
  for (std::size_t i = 0; i < value.items.size(); ++i) for_each_change(root, value.items[i], call);
  for (std::size_t i = 0; i < value.members.size(); ++i) for_each_change(root, value.members[i].second, call);
}

}  // namespace

TEST_CASE("Equal values do not differ") {
  CHECK_FALSE(differs(testimony(), to_json(testimony().values)));
}

TEST_CASE("A float may be written with other digits, not with another value") {
  Value values = testimony().values;
  values.members[4].second.text = "0.100000001";
  CHECK_FALSE(differs(testimony(), to_json(values)));
  values.members[4].second.text = "0.10000001";
  CHECK(differs(testimony(), to_json(values)));
}

TEST_CASE("Every change of a value is a difference") {
  const Testimony expected = testimony();
  Value values = expected.values;
  std::size_t changes = 0;
  for_each_change(values, values, [&](const std::string& got) {
    ++changes;
    CAPTURE(got);
    CHECK(differs(expected, got));
  });
  CHECK(changes > 30);
  CHECK(differs(expected, "{"));
}

TEST_CASE("A field that a record is too short for is null, and nothing else is") {
  const Testimony expected = testimony();
  const std::string head = R"({"number":5,"flag":true,"text":)";
  const std::string tail = R"("real":null,"peers":null})";
  CHECK_FALSE(differs(expected, head + R"("ab","state":"OPEN",)" + tail, 13));
  CHECK_FALSE(differs(expected, head + R"("a","state":null,)" + tail, 6));
  CHECK(differs(expected, head + R"("ab","state":null,)" + tail, 13));
  CHECK(differs(expected, head + R"("ab","state":"OPEN",)" + tail, 12));
  CHECK(differs(expected, head + R"("ab","state":"OPEN","real":0.1,"peers":null})", 18));
  CHECK(differs(expected, head + R"("ab","state":"OPEN","real":0.1,"peers":[]})", 18));
  CHECK_FALSE(differs(expected, head + R"("ab","state":"OPEN","real":0.1,"peers":[{"id":1}]})", 18));
  CHECK(differs(expected, head + R"("ab","state":"OPEN","real":0.1,"peers":[{"id":1},{"id":2}]})", 18));
}

TEST_CASE("Only what BTF cannot express about an enum may be printed differently") {
  const auto accepted = [](const Testimony& expected, const std::string& got, EnumBtf btf) {
    return !differs(expected, R"({"state":")" + got + R"("})", 8, btf);
  };
  const Testimony plain = enum_testimony("4294967295", "4294967295", "plain");
  CHECK_FALSE(accepted(plain, "-1", EnumBtf::cut));

  const Testimony top = enum_testimony("4294967295", "4294967295", "top bit");
  CHECK(accepted(top, "-1", EnumBtf::cut));
  CHECK_FALSE(accepted(top, "-1", EnumBtf::full));
  CHECK_FALSE(accepted(top, "-2", EnumBtf::cut));
  CHECK_FALSE(accepted(enum_testimony("ALL", "4294967295", "top bit"), "4294967295", EnumBtf::cut));

  const Testimony wide = enum_testimony("HUGE", "1099511627776", "wide");
  CHECK(accepted(wide, "1099511627776", EnumBtf::cut));
  CHECK_FALSE(accepted(wide, "1099511627776", EnumBtf::full));
  CHECK_FALSE(accepted(wide, "0", EnumBtf::cut));
  CHECK_FALSE(accepted(enum_testimony("ONE", "1", "wide"), "1", EnumBtf::cut));
  CHECK(accepted(enum_testimony("LOSS", "-1", "wide"), "18446744073709551615", EnumBtf::cut));
  CHECK_FALSE(accepted(enum_testimony("LOSS", "-1", "wide"), "4294967295", EnumBtf::cut));
}

TEST_CASE("Members are counted once, including those of nested structs") {
  CHECK(test::count_members(testimony().values) == 7);
}
