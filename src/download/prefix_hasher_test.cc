#include "download/prefix_hasher.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "download/testing/fixture.h"

namespace tenfold::testing {
namespace {

class PrefixHasherTest : public DownloadTest {
 protected:
  void SetUp() override {
    DownloadTest::SetUp();
    file_ = Descriptor(::open(target_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    hasher_ = PrefixHasher::create(file_.get()).value();
  }
  /// Into the file only.
  void write(std::size_t begin, std::size_t end) {
    ASSERT_EQ(
        ::pwrite(file_.get(), content_->data() + begin, end - begin, static_cast<off_t>(begin)),
        static_cast<ssize_t>(end - begin));
  }
  /// Into memory only: a hash that is right after it did not read the file.
  void offer(std::size_t begin, std::size_t end) {
    const auto bytes = std::as_bytes(std::span(*content_)).subspan(begin, end - begin);
    std::vector<std::byte> piece(bytes.begin(), bytes.end());
    hasher_->offer(begin, piece);
    EXPECT_TRUE(piece.empty());
  }
  void expect_right() {
    hasher_->reach(content_->size());
    EXPECT_EQ(hasher_->finish({}).value(), sha256_of(*content_));
  }

  std::shared_ptr<const std::string> content_ = random_file(3'000'000);
  Descriptor file_;
  std::unique_ptr<PrefixHasher> hasher_;
};

TEST_F(PrefixHasherTest, PiecesInOrderAreHashedFromMemory) {
  for (std::size_t at = 0; at < 3'000'000; at += 100'000) offer(at, at + 100'000);
  expect_right();
}

TEST_F(PrefixHasherTest, PiecesWaitForWhatIsBeforeThem) {
  offer(2'000'000, 3'000'000);
  offer(1'000'000, 2'000'000);
  offer(0, 1'000'000);
  expect_right();
}

TEST_F(PrefixHasherTest, GapsAreReadBack) {
  offer(0, 1'000'000);
  offer(2'500'000, 3'000'000);
  write(1'000'000, 2'500'000);
  expect_right();
}

TEST_F(PrefixHasherTest, WhatIsFarAheadIsReadBack) {
  content_ = random_file(20'000'000);
  offer(18'000'000, 20'000'000);
  write(0, 20'000'000);
  expect_right();
}

TEST_F(PrefixHasherTest, WhatComesInOrderIsNeverReadBack) {
  content_ = random_file(64'000'000);
  for (std::size_t at = 0; at < 64'000'000; at += 500'000) offer(at, at + 500'000);
  expect_right();
}

TEST_F(PrefixHasherTest, PiecesOfWhatWasReadBackAreDropped) {
  write(0, 3'000'000);
  offer(500'000, 600'000);
  hasher_->reach(1'500'000);
  offer(550'000, 700'000);
  offer(1'400'000, 1'600'000);
  expect_right();
}

TEST_F(PrefixHasherTest, AShorterFileIsAnErrorNotAWait) {
  write(0, 1'000'000);
  hasher_->reach(3'000'000);
  const Result<std::string> hash = hasher_->finish({});
  ASSERT_FALSE(hash.ok());
  EXPECT_EQ(hash.error().code, ErrorCode::io);
}

}  // namespace
}  // namespace tenfold::testing
