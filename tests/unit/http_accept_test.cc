#include "sink/http_accept.h"

#include <string>

#include "support/catch.h"

using namespace probe_run;

TEST_CASE("a scraper gets the available format that it prefers") {
  using Form = MetricsForm;
  struct Case {
    const char* accept;
    Form form;
  };
  const Case cases[] = {
      {"", Form::text},
      {"*/*", Form::text},
      {"text/html, image/png", Form::text},
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
       "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       Form::openmetrics},
      {"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,"
       "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5",
       Form::protobuf},
      {"application/vnd.google.protobuf;proto=other.Message;encoding=delimited", Form::text},
      {"text/plain;q=0.2, application/openmetrics-text; version=\"1.0.0\"; q=0.3", Form::openmetrics},
      {"application/openmetrics-text;q=0, text/plain;q=0.001", Form::text},
      {"APPLICATION/OpenMetrics-Text", Form::openmetrics},
      {"application/openmetrics-text;version=9", Form::text},
      {",,;;,;q=;=,q", Form::text},
      {"application/openmetrics-text;q=nan", Form::text},
  };
  for (const Case& c : cases) {
    INFO(c.accept);
    CHECK(wanted_form(c.accept) == c.form);
  }
  CHECK(wanted_form(std::string(100'000, ',')) == Form::text);
}

TEST_CASE("a scraper gets compressed metrics if it accepts them at least as well as others") {
  for (const char* const yes : {"gzip", "GZIP", "x-gzip", "gzip, deflate, br", "deflate;q=0.5, gzip;q=0.1",
                                "*", "*;q=0.3", "br, *", "gzip;q=1.0, identity;q=0.5",
                                "identity;q=0.2, *;q=0.9", "gzip ; q=0.001", "identity;q=0, gzip;q=0.5"}) {
    INFO(yes);
    CHECK(takes_gzip(yes));
  }
  for (const char* const no :
       {"", "identity", "br", "deflate, br;q=0.9", "gzip;q=0", "gzip;q=0.000", "*;q=0", "gzip;q=0, *",
        "*, gzip;q=0", "identity, gzip;q=0.5", "gzipped", "gzip;q=nan", ",,;;q="}) {
    INFO(no);
    CHECK_FALSE(takes_gzip(no));
  }
  CHECK_FALSE(takes_gzip(std::string(100'000, ',')));
}
