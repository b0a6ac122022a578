#include "server/http/access_log.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>

#include "base/descriptor.h"

namespace tenfold::server {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    read = Descriptor(ends[0]);
    write = Descriptor(ends[1]);
  }

  /// What comes until `end` does.
  [[nodiscard]] std::string until(const std::string& end) const {
    std::string text;
    char part[65536];
    while (text.find(end) == std::string::npos) {
      const ssize_t size = ::read(read.get(), part, sizeof(part));
      if (size <= 0) break;
      text.append(part, static_cast<std::size_t>(size));
    }
    return text;
  }

  Descriptor read;
  Descriptor write;
};

AccessRecord record(std::string path) {
  AccessRecord made;
  made.path = std::move(path);
  made.status = 200;
  return made;
}

TEST(AccessLog, WritesALineARequest) {
  const Pipe pipe;
  AccessLog log(pipe.write.get());
  log.write(record("/v1/models"));
  const std::string line = pipe.until("\n");
  EXPECT_THAT(line, HasSubstr(R"("path":"/v1/models")"));
  EXPECT_THAT(line, HasSubstr(R"("status":200)"));
}

void flood(AccessLog& log) {
  const AccessRecord large = record(std::string(8000, 'x'));
  for (int i = 0; i < 2000; ++i) log.write(large);
}

TEST(AccessLog, AReaderThatTakesNothingHoldsUpNobody) {
  const Pipe pipe;
  const auto begun = Clock::now();
  {
    AccessLog log(pipe.write.get());
    flood(log);
  }
  // For ever, if it waited for the reader; the lines alone take half a minute in a slow build.
  EXPECT_LT(Clock::now() - begun, std::chrono::seconds(120));
}

TEST(AccessLog, SaysHowManyLinesItLeftOut) {
  const Pipe pipe;
  AccessLog log(pipe.write.get());
  flood(log);
  const std::jthread writer([&log](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      log.write(record("/last"));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  });
  EXPECT_THAT(pipe.until("/last"), HasSubstr(R"({"left_out":)"));
}

}  // namespace
}  // namespace tenfold::server
