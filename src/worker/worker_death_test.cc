// The host side against workers that die, hang or speak nonsense.
#include <fstream>
#include <random>

#include "worker/frame.h"
#include "worker/process.h"
#include "worker/protocol.h"
#include "worker/remote_engine.h"
#include "worker/testing/remote_fixture.h"

namespace tenfold {
namespace {

using testing::TempDir;

class Death : public Remote {
 protected:
  /// The error of a request, which must be engine_died and come by itself.
  std::string death_by(const std::string& prompt) {
    const auto start = Clock::now();
    const auto answer = engine_->generate(ask(prompt));
    EXPECT_LT(Clock::now() - start, soon) << prompt;
    EXPECT_FALSE(answer.ok());
    if (answer.ok()) return "";
    EXPECT_EQ(answer.error().code, ErrorCode::engine_died);
    EXPECT_FALSE(has_children()) << "not reaped";
    return answer.error().message;
  }

  static Error refusal(const std::string& executable, milliseconds start_timeout) {
    RemoteOptions options;
    options.executable = executable;
    options.start_timeout = start_timeout;
    const auto opened = open_remote_engine(options);
    EXPECT_FALSE(opened.ok());
    EXPECT_FALSE(has_children());
    return opened.ok() ? Error{} : opened.error();
  }

  /// A program that sends these bytes as a worker would, then waits.
  static std::string script_that_sends(const std::string& bytes) {
    const std::string path = TempDir() + "fake_worker_" + std::to_string(::getpid());
    std::ofstream file(path);
    file << "#!/bin/sh\nprintf '";
    for (const char byte : bytes) {
      const int value = static_cast<unsigned char>(byte);
      file << '\\' << value / 64 << value / 8 % 8 << value % 8;
    }
    file << "' >&3\nexec sleep 60\n";
    file.close();
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path;
  }
};

TEST_F(Death, TheCauseIsNamedAndTheNextRequestWorks) {
  open();
  EXPECT_NE(death_by("crash").find("died while answering: killed by SIGSEGV"), std::string::npos);
  EXPECT_EQ(text("words 2"), "w0 w1 ");
  EXPECT_NE(death_by("kill").find("killed by SIGKILL"), std::string::npos);
  EXPECT_EQ(text("path"), "model");
  EXPECT_NE(death_by("exit 3").find("exit code 3"), std::string::npos);
  EXPECT_TRUE(engine_->is_initialized());
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Death, WhatWasAdjustedStays) {
  open();
  EXPECT_EQ(text("threads"), "0");
  EXPECT_TRUE(engine_->adjust({3}).ok());
  EXPECT_EQ(text("threads"), "3");
  death_by("crash");
  EXPECT_EQ(text("threads"), "3") << "of the new worker";
  EXPECT_EQ(engine_->adjust({-1}).error().code, ErrorCode::invalid_argument);
}

TEST_F(Death, NoErrorRepeatsASecret) {
  open();
  const std::string token = "tok-0123456789";
  ASSERT_TRUE(
      engine_->initialize({.path = "model"}, {.engine_options = {{"token", token}}}, {}).ok());
  const std::string thrown = text("spill");
  EXPECT_NE(thrown.find("the token (hidden) is not right"), std::string::npos) << thrown;
  const std::string last = death_by("leak");
  EXPECT_NE(last.find("with token=(hidden)"), std::string::npos) << last;
  EXPECT_NE(text("spill").find("(hidden)"), std::string::npos) << "of the new worker";
}

TEST_F(Death, LastLinesAreKept) {
  open();
  const std::string message = death_by("talk 500");
  EXPECT_NE(message.find("exit code 3; its last output was:\nline 480\n"), std::string::npos);
  EXPECT_TRUE(message.ends_with("line 499")) << message;
}

TEST_F(Death, WhatWasPrintedBeforeACrashIsKept) {
  open();
  EXPECT_EQ(text("print"), "");
  EXPECT_NE(death_by("crash").find("a framework prints"), std::string::npos);
}

TEST_F(Death, DeltasThatArrivedAreDelivered) {
  open();
  const pid_t pid = worker_pid();
  int deltas = 0;
  Clock::time_point killed;
  const auto answer = engine_->stream(ask("words 100000 1"), [&](const Delta&) {
    if (++deltas != 10) return;
    killed = Clock::now();
    ::kill(pid, SIGKILL);
  });
  EXPECT_LT(Clock::now() - killed, soon);
  ASSERT_FALSE(answer.ok());
  EXPECT_NE(answer.error().message.find("SIGKILL"), std::string::npos);
  EXPECT_GE(deltas, 10);
}

TEST_F(Death, AWorkerThatDiedBetweenRequestsIsReplaced) {
  open();
  for (int i = 0; i < 10; ++i) {
    const pid_t pid = worker_pid();
    ::kill(pid, SIGKILL);
    wait_until_dead(pid);
    EXPECT_EQ(text("words 2"), "w0 w1 ");
  }
  const pid_t pid = worker_pid();
  ::kill(pid, SIGKILL);
  wait_until_dead(pid);
  EXPECT_TRUE(engine_->initialize({.path = "other"}, {}, {}).ok());
}

TEST_F(Death, KillsAtRandomTimes) {
  open();
  std::mt19937 random(3);
  int deaths = 0;
#ifdef TENFOLD_SANITIZED
  constexpr int kills = 40;  // such a worker takes long to start
#else
  constexpr int kills = 200;
#endif
  for (int i = 0; i < kills; ++i) {
    const pid_t pid = worker_pid();
    const std::chrono::microseconds delay(random() % 3000);
    std::thread killer([&] {
      std::this_thread::sleep_for(delay);
      ::kill(pid, SIGKILL);
    });
    // A worker killed before it began is replaced, so that the answer comes after all.
    const auto answer = engine_->generate(ask("words 20 1"));
    killer.join();
    wait_until_dead(pid);
    if (answer.ok()) continue;
    ++deaths;
    ASSERT_EQ(answer.error().code, ErrorCode::engine_died);
    ASSERT_NE(answer.error().message.find("SIGKILL"), std::string::npos) << answer.error().message;
  }
  EXPECT_GT(deaths, 0);
  EXPECT_EQ(text("words 2"), "w0 w1 ");
}

TEST_F(Death, WhileLoading) {
  open();
  const auto info = engine_->initialize({.path = "crash"}, {}, {});
  ASSERT_FALSE(info.ok());
  EXPECT_NE(info.error().message.find("died while loading the model: killed by SIGSEGV"),
            std::string::npos);
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_TRUE(engine_->initialize({.path = "model"}, {}, {}).ok());
}

TEST_F(Death, AnEngineThatWorksInSilenceIsWaitedFor) {
  RemoteOptions hasty = options();
  hasty.heartbeat = milliseconds(500) + slack;
  hasty.cancel_timeout = milliseconds(100);
  open(hasty);
  const pid_t pid = worker_pid();
  EXPECT_EQ(text("words 1 3000"), "w0 ") << "a step of several heartbeats";
  EXPECT_EQ(text("read 2 1000"), "done");
  ASSERT_TRUE(engine_->initialize({.path = "compiles"}, {}, {}).ok());
  EXPECT_NE(worker_pid(), pid) << "for the second model";
}

TEST_F(Death, AnEngineThatDoesNotKeepItsDeadlineIsEnded) {
  RemoteOptions hasty = options();
  hasty.cancel_timeout = milliseconds(100);
  open(hasty);
  Request late = ask("hang");
  late.deadline = milliseconds(50);
  const auto answer = engine_->generate(late);
  ASSERT_FALSE(answer.ok());
  EXPECT_NE(answer.error().message.find("did not stop 100 ms after"), std::string::npos);
  open(options());
  late.prompt = "words 100000 1";  // deaf to its deadline, but not to cancel
  const auto cancelled = engine_->generate(late);
  ASSERT_TRUE(cancelled.ok()) << cancelled.error().message;
  EXPECT_EQ(cancelled->finish, FinishReason::deadline);
}

TEST_F(Death, AStoppedProcessIsEnded) {
  RemoteOptions hasty = options();
  hasty.heartbeat = milliseconds(300) + slack;
  open(hasty);
  EXPECT_EQ(text("words 1 700"), "w0 ") << "the process of a silent engine still answers";
  const pid_t pid = worker_pid();
  const auto answer =
      engine_->stream(ask("words 100000 1"), [&](const Delta&) { ::kill(pid, SIGSTOP); });
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::engine_died);
  EXPECT_NE(answer.error().message.find("answered nothing for"), std::string::npos);
  ::kill(worker_pid(), SIGSTOP);
  EXPECT_EQ(text("words 1"), "w0 ") << "one that did not begin is sent again";
}

TEST_F(Death, AnEngineThatDoesNotHearCancelIsEnded) {
  RemoteOptions hasty = options();
  hasty.cancel_timeout = milliseconds(200);
  open(hasty);
  std::stop_source stop;
  std::jthread canceller([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const auto start = Clock::now();
  const auto answer = engine_->stream(ask("hang"), {}, stop.get_token());
  EXPECT_LT(Clock::now() - start, soon);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::engine_died);
  EXPECT_NE(answer.error().message.find("did not stop 200 ms after"), std::string::npos);
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Death, ASilentLoadCanBeCancelled) {
  RemoteOptions hasty = options();
  hasty.cancel_timeout = milliseconds(150);
  open(hasty);
  int asked = 0;
  const auto info =
      engine_->initialize({.path = "silent"}, {}, [&](double) { return ++asked < 2; });
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(asked, 2) << "the caller is asked while the engine says nothing";
  EXPECT_NE(info.error().message.find("did not stop 150 ms after it was told to while loading"),
            std::string::npos)
      << info.error().message;
}

TEST_F(Death, NonsenseOnTheSocketEndsTheWorker) {
  for (const char* prompt : {"garbage", "huge frame", "bad delta"}) {
    open();
    const auto answer = engine_->generate(ask(prompt));
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, ErrorCode::protocol) << prompt;
    EXPECT_EQ(text("words 1"), "w0 ") << prompt;
  }
}

TEST_F(Death, ADeadlineCountsTheReload) {
  open();
  ASSERT_TRUE(engine_->initialize({.path = "slow"}, {}, {}).ok());
  death_by("kill");
  Request request = ask("echo");
  request.deadline = milliseconds(100);
  const auto answer = engine_->generate(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::deadline_exceeded);
}

TEST_F(Death, CleanupOfAHungWorkerIsBounded) {
  open();
  const pid_t pid = worker_pid();
  ::kill(pid, SIGSTOP);
  const auto start = Clock::now();
  engine_->cleanup();
  EXPECT_LT(Clock::now() - start, soon);
  EXPECT_FALSE(has_children());
}

TEST_F(Death, ProgramsThatAreNoWorkers) {
  Error error = refusal("/no/such/program", milliseconds(10'000));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_NE(error.message.find("/no/such/program: No such file"), std::string::npos);
  error = refusal("/bin/true", milliseconds(10'000));
  EXPECT_EQ(error.code, ErrorCode::engine_died);
  EXPECT_NE(error.message.find("true died while starting: exit code 0"), std::string::npos);
  error = refusal(script_that_sends(""), milliseconds(100));
  EXPECT_EQ(error.code, ErrorCode::unavailable);
  EXPECT_NE(error.message.find("said nothing for 100 ms after its start"), std::string::npos);
}

TEST_F(Death, HandshakesThatDoNotFit) {
  const auto message = [](const Json& hello) {
    const Error error = refusal(script_that_sends(encode_frame(hello).value()), milliseconds(9000));
    EXPECT_EQ(error.code, ErrorCode::protocol);
    return error.message;
  };
  EXPECT_NE(message({{"type", "hello"}, {"protocol", 7}}).find("version 7, this program version 5"),
            std::string::npos);
  EXPECT_NE(message({{"type", "hello"}, {"protocol", protocol::version}}).find("capabilities"),
            std::string::npos);
  EXPECT_NE(message({{"type", "done"}, {"id", 0}}).find("protocol"), std::string::npos);
}

/// What the kernel does to a worker's socket when the host dies, without the host dying.
TEST_F(Death, AWorkerLeavesWithItsHost) {
  for (const char* prompt : {"words 100000 1", "hang"}) {
    const auto process = start_worker_process(TENFOLD_TEST_WORKER);
    ASSERT_TRUE(process.ok()) << process.error().message;
    std::string bytes = encode_frame({{"type", "load"},
                                      {"id", 1},
                                      {"model", to_json(ResolvedModel{.path = "model"})},
                                      {"options", Json::object()}})
                            .value();
    bytes +=
        encode_frame({{"type", "generate"}, {"id", 2}, {"request", {{"prompt", prompt}}}}).value();
    ASSERT_EQ(::write(process->socket, bytes.data(), bytes.size()),
              static_cast<ssize_t>(bytes.size()));
    std::this_thread::sleep_for(milliseconds(100));
    const auto start = Clock::now();
    ::close(process->socket);
    ::close(process->output);
    int status = 0;
    EXPECT_EQ(::waitpid(process->pid, &status, 0), process->pid);
    EXPECT_LT(Clock::now() - start, soon);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
  }
}

}  // namespace
}  // namespace tenfold
