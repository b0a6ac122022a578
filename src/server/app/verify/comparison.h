// A comparison of models and engines for one HTTP request.
#pragma once

#include <mutex>
#include <optional>
#include <vector>

#include "parity/verification.h"
#include "server/app/several_models.h"
#include "server/app/verify/verify_request.h"
#include "service/scheduler.h"

namespace tenfold::server::verify {

/// perform() is called once, on a thread that may block; the other functions are thread-safe.
class Comparison {
 public:
  /// `runs` are those of the request's models.
  Comparison(Scheduler& scheduler, const VerifyRequest& request, std::vector<VerifiedRun> runs,
             OpenModel open);

  /// Has the machine to itself until it ends.
  void perform();
  /// Ends it within a token.
  void cancel() { verification_.cancel(); }

  struct News {
    std::vector<Json> progress;  ///< {"model", "engine", "step"}
    /// {"agrees", "runs"}. Errors: those of Scheduler::hold() and of Verification::check().
    std::optional<Result<Json>> end;
  };
  /// What came since the last call.
  News take();

 private:
  Result<OpenedModel> open(const VerifiedRun& run, const std::function<bool()>& go_on);
  void tell(const VerifiedRun& run, const std::string& step);
  Result<Json> compare();

  Scheduler& scheduler_;
  LoadOptions options_;
  const OpenModel open_;
  std::vector<VerifiedRun> runs_;
  Verification verification_;
  std::mutex mutex_;
  News news_;  ///< guarded by mutex_
};

}  // namespace tenfold::server::verify
