// The host side against a worker that sends spoilt frames: none of them ends this process or is
// waited for without end, and the next call is answered.
#include <cstdlib>

#include "worker/testing/mutator.h"
#include "worker/testing/remote_fixture.h"

namespace tenfold {
namespace {

#ifdef TENFOLD_SANITIZED
constexpr int frames = 500;  // a worker takes long to start
#else
constexpr int frames = 10'000;
#endif

class BrokenWorker : public Remote {
 protected:
  static RemoteOptions broken() {
    RemoteOptions options;
    options.executable = TENFOLD_BROKEN_WORKER;
    options.heartbeat = milliseconds(1000) + slack;  // for frames whose end does not come
    return options;
  }

  /// One call of each kind in turn; how it ends is all the same.
  void call(int seed) {
    const std::string order = "spoil " + std::to_string(seed);
    switch (seed % 5) {
      case 0:
        (void)engine_->stream(ask(order), [](const Delta&) {}, {{}, [](const PromptProgress&) {}});
        break;
      case 1:
        (void)engine_->prepare(order);
        break;
      case 2:
        (void)engine_->embed(std::vector<std::string>{order});
        break;
      case 3:
        (void)engine_->score(std::vector<TokenId>{seed, 1});
        break;
      default:
        (void)engine_->initialize({.path = order}, {}, [](double) { return true; });
        load();
    }
  }

  void load() {
    const auto info = engine_->initialize({.path = "model"}, {}, {});
    ASSERT_TRUE(info.ok()) << info.error().message;
  }
};

TEST_F(BrokenWorker, AfterEachSpoiltFrameTheNextCallIsAnswered) {
  auto opened = open_remote_engine(broken());
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  engine_ = std::move(*opened);
  load();
  for (int seed = 0; seed < frames; ++seed) {
    SCOPED_TRACE(seed);
    call(seed);
    const auto next = engine_->prepare(std::string("well"));
    ASSERT_TRUE(next.ok()) << next.error().message;
    ASSERT_EQ(next->text, "prompt");
  }
}

TEST_F(BrokenWorker, ASpoiltHelloIsAnError) {
  for (int seed = 0; seed < frames / 50; ++seed) {
    ::setenv("TENFOLD_SPOIL_HELLO", std::to_string(seed).c_str(), 1);
    RemoteOptions options = broken();
    options.start_timeout = milliseconds(300) + slack;
    const auto opened = open_remote_engine(options);
    ASSERT_FALSE(has_children() && !opened.ok());
  }
  ::unsetenv("TENFOLD_SPOIL_HELLO");
}

}  // namespace
}  // namespace tenfold
