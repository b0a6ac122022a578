#include "worker/worker_client.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <csignal>
#include <filesystem>

#include "base/barrier.h"
#include "base/thread.h"
#include "engine/json_fields.h"
#include "engine/options.h"
#include "worker/exit_cause.h"
#include "worker/protocol.h"

namespace asio = boost::asio;

namespace tenfold {
namespace {

using namespace std::chrono_literals;

constexpr auto leave_grace = 2s;  // from unload, or the end of the socket, to SIGKILL
constexpr auto reap_interval = 2ms;
constexpr auto hiccup = 1s;  // a timer this late says that this process was held up, not the worker
constexpr auto deadline_grace = 500ms;  // for a worker that keeps its call's deadline itself

constexpr const char* again_hint = "the next request starts a new worker with the same model";

std::string_view doing(std::string_view call_type) {
  if (call_type == "hello") return "while starting";
  if (call_type == "load") return "while loading the model";
  if (call_type == "generate") return "while answering";
  if (call_type == "keep") return "while saving what the model has read";
  return "while working";
}

Error protocol_breach(const std::string& program, const std::string& what) {
  return fail(ErrorCode::protocol, fmt::format("{} broke the worker protocol: {}", program, what),
              "install the program and its engines from the same build");
}

}  // namespace

WorkerClient::WorkerClient(const RemoteOptions& options)
    : options_(options),
      program_(std::filesystem::path(options.executable).filename()),
      work_(asio::make_work_guard(io_)),
      socket_(io_),
      output_(io_),
      patience_timer_(io_),
      end_timer_(io_),
      receive_buffer_(65536, '\0') {}

Result<std::unique_ptr<WorkerClient>> WorkerClient::start(const RemoteOptions& options) {
  const auto mailbox = std::make_shared<Mailbox>();
  std::unique_ptr<WorkerClient> client;
  try {
    client.reset(new WorkerClient(options));
  } catch (const std::system_error& error) {
    return fail(ErrorCode::io, fmt::format("cannot start a worker: {}", error.what()),
                "close other programs or raise the limits on threads and open files");
  }
  Call starting{"hello", mailbox};
  starting.end_by = Clock::now() + options.start_timeout;
  client->calls_[0] = std::move(starting);
  asio::post(client->io_, [self = client.get()] { self->spawn(); });
  client->loop_ = TRY(start_thread([self = client.get()] { self->run(); }, [](const Error&) {}));
  const Json hello = TRY(mailbox->pop());
  const Json& spoken = field(hello, "protocol");
  if (spoken != protocol::version) {
    return client->refuse(fmt::format("it speaks version {}, this program version {}",
                                      spoken.is_number_integer() ? spoken.dump() : "?",
                                      protocol::version));
  }
  auto capabilities = capabilities_from_json(field(hello, "capabilities"));
  if (!capabilities.ok()) return client->refuse(capabilities.error().message);
  if (capabilities->max_sequences < 1) return client->refuse("it holds no sequence");
  client->capabilities_ = std::move(capabilities).value();
  return client;
}

/// Ends a process that cannot be expected to understand unload.
Error WorkerClient::refuse(const std::string& what) {
  const Error error = protocol_breach(program_, what);
  asio::post(io_, [this, error] { kill_with(error); });
  return error;
}

WorkerClient::~WorkerClient() { close(); }

void WorkerClient::close() {
  alive_ = false;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true) || !loop_.joinable()) return;
    asio::post(io_, [this] { leave(); });
  }
  loop_.join();
}

void WorkerClient::kill(Error verdict) {
  alive_ = false;
  asio::post(io_, [this, verdict = std::move(verdict)] { kill_with(verdict); });
}

WorkerClient::OpenCall WorkerClient::call(Json message, std::optional<Clock::time_point> deadline) {
  const std::uint64_t id = ++last_id_;
  message["id"] = id;
  auto mailbox = std::make_shared<Mailbox>();
  Call call{message["type"], mailbox};
  if (deadline && *deadline < Clock::time_point::max() - deadline_grace) {
    call.cancel_at = *deadline + deadline_grace;
  }
  const std::lock_guard lock(mutex_);
  if (closed_) {
    mailbox->fail(fail(ErrorCode::cancelled, "the engine was cleaned up"));
    return {id, std::move(mailbox)};
  }
  asio::post(io_, [this, id, call = std::move(call), message = std::move(message)]() mutable {
    begin(id, std::move(call), message);
  });
  return {id, std::move(mailbox)};
}

void WorkerClient::hide(std::vector<std::string> secrets) {
  asio::post(io_, [this, secrets = std::move(secrets)] { secrets_ = secrets; });
}

void WorkerClient::cancel(std::uint64_t id) {
  asio::post(io_, [this, id] {
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    cancel(id, found->second);
    watch_calls();
  });
}

void WorkerClient::cancel(std::uint64_t id, Call& call) {
  call.cancel_at = Clock::time_point::max();
  if (call.end_by != Clock::time_point::max()) return;  // it was before
  send_signal("cancel", id);
  call.end_by = Clock::now() + options_.cancel_timeout;
}

/// A handler that fails, for want of memory or because of a frame that nobody foresaw, costs the
/// worker: what is left of its handlers reaps it.
void WorkerClient::run() {
  for (;;) {
    const auto ran = barrier("the connection to the worker", [this]() -> Result<void> {
      io_.run();
      return {};
    });
    if (ran.ok()) return;
    give_up(ran.error());
  }
}

void WorkerClient::give_up(const Error& error) {
  if (!verdict_) verdict_ = error;
  if (!death_ && pid_ > 0) {
    ::kill(pid_, SIGKILL);
    boost::system::error_code ignored;
    socket_.close(ignored);
    patience_timer_.cancel();
    return reap();
  }
  if (!death_) death_ = verdict_;
  alive_ = false;
  fail_calls();
  if (closing_) work_.reset();
}

void WorkerClient::spawn() {
  oom_kills_ = count_oom_kills();
  const auto process = start_worker_process(options_.executable);
  if (!process.ok()) {
    death_ = process.error();
    alive_ = false;
    return fail_calls();
  }
  pid_ = process->pid;
  boost::system::error_code ignored;
  socket_.assign(asio::local::stream_protocol(), process->socket, ignored);
  output_.assign(process->output, ignored);
  read_socket();
  watch_output();
  watch_calls();
}

void WorkerClient::begin(std::uint64_t id, Call call, const Json& message) {
  if (death_) return call.mailbox->fail(*death_);
  auto frame = encode_frame(message);
  if (!frame.ok()) return call.mailbox->fail(frame.error());
  if (calls_.empty()) {
    last_sign_ = Clock::now();
    pinged_ = false;
  }
  calls_[id] = std::move(call);
  send(std::move(frame).value());
  watch_calls();
}

void WorkerClient::read_socket() {
  socket_.async_read_some(asio::buffer(receive_buffer_),
                          [this](const boost::system::error_code& error, std::size_t n) {
                            if (error == asio::error::operation_aborted) return;
                            if (error) return close_socket();
                            frames_.push(std::string_view(receive_buffer_).substr(0, n));
                            if (take_frames()) read_socket();
                          });
}

bool WorkerClient::take_frames() {
  for (;;) {
    auto frame = frames_.next();
    if (!frame.ok()) {
      kill_with(protocol_breach(program_, frame.error().message));
      return false;
    }
    if (!frame->has_value()) return true;
    last_sign_ = Clock::now();  // bytes alone are none: a frame's end might never come
    pinged_ = false;
    take_frame(std::move(**frame));
    if (!socket_.is_open()) return false;
  }
}

void WorkerClient::take_frame(Json frame) {
  const std::string type = frame["type"];
  if (type == "pong") return;
  const bool hello = type == "hello";
  std::uint64_t id = 0;
  const bool named = hello || read_value(field(frame, "id"), "id", id).ok();
  const auto found = named ? calls_.find(id) : calls_.end();
  if (found == calls_.end() || (id == 0) != hello) {
    return kill_with(protocol_breach(program_, "an unexpected " + type));
  }
  const auto mailbox = found->second.mailbox;
  if (hello || type == "done" || type == "error") calls_.erase(found);
  if (type == "error") hide_secrets(frame["error"]);
  mailbox->push(std::move(frame));
}

void WorkerClient::hide_secrets(Json& error) const {
  if (!error.is_object()) return;
  for (Json& value : error) {
    if (value.is_string()) value = without_secrets(value, secrets_);
  }
}

void WorkerClient::send_signal(const char* type, std::optional<std::uint64_t> id) {
  Json message{{"type", type}};
  if (id) message["id"] = *id;
  send(encode_frame(message).value());
}

void WorkerClient::send(std::string frame) {
  if (!socket_.is_open()) return;
  outgoing_.push_back(std::move(frame));
  if (outgoing_.size() == 1) write_next();
}

void WorkerClient::write_next() {
  asio::async_write(socket_, asio::buffer(outgoing_.front()),
                    [this](const boost::system::error_code& error, std::size_t) {
                      // What a broken socket means is found out by the reader.
                      if (error) return outgoing_.clear();
                      outgoing_.pop_front();
                      if (!outgoing_.empty()) write_next();
                    });
}

void WorkerClient::watch_output() {
  output_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const boost::system::error_code& error) {
                       if (!error && read_output()) watch_output();
                     });
}

/// Reads what is there; false at the end of the pipe.
bool WorkerClient::read_output() {
  char buffer[4096];
  for (;;) {
    const ssize_t count = ::read(output_.native_handle(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno == EAGAIN;
    if (count == 0) return false;
    lines_.push(std::string_view(buffer, static_cast<std::size_t>(count)));
  }
}

/// When to ping, or, if that is done, when the process has to have said something.
WorkerClient::Clock::time_point WorkerClient::heartbeat_due() const {
  if (calls_.contains(0)) return Clock::time_point::max();  // it starts, and cannot answer yet
  return last_sign_ + (pinged_ ? options_.heartbeat : options_.heartbeat / 2);
}

void WorkerClient::watch_calls() {
  if (calls_.empty() || verdict_) return;
  auto due = heartbeat_due();
  for (const auto& [id, call] : calls_) due = std::min({due, call.end_by, call.cancel_at});
  patience_timer_.expires_at(due);
  patience_timer_.async_wait([this, due](const boost::system::error_code& error) {
    if (!error) look_at_calls(due);
  });
}

void WorkerClient::look_at_calls(Clock::time_point due) {
  const auto now = Clock::now();
  if (now > due + hiccup) {
    for (auto& [id, call] : calls_) call.end_by = std::max(call.end_by, now + hiccup);
    last_sign_ = now;
    pinged_ = false;
  }
  for (auto& [id, call] : calls_) {
    if (now >= call.end_by) return kill_with(not_ended(call));
    if (now >= call.cancel_at) cancel(id, call);
  }
  if (!calls_.empty() && now >= heartbeat_due()) {
    if (pinged_) return kill_with(not_alive());
    pinged_ = true;
    send_signal("ping", calls_.begin()->first);
  }
  watch_calls();
}

Error WorkerClient::not_ended(const Call& call) const {
  if (call.type == "hello") {
    return fail(ErrorCode::unavailable,
                fmt::format("{} was ended because it said nothing for {} ms after its start",
                            program_, options_.start_timeout.count()),
                "check that it is a Tenfold worker program");
  }
  return fail(ErrorCode::engine_died,
              fmt::format("{} was ended because it did not stop {} ms after it was told to {}",
                          program_, options_.cancel_timeout.count(), doing(call.type)),
              again_hint);
}

Error WorkerClient::not_alive() const {
  return fail(ErrorCode::engine_died,
              fmt::format("{} was ended because it answered nothing for {} ms {}", program_,
                          options_.heartbeat.count(), doing(calls_.begin()->second.type)),
              again_hint);
}

void WorkerClient::kill_with(Error verdict) {
  if (death_ || verdict_) return;
  verdict_ = std::move(verdict);
  alive_ = false;
  if (pid_ > 0) ::kill(pid_, SIGKILL);
  close_socket();
}

/// The socket has ended, so the process has, or is to.
void WorkerClient::close_socket() {
  if (!socket_.is_open()) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  patience_timer_.cancel();
  if (!closing_) kill_at_ = Clock::now() + leave_grace;
  reap();
}

void WorkerClient::reap() {
  int status = 0;
  const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
  if (ended == pid_) return finish(status);
  // A program that ignores SIGCHLD has its children reaped by the kernel.
  if (ended < 0 && errno == ECHILD) return finish(std::nullopt);
  if (Clock::now() > kill_at_) ::kill(pid_, SIGKILL);
  end_timer_.expires_after(reap_interval);
  end_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) reap();
  });
}

void WorkerClient::finish(std::optional<int> status) {
  read_output();
  boost::system::error_code ignored;
  output_.close(ignored);
  end_timer_.cancel();
  patience_timer_.cancel();
  death_ = verdict_ ? *verdict_ : death(status);
  alive_ = false;
  fail_calls();
  if (closing_) work_.reset();
}

void WorkerClient::fail_calls() {
  for (auto& [id, call] : calls_) call.mailbox->fail(*death_);
  calls_.clear();
}

/// The end: unload, then SIGKILL after a while; finish() stops the loop.
void WorkerClient::leave() {
  closing_ = true;
  if (death_) return work_.reset();
  if (!socket_.is_open()) return;  // reap() is at it
  send_signal("unload");
  kill_at_ = Clock::now() + leave_grace;
  end_timer_.expires_at(kill_at_);
  end_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) kill_with(fail(ErrorCode::engine_died, program_ + " did not leave"));
  });
}

Error WorkerClient::death(std::optional<int> status) const {
  std::string message = fmt::format(
      "{} died {}: {}", program_, doing(calls_.empty() ? "idle" : calls_.begin()->second.type),
      status ? describe_exit(*status, oom_kills_, count_oom_kills()) : "nobody knows why");
  if (const std::string last = without_secrets(lines_.text(), secrets_); !last.empty()) {
    message += "; its last output was:\n" + last;
  }
  return fail(ErrorCode::engine_died, std::move(message), again_hint);
}

}  // namespace tenfold
