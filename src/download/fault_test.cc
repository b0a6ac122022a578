// Downloads from servers and networks that fail, change or lie.
#include <gmock/gmock.h>
#include <sys/mount.h>
#include <unistd.h>

#include <utility>

#include "download/testing/fixture.h"

namespace tenfold::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(DownloadTest, CutsAreResumedAtTheByte) {
  const auto file = random_file(24 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    if (asked.number % 2 == 0) reply.cut_after = 1'234'567;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->sha256, sha256_of(*file));
  EXPECT_EQ(got->fetched, file->size());
  EXPECT_THAT(notices_, HasSubstr("trying again"));
}

TEST_F(DownloadTest, ALaterRunGoesOnFromWholeBlocks) {
  const auto file = random_file(24 << 20);
  bool broken = true;
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    if (broken) reply.cut_after = asked.number == 0 ? 10 << 20 : 0;
    return reply;
  });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.patience.tries = 2;
  const Result<Downloaded> cut = download(wanted);
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, ErrorCode::network);
  EXPECT_THAT(cut.error().message, HasSubstr("2 tries"));
  broken = false;
  const Result<Downloaded> got = download(wanted);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->fetched, file->size() - (8 << 20));
  EXPECT_EQ(content_of(target_), *file);
}

/// Two blocks and a half of `file`, as a run that was cut leaves them.
class ResumeTest : public DownloadTest {
 protected:
  void leave_part() {
    peer_ = std::make_unique<HttpPeer>([this](const PeerRequest& asked) { return answer(asked); });
    DownloadRequest wanted = request(peer_->url("/model.gguf"));
    wanted.patience.tries = 1;
    cut_ = true;
    EXPECT_FALSE(download(wanted).ok());
    cut_ = false;
  }
  PeerReply answer(const PeerRequest& asked) {
    PeerReply reply = serve(asked, file_, etag_);
    if (cut_) reply.cut_after = 10 << 20;
    if (claimed_total_) {
      std::string& range = reply.headers["Content-Range"];
      range.replace(range.find('/'), std::string::npos, "/" + std::to_string(*claimed_total_));
    }
    return reply;
  }
  void resume_and_expect(std::uint64_t fetched) {
    const Result<Downloaded> got = download(request(peer_->url("/model.gguf")));
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->sha256, sha256_of(*file_));
    EXPECT_EQ(content_of(target_), *file_);
    EXPECT_EQ(got->fetched, fetched);
    EXPECT_THAT(files(), ElementsAre("model.gguf"));
  }
  std::filesystem::path partial() const { return folder_ / "model.gguf.partial"; }
  std::filesystem::path journal() const { return folder_ / "model.gguf.partial.journal"; }

  std::shared_ptr<const std::string> file_ = random_file(24 << 20);
  std::string etag_ = "\"v1\"";
  bool cut_ = false;
  std::optional<std::uint64_t> claimed_total_;
  std::unique_ptr<HttpPeer> peer_;
};

TEST_F(ResumeTest, ABlockThatWasDamagedOnDiskIsFetchedAgain) {
  leave_part();
  std::fstream(partial(), std::ios::in | std::ios::out | std::ios::binary).seekp(5 << 20) << "torn";
  resume_and_expect(file_->size() - (4 << 20));
}

TEST_F(ResumeTest, ATornJournalCostsItsLastBlock) {
  leave_part();
  std::filesystem::resize_file(journal(), std::filesystem::file_size(journal()) - 5);
  resume_and_expect(file_->size() - (4 << 20));
}

TEST_F(ResumeTest, AJournalOfNonsenseStartsOver) {
  leave_part();
  std::ofstream(journal()) << "{]\n99999999999999999999 x\n0 zz\n";
  resume_and_expect(file_->size());
}

TEST_F(ResumeTest, TheRestMustFitOnTheDisk) {
  leave_part();
  constexpr std::uint64_t huge = std::uint64_t{1} << 60;
  std::string head = content_of(journal());
  const std::string bytes = "\"bytes\":" + std::to_string(file_->size());
  head.replace(head.find(bytes), bytes.size(), "\"bytes\":" + std::to_string(huge));
  std::ofstream(journal(), std::ios::binary) << head;
  claimed_total_ = huge;
  const Result<Downloaded> got = download(request(peer_->url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::disk_full);
}

TEST_F(ResumeTest, AFileThatChangedStartsOverAndSaysSo) {
  leave_part();
  file_ = random_file(24 << 20, 2);
  etag_ = "\"v2\"";
  const Result<Downloaded> got = download(request(peer_->url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(content_of(target_), *file_);
  EXPECT_THAT(notices_, HasSubstr("changed on the server; starting over"));
}

TEST_F(ResumeTest, AFileThatShrankStartsOver) {
  leave_part();
  file_ = random_file(1 << 20, 2);
  etag_ = "\"v2\"";
  const Result<Downloaded> got = download(request(peer_->url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(content_of(target_), *file_);
}

TEST_F(ResumeTest, WhatDoesNotFitTheDigestIsFetchedOnceMore) {
  DownloadRequest wanted = request("");
  const auto good = file_;
  wanted.sha256 = sha256_of(*good);
  etag_ = "";
  file_ = random_file(24 << 20, 2);
  HttpPeer peer([this](const PeerRequest& asked) { return answer(asked); });
  wanted.url = peer.url("/model.gguf");
  wanted.patience.tries = 1;
  cut_ = true;
  EXPECT_FALSE(download(wanted).ok());
  cut_ = false;
  file_ = good;
  const Result<Downloaded> got = download(wanted);
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(content_of(target_), *good);
  EXPECT_THAT(notices_, HasSubstr("does not fit"));
}

TEST_F(DownloadTest, AFileThatChangesHalfwayIsNotGlued) {
  const auto one = random_file(24 << 20, 1);
  const auto two = random_file(24 << 20, 2);
  for (const bool honours_condition : {true, false}) {
    HttpPeer peer([&](const PeerRequest& asked) {
      PeerRequest heard = asked;
      if (!honours_condition) heard.headers.erase("if-range");
      const bool first = asked.number < 2;
      PeerReply reply = serve(heard, first ? one : two, first ? "\"v1\"" : "\"v2\"");
      if (asked.number < 2) reply.cut_after = 5 << 20;
      return reply;
    });
    std::filesystem::remove(target_);
    const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
    ASSERT_TRUE(got.ok()) << got.error().message;
    EXPECT_EQ(got->sha256, sha256_of(*two));
  }
  EXPECT_THAT(notices_, HasSubstr("changed on the server"));
}

TEST_F(DownloadTest, WithoutAVersionNothingIsResumed) {
  const auto file = random_file(12 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file, "");
    if (asked.number == 0) reply.cut_after = 5 << 20;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->sha256, sha256_of(*file));
  EXPECT_EQ(got->fetched, file->size() + (5 << 20));
  EXPECT_THAT(notices_, HasSubstr("cannot resume"));
}

TEST_F(DownloadTest, AServerWithoutRangesStartsOverAfterACut) {
  const auto file = random_file(12 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply;
    reply.body = file;
    reply.headers["ETag"] = "\"v1\"";
    if (asked.number == 0) reply.cut_after = 5 << 20;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->sha256, sha256_of(*file));
}

TEST_F(DownloadTest, ALengthThatIsTooLongIsAnErrorInTheEnd) {
  const auto file = random_file(1 << 20);
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply;
    reply.body = file;
    reply.announced = file->size() + 1000;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::network);
  EXPECT_FALSE(std::filesystem::exists(target_));
}

TEST_F(DownloadTest, ALengthThatIsTooShortIsSeenByTheSize) {
  const auto file = random_file(1 << 20);
  HttpPeer peer([&](const PeerRequest&) {
    PeerReply reply;
    reply.body = file;
    reply.announced = file->size() - 1000;
    return reply;
  });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.bytes = file->size();
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::bad_model);
}

TEST_F(DownloadTest, OtherBytesThanThoseAskedForAreRefused) {
  const auto file = random_file(1 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.headers["Content-Range"] = "bytes 5-1048575/1048576";
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message, HasSubstr("other bytes"));
}

TEST_F(DownloadTest, CorruptBytesAreNotPutInPlace) {
  const auto file = random_file(9 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    std::string bad = *file;
    bad[6 << 20] = static_cast<char>(~bad[6 << 20]);
    return serve(asked, std::make_shared<const std::string>(bad));
  });
  DownloadRequest wanted = request(peer.url("/model.gguf"));
  wanted.sha256 = sha256_of(*file);
  const Result<Downloaded> got = download(wanted);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::bad_model);
  EXPECT_TRUE(files().empty());
}

TEST_F(DownloadTest, AStalledConnectionIsCutAndTriedAgain) {
  const auto file = random_file(2 << 20);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    if (asked.number == 0) reply.stall_after = 1 << 20;
    return reply;
  });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(got.ok()) << got.error().message;
  EXPECT_EQ(got->fetched, file->size());
}

TEST_F(DownloadTest, AReadOnlyFolderIsNamed) {
  std::filesystem::permissions(folder_, std::filesystem::perms(0555));
  // Root may write anywhere.
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::seteuid(65534), 0);
  }
  const Result<Downloaded> got = download(request("http://127.0.0.1:9/x"));
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::permission_denied);
  EXPECT_THAT(got.error().message, HasSubstr("model.gguf.partial"));
}

/// In a file system of 8 MiB.
class FullDiskTest : public DownloadTest {
 protected:
  void SetUp() override {
    DownloadTest::SetUp();
    mounted_ = ::mount("tmpfs", folder_.c_str(), "tmpfs", 0, "size=8m") == 0;
    if (!mounted_) GTEST_SKIP() << "a small tmpfs needs the right to mount";
  }
  void TearDown() override {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
    DownloadTest::TearDown();
  }
  bool mounted_ = false;
};

TEST_F(FullDiskTest, WhatCannotFitIsRefusedBeforeTheFirstByte) {
  const auto file = random_file(12 << 20);
  HttpPeer peer([&](const PeerRequest& asked) { return serve(asked, file); });
  const Result<Downloaded> got = download(request(peer.url("/model.gguf")));
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::disk_full);
  EXPECT_THAT(got.error().message, HasSubstr("are free"));
  EXPECT_TRUE(files().empty());
}

TEST_F(FullDiskTest, ADiskThatFillsUpMeanwhileKeepsWhatArrived) {
  const auto file = random_file(7 << 20);
  const std::filesystem::path other = folder_ / "other";
  bool filled = false;
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.bytes_per_second = 7 << 20;
    return reply;
  });
  DownloadHooks hooks;
  hooks.on_progress = [&](const DownloadProgress& progress) {
    if (progress.done == 0 || std::exchange(filled, true)) return;
    std::ofstream(other, std::ios::binary) << std::string(3 << 20, 'x');
  };
  const Result<Downloaded> got = download_file(request(peer.url("/model.gguf")), hooks);
  ASSERT_FALSE(got.ok());
  EXPECT_EQ(got.error().code, ErrorCode::disk_full);
  EXPECT_THAT(got.error().hint, HasSubstr("what arrived is kept"));
  std::filesystem::remove(other);
  const Result<Downloaded> rest = download(request(peer.url("/model.gguf")));
  ASSERT_TRUE(rest.ok()) << rest.error().message;
  EXPECT_LT(rest->fetched, file->size());
  EXPECT_EQ(content_of(target_), *file);
}

}  // namespace
}  // namespace tenfold::testing
