#include "server/app/system/metrics.h"

#include <gmock/gmock.h>

namespace tenfold::server {
namespace {

using testing::HasSubstr;
using testing::Not;

AccessRecord record(std::string method, std::string_view route, int status, double seconds) {
  AccessRecord record;
  record.method = std::move(method);
  record.path = "/whatever/was/asked";
  record.route = route;
  record.status = status;
  record.seconds = seconds;
  record.received_bytes = 10;
  return record;
}

std::string page(const Metrics& metrics, const SchedulerStatus& status = {}) {
  return metrics.page(status, std::chrono::seconds(5));
}

TEST(Metrics, CountsRequestsByRouteAndStatus) {
  Metrics metrics;
  metrics.count(record("POST", "/api/chat", 200, 0.2));
  metrics.count(record("POST", "/api/chat", 200, 0.3));
  metrics.count(record("POST", "/api/chat", 400, 0.001));
  const std::string text = page(metrics);
  EXPECT_THAT(text, HasSubstr("tenfold_http_requests_total{method=\"POST\",route=\"/api/chat\","
                              "status=\"200\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("status=\"400\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tenfold_http_received_bytes_total 30\n"));
}

TEST(Metrics, WhatClientsMakeUpIsNoLabel) {
  Metrics metrics;
  metrics.count(record("BREW", "", 404, 0.1));
  const std::string text = page(metrics);
  EXPECT_THAT(text, Not(HasSubstr("whatever")));
  EXPECT_THAT(text, Not(HasSubstr("BREW")));
  EXPECT_THAT(text, HasSubstr("{method=\"any\",route=\"none\",status=\"404\"} 1\n"));
}

TEST(Metrics, BucketsAddUp) {
  Metrics metrics;
  for (const double seconds : {0.001, 0.005, 0.3, 500.0}) {
    metrics.count(record("GET", "/health", 200, seconds));
  }
  const std::string text = page(metrics);
  const std::string bucket = "tenfold_http_request_duration_seconds_bucket{route=\"/health\",le=";
  EXPECT_THAT(text, HasSubstr(bucket + "\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"0.25\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"0.5\"} 3\n"));
  EXPECT_THAT(text, HasSubstr(bucket + "\"+Inf\"} 4\n"));
  EXPECT_THAT(text,
              HasSubstr("tenfold_http_request_duration_seconds_count{route=\"/health\"} 4\n"));
}

TEST(Metrics, ShowsTheSchedulersCountsAndModels) {
  SchedulerStatus status;
  status.counters.generated_tokens = 7;
  status.memory_limit = 100;
  ModelStatus model;
  model.model.name = "a\"b";
  model.model.engine = "llama_cpp";
  model.state = ModelStatus::State::ready;
  model.running = 2;
  status.models.push_back(model);
  const std::string text = page(Metrics(), status);
  EXPECT_THAT(text, HasSubstr("tenfold_generated_tokens_total 7\n"));
  EXPECT_THAT(text, HasSubstr("tenfold_memory_limit_bytes 100\n"));
  EXPECT_THAT(text, HasSubstr("tenfold_model_running{model=\"a\\\"b\",engine=\"llama_cpp\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("state=\"ready\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("last_token")));
}

}  // namespace
}  // namespace tenfold::server
