#include "service/fair_queue.h"

#include <algorithm>

namespace tenfold {

void FairQueue::push(std::shared_ptr<Job> job) {
  const auto same = std::ranges::find(clients_, job->client,
                                      [](const Jobs& jobs) { return jobs.front()->client; });
  (same == clients_.end() ? clients_.emplace_back() : *same).push_back(std::move(job));
}

std::size_t FairQueue::size() const {
  std::size_t count = begun_.size();
  for (const Jobs& jobs : clients_) count += jobs.size();
  return count;
}

const Job& FairQueue::front() const {
  return *(begun_.empty() ? clients_.front() : begun_).front();
}

std::shared_ptr<Job> FairQueue::pop() {
  if (!begun_.empty()) {
    auto job = std::move(begun_.front());
    begun_.pop_front();
    return job;
  }
  Jobs jobs = std::move(clients_.front());
  clients_.pop_front();
  auto job = std::move(jobs.front());
  jobs.pop_front();
  if (!jobs.empty()) clients_.push_back(std::move(jobs));
  return job;
}

std::vector<std::shared_ptr<Job>> FairQueue::take_if(
    const std::function<bool(const Job&)>& unwanted) {
  std::vector<std::shared_ptr<Job>> taken;
  const auto filter = [&](Jobs& jobs) {
    Jobs kept;
    for (auto& job : jobs) {
      if (unwanted(*job)) {
        taken.push_back(std::move(job));
      } else {
        kept.push_back(std::move(job));
      }
    }
    jobs = std::move(kept);
  };
  filter(begun_);
  std::ranges::for_each(clients_, filter);
  std::erase_if(clients_, [](const Jobs& jobs) { return jobs.empty(); });
  return taken;
}

std::optional<int> FairQueue::position(std::uint64_t id) const {
  const auto index_in = [id](const Jobs& jobs) -> std::optional<std::size_t> {
    const auto at = std::ranges::find(jobs, id, [](const auto& job) { return job->id; });
    if (at == jobs.end()) return std::nullopt;
    return static_cast<std::size_t>(at - jobs.begin());
  };
  if (const auto index = index_in(begun_)) return static_cast<int>(*index);
  for (std::size_t turn = 0; turn < clients_.size(); ++turn) {
    const auto round = index_in(clients_[turn]);
    if (!round) continue;
    // Whoever has an earlier turn goes before it in this round too, the others in earlier ones.
    std::size_t before = begun_.size() + *round;
    for (std::size_t other = 0; other < clients_.size(); ++other) {
      if (other == turn) continue;
      before += std::min(clients_[other].size(), *round + (other < turn ? 1 : 0));
    }
    return static_cast<int>(before);
  }
  return std::nullopt;
}

std::optional<ModelHost::TimePoint> FairQueue::next_deadline() const {
  std::optional<ModelHost::TimePoint> earliest;
  const auto look = [&](const Jobs& jobs) {
    for (const auto& job : jobs) {
      if (job->deadline && (!earliest || *job->deadline < *earliest)) earliest = job->deadline;
    }
  };
  look(begun_);
  std::ranges::for_each(clients_, look);
  return earliest;
}

}  // namespace tenfold
