#include "cli/pull_progress.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(PullProgress, SaysWhatIsKnown) {
  PullProgress progress;
  progress.file = "m.gguf";
  progress.done = 3 << 20;
  EXPECT_EQ(progress_text(progress), "m.gguf  3 MiB");
  progress.total = 12 << 20;
  progress.bytes_per_second = 1.5 * (1 << 20);
  progress.seconds_left = 62;
  EXPECT_EQ(progress_text(progress), "m.gguf  3 of 12 MiB  25 %  1.5 MiB/s  1:02 left");
  progress.count = 5;
  progress.number = 2;
  progress.seconds_left = 3725.4;
  EXPECT_EQ(progress_text(progress), "2/5 m.gguf  3 of 12 MiB  25 %  1.5 MiB/s  1:02:05 left");
}

TEST(PullProgress, EventsAreOneObjectALine) {
  Console console(true);
  PullProgressPrinter printer(console);
  ::testing::internal::CaptureStdout();
  PullProgress progress;
  progress.file = "m";
  progress.done = 1;
  printer.show(progress);
  printer.show(progress);
  printer.notice("again");
  EXPECT_EQ(
      ::testing::internal::GetCapturedStdout(),
      "{\"bytes_per_second\":0.0,\"count\":1,\"done\":1,\"event\":\"progress\",\"file\":\"m\","
      "\"number\":1,\"seconds_left\":null,\"total\":null}\n"
      "{\"event\":\"notice\",\"text\":\"again\"}\n");
}

}  // namespace
}  // namespace tenfold
