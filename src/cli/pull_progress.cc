#include "cli/pull_progress.h"

#include <fmt/format.h>

namespace tenfold {
namespace {

using nlohmann::json;

constexpr double mebibyte = 1 << 20;
constexpr std::chrono::milliseconds between_redraws{200};
constexpr std::chrono::seconds between_events{1};
constexpr std::chrono::seconds between_lines{10};

std::string clock_text(double seconds) {
  const auto whole = static_cast<std::int64_t>(seconds + 0.5);
  if (whole >= 3600) {
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
  }
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

json event_of(const PullProgress& progress) {
  json event{{"event", "progress"},
             {"file", progress.file},
             {"number", progress.number},
             {"count", progress.count},
             {"done", progress.done},
             {"total", nullptr},
             {"bytes_per_second", progress.bytes_per_second},
             {"seconds_left", nullptr}};
  if (progress.total) event["total"] = *progress.total;
  if (progress.seconds_left) event["seconds_left"] = *progress.seconds_left;
  return event;
}

}  // namespace

std::string progress_text(const PullProgress& progress) {
  const auto done = static_cast<double>(progress.done);
  std::string text;
  if (progress.count > 1) text = fmt::format("{}/{} ", progress.number, progress.count);
  text += progress.file;
  if (progress.total && *progress.total > 0) {
    const auto total = static_cast<double>(*progress.total);
    text += fmt::format("  {:.0f} of {:.0f} MiB  {:.0f} %", done / mebibyte, total / mebibyte,
                        100 * done / total);
  } else {
    text += fmt::format("  {:.0f} MiB", done / mebibyte);
  }
  if (progress.bytes_per_second > 0) {
    text += fmt::format("  {:.1f} MiB/s", progress.bytes_per_second / mebibyte);
  }
  if (progress.seconds_left) text += fmt::format("  {} left", clock_text(*progress.seconds_left));
  return text;
}

void PullProgressPrinter::show(const PullProgress& progress) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return;
  if (console_.json()) {
    next_ = now + between_events;
    console_.line(event_of(progress).dump());
  } else if (console_.stderr_is_terminal()) {
    next_ = now + between_redraws;
    console_.progress(progress_text(progress));
  } else {
    next_ = now + between_lines;
    console_.note(progress_text(progress));
  }
}

void PullProgressPrinter::notice(const std::string& text) {
  if (console_.json()) {
    console_.line(json{{"event", "notice"}, {"text", text}}.dump());
  } else {
    console_.clear_progress();
    console_.note(text);
  }
}

}  // namespace tenfold
