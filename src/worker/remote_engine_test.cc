// The host side against a real worker process: calls that work.
#include "worker/remote_engine.h"

#include "engine/json.h"
#include "worker/protocol.h"
#include "worker/testing/remote_fixture.h"

namespace tenfold {
namespace {

TEST_F(Remote, DescribesItselfBeforeAModelIsLoaded) {
  auto opened = open_remote_engine(options());
  ASSERT_TRUE(opened.ok());
  engine_ = std::move(opened).value();
  EXPECT_EQ(engine_->name(), "fake");
  EXPECT_TRUE(engine_->capabilities().score);
  EXPECT_FALSE(engine_->is_initialized());
  const auto answer = engine_->generate(ask("pid"));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::not_initialized);
}

TEST_F(Remote, StreamsInOrderOnTheCallingThread) {
  open();
  std::string text;
  std::vector<TokenId> tokens;
  const auto thread = std::this_thread::get_id();
  const auto answer = engine_->stream(ask("words 1000"), [&](const Delta& delta) {
    EXPECT_EQ(std::this_thread::get_id(), thread);
    text += delta.text;
    tokens.insert(tokens.end(), delta.tokens.begin(), delta.tokens.end());
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->text, text);
  ASSERT_EQ(tokens.size(), 1000U);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(tokens[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(answer->usage.generated_tokens, 1000);
  EXPECT_GT(answer->usage.peak_memory_bytes, 0U);
}

TEST_F(Remote, RequestsArriveWhole) {
  open();
  Request request = ask("echo");
  request.sampling.seed = ~0ULL;
  request.sampling.logit_bias = {{7, -std::numeric_limits<double>::infinity()}};
  request.stop = {"\n"};
  const auto answer = engine_->generate(request);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(Json::parse(answer->text), to_json(request));
}

TEST_F(Remote, OtherCalls) {
  open();
  const std::vector<TokenId> tokens{4, 5, 6};
  EXPECT_EQ(*engine_->score(tokens), (std::vector<double>{5, 6}));
  EXPECT_EQ(engine_->score({}).error().code, ErrorCode::invalid_argument);
  const auto prepared = engine_->prepare(std::string("Hi"));
  ASSERT_TRUE(prepared.ok());
  EXPECT_EQ(prepared->text, R"({"prompt":"Hi"})");
  EXPECT_EQ(prepared->tokens, (std::vector<TokenId>{1, 2, 3}));
  const auto embedded = engine_->embed(std::vector<std::string>{"four", "three"});
  ASSERT_TRUE(embedded.ok()) << embedded.error().message;
  ASSERT_EQ(embedded->size(), 2U);
  EXPECT_EQ(embedded->at(0).values, (std::vector<float>{0.1F, 4}));
  EXPECT_EQ(embedded->at(1).values, (std::vector<float>{0.1F, 5}));
  EXPECT_EQ(embedded->at(1).tokens, 5);
}

TEST_F(Remote, EmbeddingsComeInParts) {
  open();
  constexpr std::size_t width = protocol::part_bytes / sizeof(float);
  const std::vector<std::string> texts{"a", "wide " + std::to_string(width), "four"};
  const auto embedded = engine_->embed(texts);
  ASSERT_TRUE(embedded.ok()) << embedded.error().message;
  ASSERT_EQ(embedded->size(), 3U);
  EXPECT_EQ(embedded->at(0).values, (std::vector<float>{0.1F, 1}));
  EXPECT_EQ(embedded->at(1).values.size(), width);
  EXPECT_EQ(embedded->at(1).values.back(), 0.5F);
  EXPECT_EQ(embedded->at(2).values, (std::vector<float>{0.1F, 4}));
}

TEST_F(Remote, TellsHowMuchOfThePromptIsRead) {
  open();
  std::vector<PromptProgress> seen;
  const auto follow = [&](const PromptProgress& progress) { seen.push_back(progress); };
  ASSERT_TRUE(engine_->stream(ask("read 2 1"), {}, {{}, follow}).ok());
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{10, 12, 10}, {11, 12, 10}, {12, 12, 10}}));
  seen.clear();
  ASSERT_TRUE(engine_->embed(std::vector<std::string>{"a", "b"}, {{}, follow}).ok());
  EXPECT_EQ(seen, (std::vector<PromptProgress>{{1, 2, 0}, {2, 2, 0}}));
}

TEST_F(Remote, EveryCallCanBeStopped) {
  open();
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  const auto token = stop.get_token();
  EXPECT_EQ(engine_->score(std::vector<TokenId>(60, 1), token).error().code, ErrorCode::cancelled);
  EXPECT_EQ(engine_->prepare(std::string("Hi"), token).error().code, ErrorCode::cancelled);
  std::stop_source second;
  const auto follow = [&](const PromptProgress&) { second.request_stop(); };
  const std::vector<std::string> texts{"wait", "never"};
  EXPECT_EQ(engine_->embed(texts, {second.get_token(), follow}).error().code, ErrorCode::cancelled);
}

TEST_F(Remote, WhatAnEngineKeepsIsSavedInItsWorker) {
  open();
  EXPECT_TRUE(engine_->keep({}).ok());
  ASSERT_TRUE(engine_->initialize({.path = "unkept"}, {}, {}).ok());
  EXPECT_EQ(engine_->keep({}).error().code, ErrorCode::disk_full);
  ASSERT_TRUE(engine_->initialize({.path = "keeps long"}, {}, {}).ok());
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(milliseconds(50));
    stop.request_stop();
  });
  EXPECT_EQ(engine_->keep(stop.get_token()).error().code, ErrorCode::cancelled);
  engine_->cleanup();
  EXPECT_TRUE(engine_->keep({}).ok()) << "no model";
}

TEST_F(Remote, WhatIsSavedForTooLongIsGivenUp) {
  RemoteOptions impatient = options();
  impatient.keep_timeout = milliseconds(50);
  open(impatient);
  ASSERT_TRUE(engine_->initialize({.path = "keeps long"}, {}, {}).ok());
  EXPECT_EQ(engine_->keep({}).error().code, ErrorCode::cancelled);
  impatient.cancel_timeout = milliseconds(100);
  open(impatient);
  ASSERT_TRUE(engine_->initialize({.path = "keeps for ever"}, {}, {}).ok());
  const Error ended = engine_->keep({}).error();
  EXPECT_EQ(ended.code, ErrorCode::engine_died);
  EXPECT_NE(ended.message.find("while saving"), std::string::npos) << ended.message;
}

TEST_F(Remote, AWorkerThatDiedHasNothingToKeep) {
  open();
  const pid_t worker = worker_pid();
  ::kill(worker, SIGKILL);
  wait_until_dead(worker);
  EXPECT_TRUE(engine_->keep({}).ok());
}

TEST_F(Remote, AnErrorKeepsWhenToTryAgain) {
  open();
  const auto info = engine_->initialize({.path = "quota"}, {}, {});
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().code, ErrorCode::license);
  EXPECT_EQ(info.error().retry_after, std::chrono::seconds(7));
}

TEST_F(Remote, LoadsWithProgressAndOptions) {
  open();
  LoadOptions load;
  load.context_size = 77;
  std::vector<double> seen;
  const auto info = engine_->initialize({.path = "slow"}, load, [&](double value) {
    seen.push_back(value);
    return true;
  });
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_EQ(info->context_size, 77);
  EXPECT_EQ(info->chat_template, "odd byte \xEF\xBF\xBD");
  ASSERT_EQ(seen.size(), 50U);
  EXPECT_EQ(seen.back(), 1);
  EXPECT_EQ(text("path"), "slow");
}

TEST_F(Remote, PathsAreBytes) {
  open();
  const auto info = engine_->initialize({.path = "odd \xFF name"}, {}, {});
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->path, "odd \xFF name");
}

TEST_F(Remote, LoadCanBeCancelled) {
  open();
  int reports = 0;
  const auto info =
      engine_->initialize({.path = "slow"}, {}, [&](double) { return ++reports < 3; });
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().code, ErrorCode::cancelled);
  EXPECT_LT(reports, 50);
  EXPECT_FALSE(engine_->is_initialized());
}

TEST_F(Remote, LoadErrorsComeBackAndTheEngineStaysUsable) {
  open();
  const auto info = engine_->initialize({.path = "missing"}, {}, {});
  ASSERT_FALSE(info.ok());
  EXPECT_EQ(info.error().code, ErrorCode::not_found);
  EXPECT_EQ(info.error().message, "no such model");
  EXPECT_EQ(info.error().hint, "pull it");
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_TRUE(engine_->initialize({.path = "other"}, {}, {}).ok());
  EXPECT_EQ(text("path"), "other");
}

TEST_F(Remote, ANewModelGetsANewProcess) {
  open();
  const pid_t first = worker_pid();
  ASSERT_TRUE(engine_->initialize({.path = "other"}, {}, {}).ok());
  EXPECT_NE(worker_pid(), first);
  EXPECT_NE(::kill(first, 0), 0);
}

TEST_F(Remote, CancelFromTheCallback) {
  open();
  int deltas = 0;
  Clock::time_point cancelled;
  const auto answer = engine_->stream(ask("words 100000 1"), [&](const Delta&) {
    if (++deltas != 5) return;
    cancelled = Clock::now();
    engine_->cancel();
  });
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->finish, FinishReason::cancelled);
  EXPECT_LT(Clock::now() - cancelled, soon);
}

TEST_F(Remote, AStopTokenEndsItsAnswer) {
  open();
  std::stop_source stop;
  const auto answer = engine_->stream(
      ask("words 100000 1"), [&](const Delta&) { stop.request_stop(); }, stop.get_token());
  ASSERT_TRUE(answer.ok()) << answer.error().message;
  EXPECT_EQ(answer->finish, FinishReason::cancelled);
  EXPECT_EQ(engine_->stream(ask("pid"), {}, stop.get_token()).error().code, ErrorCode::cancelled);
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Remote, CancelFromAnotherThreadAtAnyTime) {
  open();
  engine_->cancel();  // nothing is running
  EXPECT_EQ(text("words 1"), "w0 ");
  for (int delay = 0; delay < 20; ++delay) {
    std::atomic<bool> ended = false;
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(100 * delay));
      // Before stream() has begun a cancel does nothing, so this says it until it was heard.
      while (!ended) {
        engine_->cancel();
        std::this_thread::sleep_for(milliseconds(1));
      }
    });
    const auto answer = engine_->generate(ask("words 100000 1"));
    ended = true;
    other.join();
    if (answer.ok()) {
      EXPECT_EQ(answer->finish, FinishReason::cancelled);
    } else {
      EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
    }
  }
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Remote, ASecondCallDuringAnAnswerIsBusy) {
  open();
  ErrorCode code = ErrorCode::internal;
  EXPECT_TRUE(engine_
                  ->stream(ask("words 1"),
                           [&](const Delta&) { code = engine_->generate(ask("pid")).error().code; })
                  .ok());
  EXPECT_EQ(code, ErrorCode::busy);
}

TEST_F(Remote, CleanupEndsAndReapsTheProcess) {
  open();
  const pid_t pid = worker_pid();
  engine_->cleanup();
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_FALSE(has_children());
  EXPECT_NE(::kill(pid, 0), 0);
  engine_->cleanup();
  EXPECT_TRUE(engine_->initialize({.path = "model"}, {}, {}).ok());
  EXPECT_NE(worker_pid(), pid);
}

TEST_F(Remote, NothingIsLeftBehind) {
  const auto descriptors = [] {
    const std::filesystem::directory_iterator folder("/proc/self/fd");
    return std::distance(begin(folder), end(folder));
  };
  const auto before = descriptors();
  for (int i = 0; i < 10; ++i) {
    open();
    EXPECT_EQ(text("words 2"), "w0 w1 ");
    engine_.reset();
  }
  EXPECT_EQ(descriptors(), before);
  EXPECT_FALSE(has_children());
}

TEST_F(Remote, ItsMemoryCanBeMeasured) {
  open();
  EXPECT_GT(worker_memory(*engine_), 100'000U);
  engine_->cleanup();
  EXPECT_EQ(worker_memory(*engine_), 0U);
}

TEST_F(Remote, WhatAFrameworkPrintsDoesNoHarm) {
  open();
  EXPECT_EQ(text("print"), "");
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Remote, LargeAnswersPass) {
  open();
  EXPECT_EQ(text("big 1000000").size(), 1'000'000U);
  const auto answer = engine_->generate(ask(std::string(1'000'000, 'x')));
  EXPECT_TRUE(answer.ok()) << answer.error().message;
}

TEST_F(Remote, ARequestTooLargeForAFrameIsRefused) {
  open();
  const auto answer = engine_->generate(ask(std::string(65 << 20, 'x')));
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(text("words 1"), "w0 ");
}

TEST_F(Remote, TextThatIsNotUtf8IsNamed) {
  open();
  EXPECT_EQ(text("\xFF"), "error: request.prompt is not valid UTF-8");
}

TEST_F(Remote, InterruptsFromTheTerminalAreTheHostsBusiness) {
  open();
  const pid_t pid = worker_pid();
  ::kill(pid, SIGINT);
  EXPECT_EQ(worker_pid(), pid);
}

TEST(RunWorker, PrintsCapabilitiesByHand) {
  std::FILE* output = ::popen("'" TENFOLD_TEST_WORKER "' 3>&- 2>/dev/null", "r");
  ASSERT_NE(output, nullptr);
  std::string text(100'000, '\0');
  text.resize(std::fread(text.data(), 1, text.size(), output));
  EXPECT_EQ(::pclose(output), 0);
  EXPECT_EQ(Json::parse(text)["engine"], "fake");
}

}  // namespace
}  // namespace tenfold
