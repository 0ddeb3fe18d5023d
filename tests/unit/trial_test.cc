#include "object/trial.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include "support/catch.h"

using namespace probe_run;

TEST_CASE("An action that returns or throws survives its trial, and changes nothing here") {
  int value = 1;
  CHECK(survives_trial([&] { value = 2; }));
  CHECK(value == 1);
  CHECK(survives_trial([] { throw std::runtime_error("an answer, too"); }));
}

TEST_CASE("An action that crashes or aborts does not survive its trial") {
  CHECK_FALSE(survives_trial([] { std::raise(SIGSEGV); }));
  CHECK_FALSE(survives_trial([] { std::abort(); }));
}
