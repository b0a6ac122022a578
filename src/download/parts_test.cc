// The small parts: headers, versions, back-off, speed.
#include <gtest/gtest.h>

#include "download/response_head.h"
#include "download/retries.h"
#include "download/speed_meter.h"

namespace tenfold {
namespace {

ResponseHead head_of(std::initializer_list<const char*> lines) {
  ResponseHead head;
  for (const char* line : lines) head.add(line);
  return head;
}

TEST(ResponseHead, IsThatOfTheLastResponse) {
  const ResponseHead head =
      head_of({"HTTP/1.1 302 Found\r\n", "ETag: \"old\"\r\n", "HTTP/2 206 \r\n",
               "content-RANGE:  bytes 5-9/20 \r\n", "Content-Type: Text/HTML ; charset=x\r\n"});
  EXPECT_EQ(head.status, 206);
  EXPECT_EQ(head.etag, "");
  EXPECT_EQ(head.content_type, "text/html");
  ASSERT_TRUE(head.content_range);
  EXPECT_EQ(head.content_range->first, 5U);
  EXPECT_EQ(head.content_range->last, 9U);
  EXPECT_EQ(head.version().bytes, 20U);
}

TEST(ResponseHead, RefusesRangesThatCannotBe) {
  for (const char* range :
       {"bytes 9-5/20", "bytes 5-20/20", "bytes -5-9/20", "bytes 5/20", "items 1-2/3", "bytes",
        "bytes 1-2", "bytes 99999999999999999999-1/2", "bytes 1-2/x"}) {
    const ResponseHead head = head_of({(std::string("Content-Range: ") + range).c_str()});
    EXPECT_FALSE(head.content_range) << range;
  }
}

TEST(ResponseHead, ChunksOverrideTheLength) {
  const ResponseHead head = head_of(
      {"HTTP/1.1 200 OK", "Content-Length: 5", "Transfer-Encoding: chunked", "no colon here"});
  EXPECT_FALSE(head.version().bytes);
}

TEST(FileVersion, OnlyStrongValidatorsAreSent) {
  EXPECT_EQ((FileVersion{1, "\"a\"", "Mon"}).validator(), "\"a\"");
  EXPECT_EQ((FileVersion{1, "W/\"a\"", "Mon"}).validator(), "Mon");
  EXPECT_EQ((FileVersion{1, "W/\"a\"", ""}).validator(), "");
}

TEST(FileVersion, DiffersInAnyPartThatBothHave) {
  const FileVersion version{1, "\"a\"", "Mon"};
  EXPECT_TRUE(version.same_as({std::nullopt, "\"a\"", ""}));
  EXPECT_FALSE(version.same_as({2, "\"a\"", "Mon"}));
  EXPECT_FALSE(version.same_as({1, "\"b\"", "Mon"}));
  EXPECT_FALSE(version.same_as({1, "\"a\"", "Tue"}));
}

TEST(Retries, DelaysGrowWithJitterAndEnd) {
  Patience patience;
  patience.tries = 4;
  patience.first_delay = std::chrono::milliseconds(100);
  patience.longest_delay = std::chrono::milliseconds(300);
  Retries retries(patience);
  for (const int longest : {100, 200, 300}) {
    const auto delay = retries.failed({});
    ASSERT_TRUE(delay);
    EXPECT_GE(delay->count(), longest / 2);
    EXPECT_LE(delay->count(), longest);
  }
  EXPECT_FALSE(retries.failed({}));
}

TEST(Retries, AGoodManyBytesEndTheRow) {
  Patience patience;
  patience.tries = 2;
  Retries retries(patience);
  EXPECT_TRUE(retries.failed({}));
  retries.progressed(64 << 10);
  EXPECT_TRUE(retries.failed({}));
  retries.progressed(1);
  EXPECT_FALSE(retries.failed({}));
}

TEST(Retries, TheServerMayAskForMoreButNotForTooMuch) {
  Retries retries({});
  EXPECT_EQ(retries.failed(std::chrono::seconds(60)), std::chrono::seconds(60));
  EXPECT_FALSE(retries.failed(std::chrono::seconds(121)));
}

TEST(SpeedMeter, LooksAtTheLastSeconds) {
  SpeedMeter meter;
  const SpeedMeter::Time start{};
  EXPECT_EQ(meter.bytes_per_second(), 0);
  for (int second = 0; second <= 10; ++second) {
    meter.add(start + std::chrono::seconds(second),
              static_cast<std::uint64_t>(second < 5 ? 0 : (second - 5) * 100));
  }
  EXPECT_DOUBLE_EQ(meter.bytes_per_second(), 100);
}

}  // namespace
}  // namespace tenfold
