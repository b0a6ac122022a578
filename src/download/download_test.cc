// Whole downloads from a good server, and what is refused before or instead of one.
#include "download/download.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <limits>
#include <thread>

#include "download/testing/fixture.h"

namespace tenfold::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(DownloadTest, BringsTheWholeFileAndLeavesNothingElse) {
  const auto file = random_file(40 << 20);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.bytes = file->size();
  wanted.sha256 = sha256_of(*file);
  std::vector<DownloadProgress> seen;
  DownloadHooks hooks;
  hooks.on_progress = [&](const DownloadProgress& progress) { seen.push_back(progress); };
  const Result<Downloaded> got = download_file(wanted, hooks);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->bytes, file->size());
  EXPECT_EQ(got->fetched, file->size());
  EXPECT_EQ(got->sha256, wanted.sha256);
  EXPECT_FALSE(got->already_there);
  EXPECT_EQ(content_of(target_), *file);
  EXPECT_THAT(files(), ElementsAre("model.gguf"));
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().done, file->size());
  EXPECT_EQ(seen.back().total, file->size());
  EXPECT_GT(peer.requests().size(), 1U) << "not in parts";
}

TEST_F(DownloadTest, ASlowConnectionGetsOthersBesideIt) {
  using Clock = std::chrono::steady_clock;
  const auto file = random_file(24 << 20);
  std::atomic<Clock::time_point> first{};
  std::atomic<Clock::time_point> second{};
  HttpPeer peer([&](const PeerRequest& asked) {
    (asked.number == 0 ? first : second) = Clock::now();
    PeerReply reply = serve(asked, file);
    reply.bytes_per_second = 8 << 20;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->sha256, sha256_of(*file));
  EXPECT_EQ(peer.requests().size(), 2U);
  // The first one takes two seconds for its 16 MiB.
  EXPECT_LT(second.load() - first.load(), std::chrono::milliseconds(1900));
}

TEST_F(DownloadTest, AFastConnectionStaysAlone) {
  const auto file = random_file(160 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.bytes_per_second = 350 << 20;
    return reply;
  });
  double slowest = std::numeric_limits<double>::max();
  DownloadHooks hooks;
  hooks.on_progress = [&](const DownloadProgress& progress) {
    if (progress.bytes_per_second > 0) slowest = std::min(slowest, progress.bytes_per_second);
  };
  const Result<Downloaded> got = download_file(request(peer.url("/model.gguf")), hooks);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->sha256, sha256_of(*file));
  if (slowest < 260 << 20) GTEST_SKIP() << "too slow a machine, or too busy a one";
  EXPECT_EQ(peer.connections(), 1);
}

TEST_F(DownloadTest, SizesAroundABlockAreWhole) {
  for (const std::size_t size : {0, 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1}) {
    const auto file = random_file(size);
    HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
    DownloadRequest wanted = request(peer.url("/model.gguf"));
    wanted.parts = 1 + static_cast<int>(size % 2);
    const Result<Downloaded> got = download(wanted);
    ASSERT_TRUE(got.ok()) << size << ": " << got.error().message;
    EXPECT_EQ(got->sha256, sha256_of(*file));
    EXPECT_EQ(content_of(target_), *file);
  }
}

TEST_F(DownloadTest, ServersWithoutRangesOrLengthDo) {
  const auto file = random_file(9 << 20);
  for (const bool chunked : {false, true}) {
    HttpPeer peer([&](const PeerRequest&) {
      PeerReply reply;
      reply.body = file;
      reply.chunked = chunked;
      return reply;
    });
    const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->sha256, sha256_of(*file));
    EXPECT_EQ(peer.requests().size(), 1U);
  }
}

TEST_F(DownloadTest, AFileOfUnknownLengthNeedsItsDigest) {
  const auto file = random_file(100'000);
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply;
    reply.body = file;
    reply.close_delimited = true;
    return reply;
  });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  const Result<Downloaded> refused = download(wanted);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("does not say how long"));
  wanted.sha256 = sha256_of(*file);
  EXPECT_TRUE(download(wanted).ok());
}

TEST_F(DownloadTest, WhatIsThereAndRightIsNotFetched) {
  const auto file = random_file(100'000);
  std::ofstream(target_, std::ios::binary) << *file;
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.sha256 = sha256_of(*file);
  const Result<Downloaded> got = download(wanted);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_TRUE(got->already_there);
  EXPECT_TRUE(peer.requests().empty());
}

TEST_F(DownloadTest, WhatIsThereAndWrongIsReplacedWhole) {
  const auto file = random_file(100'000);
  std::ofstream(target_, std::ios::binary) << *random_file(100'000, 2);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.sha256 = sha256_of(*file);
  ASSERT_TRUE(download(wanted).ok());
  EXPECT_EQ(content_of(target_), *file);
}

TEST_F(DownloadTest, AWrongDigestOrSizeIsNotKept) {
  const auto file = random_file(100'000);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.sha256 = sha256_of("something else");
  const Result<Downloaded> wrong_digest = download(wanted);
  ASSERT_FALSE(wrong_digest.ok());
  EXPECT_EQ(wrong_digest.error().code, ErrorCode::bad_model);
  EXPECT_THAT(wrong_digest.error().message, HasSubstr(wanted.sha256));
  wanted.bytes = 99'999;
  const Result<Downloaded> wrong_size = download(wanted);
  ASSERT_FALSE(wrong_size.ok());
  EXPECT_EQ(wrong_size.error().code, ErrorCode::bad_model);
  EXPECT_THAT(wrong_size.error().message, HasSubstr("100000 bytes, expected 99999"));
  EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, TwoAtOnceFetchItOnce) {
  const auto file = random_file(3 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.bytes_per_second = 6 << 20;
    return reply;
  });
  const DownloadRequest wanted = request(peer.url("/model.gguf"));
  std::atomic<int> fresh = 0;
  std::atomic<std::uint64_t> fetched = 0;
  const auto run = [&] {
    const Result<Downloaded> got = download_file(wanted, {});
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->sha256, sha256_of(*file));
    fresh += got->already_there ? 0 : 1;
    fetched += got->fetched;
  };
  std::thread other(run);
  run();
  other.join();
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(fetched, file->size());
  EXPECT_THAT(files(), ElementsAre("model.gguf"));
}

TEST_F(DownloadTest, LinksInTheWayAreNotWrittenThrough) {
  const auto file = random_file(100'000);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  const std::filesystem::path precious = folder_ / "precious";
  std::ofstream(precious) << "keep me";
  const std::filesystem::path partial = folder_ / "model.gguf.partial";
  std::filesystem::create_symlink(precious, partial);
  EXPECT_FALSE(download(request(peer.url("/model.gguf"))).ok());
  std::filesystem::remove(partial);
  std::filesystem::create_hard_link(precious, partial);
  const Result<Downloaded> refused = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::permission_denied);
  std::filesystem::remove(partial);
  std::filesystem::create_symlink(precious, target_);
  EXPECT_TRUE(download(request(peer.url("/model.gguf"))).ok());
  EXPECT_FALSE(std::filesystem::is_symlink(target_));
  EXPECT_EQ(content_of(target_), *file);
  EXPECT_EQ(content_of(precious), "keep me");
}

TEST_F(DownloadTest, NamesFromTheServerAreNotUsed) {
  const auto file = random_file(1000);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.headers["Content-Disposition"] = "attachment; filename=\"../../evil\"";
    return reply;
  });
  ASSERT_TRUE(download(request(peer.url("/a/../..%2fevil?name=../x"))).ok());
  EXPECT_THAT(files(), ElementsAre("model.gguf"));
}

TEST_F(DownloadTest, AMissingFolderAndAFolderAsTargetAreNamed) {
  DownloadRequest wanted = request("http://127.0.0.1:9/x");
  wanted.target = folder_ / "missing" / "x";
  const Result<Downloaded> missing = download(wanted);
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_THAT(missing.error().message, HasSubstr("missing/x"));
  wanted.target = folder_;
  const Result<Downloaded> folder = download(wanted);
  ASSERT_FALSE(folder.ok());
  EXPECT_EQ(folder.error().code, ErrorCode::invalid_argument);
}

TEST_F(DownloadTest, OfflineIsAClearRefusalThatNamesTheSwitch) {
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  const Result<Downloaded> refused = download(request("http://127.0.0.1:9/x"));
  const Result<std::string> text = fetch_text({"http://127.0.0.1:9/x"}, {});
  ::unsetenv("TENFOLD_OFFLINE");
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::network);
  EXPECT_THAT(refused.error().message, HasSubstr("TENFOLD_OFFLINE"));
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code, ErrorCode::network);
}

TEST_F(DownloadTest, OnlyHttpUrlsAndCleanTokensAreTaken) {
  for (const char* url :
       {"file:///etc/passwd", "ftp://host/x", "gopher://host/", "nonsense", "", "http://"}) {
    const Result<Downloaded> refused = download(request(url));
    ASSERT_FALSE(refused.ok()) << url;
    EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument) << url;
  }
  DownloadRequest wanted = request("http://127.0.0.1:9/x");
  wanted.bearer_token = "hf_abc\nX-Evil: 1";
  const Result<Downloaded> refused = download(wanted);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
}

TEST_F(DownloadTest, CancelEndsItAndKeepsWhatArrived) {
  const auto file = random_file(20 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.stall_after = 6 << 20;
    return reply;
  });
  using Clock = std::chrono::steady_clock;
  Clock::time_point asked{};
  std::uint64_t done = 0;
  DownloadHooks hooks;
  hooks.on_progress = [&](const DownloadProgress& progress) { done = progress.done; };
  hooks.cancelled = [&] {
    if (done < 6 << 20) return false;
    if (asked == Clock::time_point{}) asked = Clock::now();
    return true;
  };
  const Result<Downloaded> got = download_file(request(peer.url("/model.gguf")), hooks);
  EXPECT_LT(Clock::now() - asked, std::chrono::seconds(5)) << "the server has fallen silent";
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::cancelled);
  EXPECT_THAT(files(), ElementsAre("model.gguf.partial", "model.gguf.partial.journal"));
}

}  // namespace
}  // namespace tenfold::testing
