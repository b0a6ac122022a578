#include "server/apis/downloads.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/barrier.h"
#include "service/outlook.h"

namespace tenfold::server {
namespace {

constexpr std::size_t pulls_at_once = 2;
constexpr std::ptrdiff_t most_unended = 32;
constexpr std::size_t most_remembered = 100;

bool is_url(std::string_view model) {
  return model.starts_with("http://") || model.starts_with("https://");
}

template <typename T>
Json or_null(const std::optional<T>& value) {
  return value ? Json(*value) : Json();
}

}  // namespace

std::string_view to_string(Download::State state) {
  constexpr std::string_view names[] = {"waiting", "running", "done", "failed", "cancelled"};
  return names[static_cast<std::size_t>(state)];
}

Json to_json(const Download& download) {
  const PullProgress pull = download.pull.value_or(PullProgress());
  Json json{{"id", std::to_string(download.id)},
            {"model", download.model},
            {"state", to_string(download.state)},
            {"step", download.step},
            {"file", pull.file},
            {"file_number", pull.number},
            {"file_count", pull.count},
            {"done_bytes", pull.done},
            {"total_bytes", or_null(pull.total)},
            {"bytes_per_second", pull.bytes_per_second},
            {"seconds_left", or_null(pull.seconds_left)},
            {"stored_as", download.stored_as.empty() ? Json() : Json(download.stored_as)},
            {"error", nullptr}};
  if (download.error) json["error"] = to_json(*download.error);
  return json;
}

Downloads::Downloads(ModelStore store, Pull pull)
    : store_(std::move(store)), pull_(std::move(pull)), threads_(pulls_at_once) {}

Downloads::~Downloads() {
  stop();
  threads_.join();
}

Result<Downloads::Started> Downloads::start(const std::string& model) {
  CatalogueModel target = TRY(pull_target(model));
  const std::lock_guard lock(mutex_);
  if (stopped_) return fail(ErrorCode::unavailable, "the server is stopping");
  std::ptrdiff_t unended = 0;
  for (const auto& entry : entries_) {
    if (entry->shown.ended() || entry->cancelled) continue;
    if (entry->shown.model == model) return Started{entry->shown.id, true};
    ++unended;
  }
  if (unended >= most_unended) {
    return fail(ErrorCode::busy, fmt::format("{} downloads run or wait already", unended),
                "wait for one to end, or cancel one");
  }
  auto entry = std::make_shared<Entry>();
  entry->shown.id = ++last_id_;
  entry->shown.model = model;
  entries_.push_front(entry);
  forget_old();
  boost::asio::post(threads_, [this, entry, target = std::move(target)] {
    const auto performed = barrier("the download", [&]() -> Result<void> {
      perform(*entry, target);
      return {};
    });
    if (!performed.ok()) {
      change(*entry, [](Download& shown) { shown.state = Download::State::failed; });
    }
  });
  return Started{entry->shown.id, false};
}

void Downloads::forget_old() {
  while (entries_.size() > most_remembered) {
    const auto oldest = std::find_if(entries_.rbegin(), entries_.rend(),
                                     [](const auto& entry) { return entry->shown.ended(); });
    if (oldest == entries_.rend()) return;
    entries_.erase(std::next(oldest).base());
  }
}

template <typename Change>
void Downloads::change(Entry& entry, const Change& change) {
  const std::lock_guard lock(mutex_);
  change(entry.shown);
  ++entry.shown.changes;
}

void Downloads::perform(Entry& entry, const CatalogueModel& model) {
  using State = Download::State;
  PullOptions options;
  options.store = store_;
  options.cancelled = [&] { return entry.cancelled.load(); };
  options.on_step = [&](const std::string& line) {
    change(entry, [&](Download& shown) { shown.step = line; });
  };
  options.public_hosts_only = is_url(entry.shown.model);
  if (!entry.cancelled) {
    const std::string warning = download_warning(model);
    change(entry, [&](Download& shown) {
      shown.state = State::running;
      shown.step = warning;
    });
  }
  const auto pulled = barrier("the download", [&]() -> Result<Pulled> {
    if (entry.cancelled) return fail(ErrorCode::cancelled, "it was cancelled");
    return pull_(model, options, [&](const PullProgress& progress) {
      change(entry, [&](Download& shown) { shown.pull = progress; });
    });
  });
  change(entry, [&](Download& shown) {
    if (pulled.ok()) {
      shown.state = State::done;
      shown.stored_as = pulled->model.name;
      shown.was_here = !pulled->downloaded;
    } else if (pulled.error().code == ErrorCode::cancelled) {
      shown.state = State::cancelled;
    } else {
      shown.state = State::failed;
      shown.error = pulled.error();
    }
  });
}

std::optional<Download> Downloads::find(std::uint64_t id) const {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (entry->shown.id == id) return entry->shown;
  }
  return std::nullopt;
}

std::vector<Download> Downloads::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<Download> all;
  for (const auto& entry : entries_) all.push_back(entry->shown);
  return all;
}

Result<void> Downloads::cancel(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_) {
    if (entry->shown.id != id) continue;
    entry->cancelled = true;
    return {};
  }
  return fail(ErrorCode::not_found, fmt::format("there is no download {}", id));
}

void Downloads::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  for (const auto& entry : entries_) entry->cancelled = true;
}

}  // namespace tenfold::server
