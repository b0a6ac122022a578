#include "server/apis/downloads.h"

#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>

#include "models/store_fixture.h"

namespace tenfold::server {
namespace {

using State = Download::State;
using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr const char* url = "https://models.example.org/a.gguf";

Download wait_for_end(const Downloads& downloads, std::uint64_t id) {
  for (int i = 0; i < 1000 && !downloads.find(id)->ended(); ++i) {
    std::this_thread::sleep_for(milliseconds(5));
  }
  return *downloads.find(id);
}

/// Reports some progress and then waits to be cancelled.
Result<Pulled> until_cancelled(const CatalogueModel&, const PullOptions& options,
                               const std::function<void(const PullProgress&)>& on_progress) {
  PullProgress progress;
  progress.file = "a.gguf";
  progress.done = 5;
  progress.total = 10;
  on_progress(progress);
  while (!options.cancelled()) std::this_thread::sleep_for(milliseconds(1));
  return fail(ErrorCode::cancelled, "cancelled");
}

TEST(Downloads, AnEndIsRemembered) {
  Downloads downloads(ModelStore(),
                      [](const CatalogueModel& model, const PullOptions& options, const auto&) {
                        options.on_step("here it comes");
                        Pulled pulled;
                        pulled.model.name = model.name;
                        pulled.downloaded = true;
                        return Result<Pulled>(pulled);
                      });
  const auto started = downloads.start(url).value();
  EXPECT_FALSE(started.joined);
  const Download download = wait_for_end(downloads, started.id);
  EXPECT_EQ(download.state, State::done);
  EXPECT_EQ(download.stored_as, "a");
  EXPECT_EQ(download.step, "here it comes");
  EXPECT_EQ(to_json(download)["state"], "done");
  EXPECT_EQ(downloads.list().size(), 1U);
}

TEST(Downloads, AFailureKeepsItsError) {
  Downloads downloads(ModelStore(), [](const auto&, const auto&, const auto&) {
    return Result<Pulled>(fail(ErrorCode::disk_full, "no space", "make some"));
  });
  const Download download = wait_for_end(downloads, downloads.start(url)->id);
  EXPECT_EQ(download.state, State::failed);
  EXPECT_EQ(to_json(download)["error"]["code"], "disk_full");
}

TEST(Downloads, WhatIsThrownEndsTheDownloadAlone) {
  Downloads downloads(ModelStore(), [](const auto&, const auto&, const auto&) -> Result<Pulled> {
    throw std::runtime_error("a library threw");
  });
  const Download download = wait_for_end(downloads, downloads.start(url)->id);
  EXPECT_EQ(download.state, State::failed);
  EXPECT_THAT(download.error->message, HasSubstr("a library threw"));
}

TEST(Downloads, TheSameModelIsPulledOnce) {
  Downloads downloads(ModelStore(), until_cancelled);
  const auto first = downloads.start(url).value();
  const auto second = downloads.start(url).value();
  EXPECT_TRUE(second.joined);
  EXPECT_EQ(first.id, second.id);
}

TEST(Downloads, CancelEndsOne) {
  Downloads downloads(ModelStore(), until_cancelled);
  const std::uint64_t id = downloads.start(url)->id;
  EXPECT_TRUE(downloads.cancel(id).ok());
  const Download download = wait_for_end(downloads, id);
  EXPECT_EQ(download.state, State::cancelled);
  EXPECT_TRUE(downloads.cancel(id).ok());
  EXPECT_EQ(downloads.cancel(99).error().code, ErrorCode::not_found);
  EXPECT_FALSE(downloads.start(url)->joined);
}

TEST(Downloads, ThoseBeyondTwoWaitAndManyAreRefused) {
  Downloads downloads(ModelStore(), until_cancelled);
  const auto start = [&](int number) {
    return downloads.start("https://models.example.org/" + std::to_string(number) + ".gguf");
  };
  for (int i = 0; i < 32; ++i) ASSERT_TRUE(start(i).ok());
  EXPECT_EQ(start(32).error().code, ErrorCode::busy);
  EXPECT_EQ(downloads.list().front().state, State::waiting);
}

TEST(Downloads, AfterStopNothingStarts) {
  Downloads downloads(ModelStore(), until_cancelled);
  const std::uint64_t id = downloads.start(url)->id;
  downloads.stop();
  EXPECT_EQ(wait_for_end(downloads, id).state, State::cancelled);
  EXPECT_EQ(downloads.start(url).error().code, ErrorCode::unavailable);
}

TEST(Downloads, UrlsOfClientsLeadToPublicHostsOnly) {
  std::atomic<int> guarded = 0;
  Downloads downloads(ModelStore(), [&](const auto&, const PullOptions& options, const auto&) {
    guarded += options.public_hosts_only ? 1 : 0;
    return Result<Pulled>(Pulled());
  });
  wait_for_end(downloads, downloads.start(url)->id);
  EXPECT_EQ(guarded, 1);
  wait_for_end(downloads, downloads.start("hf:owner/name")->id);
  EXPECT_EQ(guarded, 1);
}

using RealDownloads = StoreTest;

TEST_F(RealDownloads, RefuseThisMachine) {
  Downloads downloads{ModelStore()};
  const Download download =
      wait_for_end(downloads, downloads.start("http://127.0.0.1:9/a.gguf")->id);
  EXPECT_EQ(download.state, State::failed);
  EXPECT_THAT(download.error->message, HasSubstr("not on the public internet"));
}

}  // namespace
}  // namespace tenfold::server
