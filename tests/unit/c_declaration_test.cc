// C declarations from BTF.
#include <random>

#include "object/kernel_types.h"
#include "object/libbpf.h"
#include "support/catch.h"
#include "support/error.h"
#include "unit/btf_builder.h"

using namespace probe_run;
using test::BtfBuilder;
using Kind = KernelTypes::Kind;

namespace {

// The types, and the declaration of the only function "f".
std::string declared(const BtfBuilder& btf) {
  const KernelTypes types(btf.build());
  const auto function = types.find(Kind::function, "f");
  REQUIRE(function);
  const std::optional<CPrototype> prototype = types.prototype(*function);
  REQUIRE(prototype);
  return prototype->declaration("f");
}

// The declaration of a function with an argument of that type.
std::string with_argument(BtfBuilder& btf, BtfBuilder::Id type) {
  btf.function("f", btf.prototype(0, {{"a", type}}));
  return declared(btf);
}

}  // namespace

TEST_CASE("A function is declared with the names and types of its arguments") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto text = btf.pointer(btf.constant(btf.integer("char", 1, BTF_INT_SIGNED)));
  const auto how = btf.pointer(btf.structure("open_how", 0, {}));
  btf.function("f", btf.prototype(btf.integer("long", 8, BTF_INT_SIGNED),
                                  {{"dfd", number}, {"filename", text}, {"how", how}}));
  CHECK(declared(btf) == "long f(int dfd, const char *filename, struct open_how *how)");
}

TEST_CASE("A function without arguments, and a variadic one") {
  BtfBuilder none;
  none.function("f", none.prototype(0, {}));
  CHECK(declared(none) == "void f(void)");
  BtfBuilder any;
  const auto number = any.integer("int", 4, BTF_INT_SIGNED);
  any.function("f", any.prototype(any.pointer(number), {{"first", number}, {"", 0}}));
  CHECK(declared(any) == "int *f(int first, ...)");
}

TEST_CASE("An argument without a name is its type alone") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  btf.function("f", btf.prototype(0, {{"", btf.pointer(number)}, {"", number}}));
  CHECK(declared(btf) == "void f(int *, int)");
}

TEST_CASE("Declarators bind as in C") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  SECTION("an array of pointers") {
    CHECK(with_argument(btf, btf.array(btf.pointer(number), 4)) == "void f(int *a[4])");
  }
  SECTION("a pointer to an array") {
    CHECK(with_argument(btf, btf.pointer(btf.array(btf.array(number, 3), 4))) == "void f(int (*a)[4][3])");
  }
  SECTION("a pointer to a function that returns a pointer to a function") {
    const auto inner = btf.pointer(btf.prototype(0, {{"", number}}));
    CHECK(with_argument(btf, btf.pointer(btf.prototype(inner, {}))) == "void f(void (*(*a)(void))(int))");
  }
  SECTION("a constant pointer, and a pointer to a constant") {
    const auto constant = btf.constant(btf.pointer(btf.volatile_of(btf.constant(number))));
    CHECK(with_argument(btf, constant) == "void f(volatile const int *const a)");
  }
  SECTION("a restricted pointer to a pointer") {
    CHECK(with_argument(btf, btf.restricted(btf.pointer(btf.pointer(0)))) == "void f(void **restrict a)");
  }
  SECTION("types without a name") {
    CHECK(with_argument(btf, btf.pointer(btf.structure("", 0, {}))) == "void f(struct {...} *a)");
  }
  SECTION("forward declarations, enums and typedefs") {
    const auto handler =
        btf.pointer(btf.prototype(btf.type_def("irqreturn_t", number),
                                  {{"", btf.enumeration("why", 4, {})}, {"", btf.forward("ghost")}}));
    CHECK(with_argument(btf, handler) == "void f(irqreturn_t (*a)(enum why, struct ghost))");
  }
}

TEST_CASE("Fields have offsets, and the members of unnamed members are listed with the others") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto letters = btf.array(btf.integer("char", 1), 16);
  const auto either = btf.union_of("", 4, {{"whole", number, 0}, {"same", number, 0}});
  btf.structure("s", 28,
                {{"comm", letters, 0}, {"", either, 128}, {"flag", number, 160, 3}, {"last", number, 192}});
  const KernelTypes types(btf.build());
  std::string text;
  for (const CVariable& field : types.fields(*types.find(Kind::structure, "s"))) {
    text += field.declaration + " at " + (field.offset ? std::to_string(*field.offset) : "-") + " of " +
            (field.size ? std::to_string(*field.size) : "-") + "\n";
  }
  CHECK(text ==
        "char comm[16] at 0 of 16\n"
        "int whole at 16 of 4\n"
        "int same at 16 of 4\n"
        "int flag : 3 at - of -\n"
        "int last at 24 of 4\n");
}

TEST_CASE("Functions that trampolines do not support are recognized") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  const BtfBuilder::Parameters twelve(12, {"n", number});
  BtfBuilder::Parameters thirteen = twelve;
  thirteen.emplace_back("n", number);
  btf.function("few", btf.prototype(0, twelve));
  btf.function("many", btf.prototype(0, thirteen));
  btf.function("variadic", btf.prototype(0, {{"n", number}, {"", 0}}));
  const KernelTypes types(btf.build());
  CHECK(KernelTypes::fits_trampoline(*types.find(Kind::function, "few")));
  CHECK_FALSE(KernelTypes::fits_trampoline(*types.find(Kind::function, "many")));
  CHECK_FALSE(KernelTypes::fits_trampoline(*types.find(Kind::function, "variadic")));
}

// BTF that newer versions of libbpf reject, but older ones accept.

TEST_CASE("Types that contain themselves do not recurse endlessly") {
  BtfBuilder btf;
  SECTION("a pointer to itself") {
    btf.pointer(btf.next());
  }
  SECTION("a typedef of a constant of itself") {
    btf.constant(btf.next() + 1);
    btf.type_def("", btf.next() - 1);
  }
  SECTION("a constant of itself") {
    btf.constant(btf.next());
  }
  SECTION("an array of itself") {
    btf.array(btf.next(), 3);
  }
  SECTION("a function that takes and returns such functions, nested many times") {
    const BtfBuilder::Parameters parameters(100, {"again", btf.next() + 1});
    btf.prototype(btf.next() + 1, parameters);
    btf.pointer(btf.next() - 1);
  }
  SECTION("an unnamed struct that contains itself") {
    btf.structure("", 8, {{"", btf.next(), 0}, {"", btf.next(), 0}});
  }
  btf.function("f", btf.prototype(1, {{"a", 1}}));
  btf.structure("s", 8, {{"a", 1, 0}, {"", 1, 0}});
  try {
    const KernelTypes types(btf.build());
    const auto prototype = types.prototype(*types.find(Kind::function, "f"));
    REQUIRE(prototype);
    CHECK(prototype->declaration("f").size() < 20'000);
    CHECK(types.fields(*types.find(Kind::structure, "s")).size() <= 5000);
  } catch (const Error& error) {
    CHECK(std::string(error.what()).starts_with("malformed BTF: "));
  }
}

TEST_CASE("References to types and names that do not exist are declared as unknown") {
  BtfBuilder btf;
  btf.function("f", btf.prototype(4711, {{"a", 4712}, {"b", btf.next() + 1}}));
  try {
    CHECK(declared(btf) == "? f(? a, ? b)");
  } catch (const Error& error) {
    CHECK(std::string(error.what()).starts_with("malformed BTF: "));
  }
}

TEST_CASE("BTF of any bytes is either refused or declared") {
  BtfBuilder btf;
  const auto number = btf.integer("int", 4, BTF_INT_SIGNED);
  const auto s = btf.structure("s", 8, {{"a", number, 0}, {"b", btf.array(number, 1), 32}});
  const auto callback = btf.pointer(btf.prototype(number, {{"s", btf.pointer(s)}}));
  btf.function("f", btf.prototype(btf.type_def("t", number), {{"call", callback}, {"c", btf.constant(s)}}));
  const std::vector<std::byte> good = btf.build();
  const LibbpfLog log;  // captures libbpf's output about rejected BTF
  std::mt19937 random(5);
  std::size_t declared_some = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::vector<std::byte> bytes = good;
    for (unsigned changes = 1 + random() % 4; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
    try {
      const KernelTypes types(bytes);
      for (const Kind kind : {Kind::function, Kind::type_definition, Kind::structure, Kind::union_}) {
        for (const KernelTypes::Named& named : types.all(kind)) {
          if (const auto prototype = types.prototype(named))
            declared_some += prototype->declaration("f").size() > 0;
          declared_some += types.fields(named).size() + types.field_names(named).size();
          declared_some += std::size_t{KernelTypes::fits_trampoline(named)};
        }
      }
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(declared_some > 1000);
  CHECK(refused > 100);
}
