// How one public API words its answers, in one piece and as a stream.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "engine/json.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// Made for one HTTP request; may remember what it has said. The functions that return bytes of a
/// stream are called in the order of the events, with whole events of that API.
class AnswerFormat {
 public:
  virtual ~AnswerFormat() = default;

  [[nodiscard]] virtual std::string_view stream_type() const { return "text/event-stream"; }

  /// The model that answers from now on: known before anything else is asked of this class, unless
  /// a stream has to begin while its model still loads.
  void set_model(const LoadedModel& model) { loaded_ = model; }
  /// What the request, the settings or a preset say of the sampling: known before all else.
  void set_sampling(const Sampling& asked) { asked_ = asked; }

  /// How much prompt there is: known before begin(), under the same condition.
  void set_prompt(const PromptProgress& prompt) { prompt_ = prompt; }

  /// The first bytes of a stream.
  virtual std::string begin() = 0;
  /// How far the prompt is read; nothing where the API has no word for it, or was not asked for it.
  virtual std::string progress(std::size_t choice, const PromptProgress& progress) {
    (void)choice, (void)progress;
    return {};
  }
  virtual std::string delta(std::size_t choice, const Delta& delta) = 0;
  /// Something the user should know, e.g. that a died engine was replaced.
  virtual std::string notice(const Notice& notice) = 0;
  virtual std::string end(std::size_t choice, const Answer& answer) = 0;
  /// The last bytes of a stream that failed.
  virtual std::string failure(const Error& error) = 0;
  /// The last bytes of a stream that did not.
  virtual std::string finish() { return {}; }
  /// Said on a silent stream.
  [[nodiscard]] virtual std::string keep_alive() const { return ": waiting\n\n"; }

  /// The whole reply of a request that wanted no stream; one answer a choice.
  virtual Json whole(std::span<const Answer> answers) = 0;

 protected:
  LoadedModel loaded_;
  PromptProgress prompt_;
  Sampling asked_;
};

/// One event of a stream of server-sent events (HTML standard, 9.2). `name` may be empty.
std::string sse(std::string_view name, const Json& data);

}  // namespace tenfold::server
