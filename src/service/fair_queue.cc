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

std::optional<FairQueue::Place> FairQueue::find(bool answers_may_begin) const {
  for (std::size_t client = 0; client < clients_.size(); ++client) {
    const Jobs& jobs = clients_[client];
    const auto found = std::ranges::find_if(jobs, [answers_may_begin](const auto& job) {
      return answers_may_begin || !job->counts_as_answer;
    });
    if (found != jobs.end()) return Place{client, static_cast<std::size_t>(found - jobs.begin())};
  }
  return std::nullopt;
}

const Job* FairQueue::next(bool answers_may_begin) const {
  if (!begun_.empty()) return begun_.front().get();
  const auto place = find(answers_may_begin);
  return place ? clients_[place->client][place->job].get() : nullptr;
}

std::shared_ptr<Job> FairQueue::pop(bool answers_may_begin) {
  if (!begun_.empty()) {
    auto job = std::move(begun_.front());
    begun_.pop_front();
    return job;
  }
  const auto [client, index] = *find(answers_may_begin);
  const auto from = clients_.begin() + static_cast<std::ptrdiff_t>(client);
  const auto at = from->begin() + static_cast<std::ptrdiff_t>(index);
  auto job = std::move(*at);
  from->erase(at);
  if (from->empty()) {
    clients_.erase(from);
  } else if (client == 0 && index == 0) {  // its turn is over
    std::rotate(clients_.begin(), clients_.begin() + 1, clients_.end());
  }
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
