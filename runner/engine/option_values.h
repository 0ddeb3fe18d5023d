// The values of options, read from text. Each function throws Error when the value is wrong.
#pragma once

#include <string>

#include "engine/options.h"

namespace probe_run {

void store_format(Options& options, const std::string& text);
void store_duration(Options& options, const std::string& text);
void store_count(Options& options, const std::string& text);
void store_speed(Options& options, const std::string& text);
void store_verifier_log(Options& options, const std::string& text);
void store_parameter(Options& options, const std::string& text);
void store_output(Options& options, const std::string& text);
void store_allowed_host(Options& options, const std::string& name);
void store_listen(Options& options, const std::string& text);
void store_generate(Options& options, const std::string& text);

}  // namespace probe_run
