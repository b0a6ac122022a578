#include "worker/server.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <thread>
#include <utility>

#include "base/barrier.h"
#include "base/machine.h"
#include "base/thread.h"
#include "engine/json_fields.h"
#include "worker/frame.h"
#include "worker/protocol.h"

namespace tenfold {
namespace {

/// Whoever waits for this process is told by its end.
void die(const Error& error) {
  fmt::print(stderr, "the worker failed: {}\n", error.message);
  ::_exit(1);
}

}  // namespace

WorkerServer::WorkerServer(std::unique_ptr<Engine> engine, int socket)
    : engine_(std::move(engine)), socket_(socket) {}

WorkerServer::~WorkerServer() { ::close(socket_); }

int WorkerServer::run() {
  send({{"type", "hello"},
        {"protocol", protocol::version},
        {"version", TENFOLD_VERSION},
        {"pid", ::getpid()},
        {"capabilities", to_json(engine_->capabilities())}});
  auto reader = start_thread([this] { read_loop(); }, die);
  if (!reader.ok()) die(reader.error());
  work();
  std::vector<std::jthread> workers;  // no more are started once the work() above has ended
  {
    const std::lock_guard lock(mutex_);
    workers.swap(workers_);
  }
  workers.clear();
  engine_.reset();
  {
    const std::lock_guard lock(mutex_);
    finished_ = true;
  }
  changed_.notify_all();
  reader->join();
  return exit_code_;
}

void WorkerServer::read_loop() {
  FrameReader frames;
  std::string buffer(65536, '\0');
  for (;;) {
    const ssize_t received = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return leave();
    frames.push(std::string_view(buffer).substr(0, static_cast<std::size_t>(received)));
    for (;;) {
      auto frame = frames.next();
      if (!frame.ok()) {
        fmt::print(stderr, "the host broke the worker protocol: {}\n", frame.error().message);
        exit_code_ = 2;
        return leave();
      }
      if (!frame->has_value()) break;
      if (!dispatch(std::move(**frame))) return leave();
    }
  }
}

/// False when the worker is to end.
bool WorkerServer::dispatch(Json message) {
  const std::string type = message["type"];
  if (type == "unload") return false;
  std::uint64_t id = 0;
  if (!read_value(field(message, "id"), "id", id).ok()) {
    fmt::print(stderr, "the host broke the worker protocol: {} without an id\n", type);
    exit_code_ = 2;
    return false;
  }
  if (type == "ping") {
    send({{"type", "pong"}, {"id", id}});
  } else if (type == "cancel") {
    cancel(id);
  } else {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::make_shared<Job>(Job{id, std::move(message), {}}));
    if (idle_ < jobs_.size()) {
      // Without it, the job waits until one of the others has ended.
      auto worker = start_thread([this] { work(); }, die);
      if (worker.ok()) workers_.push_back(std::move(*worker));
    }
    changed_.notify_all();
  }
  return true;
}

void WorkerServer::cancel(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  for (const auto& job : running_) {
    if (job->id == id) job->stop.request_stop();
  }
  for (const auto& job : jobs_) {
    if (job->id == id) job->stop.request_stop();
  }
}

/// Ends the work; does not wait for ever on an engine that does not stop.
void WorkerServer::leave() {
  std::unique_lock lock(mutex_);
  leaving_ = true;
  jobs_.clear();
  for (const auto& job : running_) job->stop.request_stop();
  changed_.notify_all();
  if (!changed_.wait_for(lock, protocol::exit_grace, [this] { return finished_; })) {
    ::_exit(exit_code_);
  }
}

void WorkerServer::work() {
  while (const auto job = next_job()) run_job(job);
}

std::shared_ptr<WorkerServer::Job> WorkerServer::next_job() {
  std::unique_lock lock(mutex_);
  ++idle_;
  changed_.wait(lock, [this] { return leaving_ || (!jobs_.empty() && can_begin(*jobs_.front())); });
  --idle_;
  if (leaving_) return nullptr;
  auto job = std::move(jobs_.front());
  jobs_.pop_front();
  running_.push_back(job);
  return job;
}

/// A load is the only call in progress.
bool WorkerServer::can_begin(const Job& job) const {
  const auto is_load = [](const Job& other) { return other.message["type"] == "load"; };
  if (running_.empty()) return true;
  return !is_load(job) && !is_load(*running_.front());
}

void WorkerServer::run_job(const std::shared_ptr<Job>& job) {
  Result<Json> result = fail(ErrorCode::cancelled, "cancelled before the work began");
  if (!job->stop.stop_requested()) {
    send({{"type", "begun"}, {"id", job->id}});
    result = barrier("the engine", [&] { return perform(*job); });
  }
  send_end(job->id, result);
  {
    const std::lock_guard lock(mutex_);
    std::erase(running_, job);
  }
  changed_.notify_all();
}

Result<Json> WorkerServer::perform(Job& job) {
  const std::string type = job.message["type"];
  if (type == "load") return load(job);
  if (type == "generate") return generate(job);
  if (type == "score") {
    std::vector<TokenId> tokens;
    TRY(read_value(field(job.message, "tokens"), "tokens", tokens));
    return Json(TRY(engine_->score(tokens, control_of(job))));
  }
  if (type == "prepare") {
    const Prompt prompt = TRY(prompt_from_json(field(job.message, "prompt")));
    const PreparedPrompt prepared = TRY(engine_->prepare(prompt, control_of(job)));
    Json pieces = Json::array();
    for (const std::string& piece : prepared.pieces) {
      pieces.push_back(Json::binary({piece.begin(), piece.end()}));
    }
    return Json{
        {"text", prepared.text}, {"tokens", prepared.tokens}, {"pieces", std::move(pieces)}};
  }
  if (type == "adjust") {
    TRY(engine_->adjust(TRY(adjustment_from_json(field(job.message, "adjustment")))));
    return Json();
  }
  if (type == "embed") return embed(job);
  if (type == "keep") {
    TRY(engine_->keep(job.stop.get_token()));
    return Json();
  }
  return fail(ErrorCode::protocol, fmt::format("the worker knows no message {}", type));
}

Result<Json> WorkerServer::load(Job& job) {
  const Json& wanted = field(job.message, "model");
  if (!wanted.is_object()) return fail(ErrorCode::protocol, "load needs a model");
  const ResolvedModel model = TRY(resolved_model_from_json(wanted));
  const LoadOptions options = TRY(load_options_from_json(field(job.message, "options")));
  const auto on_progress = [&](double value) {
    send({{"type", "progress"}, {"id", job.id}, {"value", value}});
    return !job.stop.stop_requested();
  };
  return to_json(TRY(engine_->initialize(model, options, on_progress)));
}

Result<Json> WorkerServer::generate(Job& job) {
  const Request request = TRY(request_from_json(field(job.message, "request")));
  const auto on_delta = [&](const Delta& delta) {
    send({{"type", "delta"}, {"id", job.id}, {"delta", to_json(delta)}});
  };
  Answer answer = TRY(engine_->stream(request, on_delta, control_of(job)));
  answer.usage.peak_memory_bytes = peak_memory_bytes();
  return to_json(answer);
}

Result<Json> WorkerServer::embed(Job& job) {
  std::vector<std::string> texts;
  TRY(read_value(field(job.message, "texts"), "texts", texts));
  Json part = Json::array();
  std::size_t part_bytes = 0;
  for (const Embedding& embedding : TRY(engine_->embed(texts, control_of(job)))) {
    const auto bytes = std::as_bytes(std::span(embedding.values));
    if (!part.empty() && part_bytes + bytes.size() > protocol::part_bytes) {
      send({{"type", "part"}, {"id", job.id}, {"value", std::exchange(part, Json::array())}});
      part_bytes = 0;
    }
    part_bytes += bytes.size();
    const auto* first = reinterpret_cast<const std::uint8_t*>(bytes.data());
    part.push_back(
        {{"values", Json::binary({first, first + bytes.size()})}, {"tokens", embedding.tokens}});
  }
  return part;
}

Control WorkerServer::control_of(Job& job) {
  return {job.stop.get_token(), [this, &job](const PromptProgress& progress) {
            send({{"type", "progress"}, {"id", job.id}, {"prompt", to_json(progress)}});
          }};
}

void WorkerServer::send_end(std::uint64_t id, const Result<Json>& result) {
  const Json end = result.ok()
                       ? Json{{"type", "done"}, {"id", id}, {"value", *result}}
                       : Json{{"type", "error"}, {"id", id}, {"error", to_json(result.error())}};
  if (!send(end)) {
    const Error too_large = fail(ErrorCode::internal, "the answer does not fit a frame");
    send({{"type", "error"}, {"id", id}, {"error", to_json(too_large)}});
  }
}

/// False if the message is too large to send. A host that has gone is the reader's business.
bool WorkerServer::send(const Json& message) {
  const auto frame = encode_frame(message);
  if (!frame.ok()) return false;
  const std::lock_guard lock(write_mutex_);
  std::string_view rest = *frame;
  while (!rest.empty()) {
    const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return true;
    rest.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

}  // namespace tenfold
