#include "server/app/system/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "server/app/status_json.h"

namespace tenfold::server {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\\' || letter == '"') out += '\\';
    if (letter == '\n') {
      out += "\\n";
    } else {
      out += letter;
    }
  }
  return out;
}

class Page {
 public:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP tenfold_{0} {1}\n# TYPE tenfold_{0} {2}\n",
                   name, help, type);
  }

  /// `labels` are as they stand between the braces; empty: none.
  template <typename Value>
  void sample(std::string_view name, std::string_view labels, Value value) {
    const std::string braced = labels.empty() ? "" : fmt::format("{{{}}}", labels);
    fmt::format_to(std::back_inserter(text_), "tenfold_{}{} {}\n", name, braced, value);
  }

  template <typename Value>
  void single(std::string_view name, std::string_view type, std::string_view help, Value value) {
    family(name, type, help);
    sample(name, "", value);
  }

  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string model_labels(const ModelStatus& status) {
  return fmt::format("model=\"{}\",engine=\"{}\"", escaped(status.model.name),
                     escaped(status.model.engine));
}

template <typename Member>
void add_models(Page& page, std::string_view name, std::string_view help,
                const SchedulerStatus& status, Member member) {
  page.family(name, "gauge", help);
  for (const ModelStatus& model : status.models) {
    page.sample(name, model_labels(model), std::invoke(member, model));
  }
}

void add_scheduler(Page& page, const SchedulerStatus& status) {
  for (const Counter& counter : scheduler_counters()) {
    page.single(fmt::format("{}_total", counter.name), "counter", counter.help,
                status.counters.*counter.value);
  }
  page.single("memory_limit_bytes", "gauge", "Memory that all models may have together.",
              status.memory_limit);
  page.single("memory_used_bytes", "gauge", "Memory charged to the limit.", status.memory_used);
  if (status.last_token) {
    page.single("last_token_seconds", "gauge", "How long ago a token was generated.",
                static_cast<double>(status.last_token->count()) / 1000);
  }
  page.family("model_state", "gauge", "1 for the state the model is in.");
  for (const ModelStatus& model : status.models) {
    page.sample("model_state",
                fmt::format("{},state=\"{}\"", model_labels(model), to_string(model.state)), 1);
  }
  add_models(page, "model_waiting", "Requests that wait for the model.", status,
             &ModelStatus::waiting);
  add_models(page, "model_running", "Requests that the model works on.", status,
             &ModelStatus::running);
  add_models(page, "model_memory_bytes", "Memory charged for the model.", status,
             &ModelStatus::memory_bytes);
  add_models(page, "model_measured_bytes", "Memory its worker has; 0: not measured.", status,
             &ModelStatus::measured_bytes);
}

}  // namespace

void Metrics::count(const AccessRecord& record) {
  const bool known = !record.route.empty();
  const std::string route(known ? record.route : std::string_view("none"));
  ++requests_[{known ? record.method : "any", route, record.status}];
  Histogram& durations = durations_[route];
  const auto bound = std::ranges::lower_bound(bounds, record.seconds);
  ++durations.counts[static_cast<std::size_t>(bound - bounds.begin())];
  durations.sum += record.seconds;
  received_bytes_ += record.received_bytes;
  sent_bytes_ += record.sent_bytes;
}

std::string Metrics::page(const SchedulerStatus& status,
                          std::chrono::duration<double> uptime) const {
  Page page;
  page.family("build_info", "gauge", "1.");
  page.sample("build_info", "version=\"" TENFOLD_VERSION "\"", 1);
  page.single("uptime_seconds", "gauge", "How long the server has been up.", uptime.count());
  page.family("http_requests_total", "counter", "Requests that were replied to.");
  for (const auto& [key, count] : requests_) {
    const auto& [method, route, code] = key;
    page.sample("http_requests_total",
                fmt::format("method=\"{}\",route=\"{}\",status=\"{}\"", method, route, code),
                count);
  }
  page.family("http_request_duration_seconds", "histogram",
              "From a request's headers to the end of its reply.");
  for (const auto& [route, durations] : durations_) {
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < durations.counts.size(); ++i) {
      below += durations.counts[i];
      const std::string bound = i < bounds.size() ? fmt::format("{}", bounds[i]) : "+Inf";
      page.sample("http_request_duration_seconds_bucket",
                  fmt::format("route=\"{}\",le=\"{}\"", route, bound), below);
    }
    const std::string label = fmt::format("route=\"{}\"", route);
    page.sample("http_request_duration_seconds_sum", label, durations.sum);
    page.sample("http_request_duration_seconds_count", label, below);
  }
  page.single("http_received_bytes_total", "counter", "Bytes of bodies of requests.",
              received_bytes_);
  page.single("http_sent_bytes_total", "counter", "Bytes of replies.", sent_bytes_);
  add_scheduler(page, status);
  return std::move(page).text();
}

}  // namespace tenfold::server
