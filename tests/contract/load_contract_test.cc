// initialize(), cleanup() and what they refuse.
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "contract.h"

namespace tenfold::contract {
namespace {

using ::testing::HasSubstr;
using LoadContract = ContractTest;

constexpr long kMiB = 1024;  // of /proc's KiB

/// Peak resident set of this process in KiB since the last call.
long peak_since_last_call() {
  std::ifstream status("/proc/self/status");
  std::string word;
  long peak = 0;
  while (status >> word) {
    if (word == "VmHWM:") status >> peak;
  }
  std::ofstream("/proc/self/clear_refs") << "5";
  return peak;
}

/// The beginning of a file that claims parts far larger than itself.
std::string claims_to_be_huge(std::string_view extension) {
  const std::string huge = "\xff\xff\xff\x7f";
  if (extension == ".tflite") return huge + "TFL3" + std::string(56, '\1');
  if (extension == ".pte") return huge + "ET12" + std::string(56, '\1');
  if (extension == ".onnx") return "\x08\x0a\x3a" + huge + "\x07" + std::string(35, '\1');
  if (extension == ".litertlm") return "LITERTLM\1" + std::string(15, '\0') + huge + huge;
  if (extension == ".gguf") {  // 2^60 tensors and values
    const std::string many("\0\0\0\0\0\0\0\x10", 8);
    return std::string("GGUF\x03\0\0\0", 8) + many + many + std::string(19, '\0');
  }
  return "a file of another kind";
}

/// This process and its children may no longer read what their user may not, even as root: for
/// good. False if the system does not allow that.
bool obey_file_modes() {
  if (::geteuid() != 0) return true;
  for (const int capability : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}) {
    if (::prctl(PR_CAPBSET_DROP, capability) != 0) return false;
  }
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2]{};
  if (::syscall(SYS_capget, &header, data) != 0) return false;
  for (const int capability : {CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}) {
    data[0].effective &= ~(1U << capability);
    data[0].permitted &= ~(1U << capability);
  }
  return ::syscall(SYS_capset, &header, data) == 0;
}

TEST_F(LoadContract, CapabilitiesDescribeTheEngine) {
  const Capabilities& can = engine_->capabilities();
  EXPECT_EQ(can.engine, settings().engine);
  EXPECT_EQ(engine_->name(), settings().engine);
  EXPECT_FALSE(can.version.empty());
  EXPECT_FALSE(can.formats.empty());
  EXPECT_GE(can.max_sequences, 1);
  for (const OptionSpec& option : can.options) {
    EXPECT_THAT(option.name, testing::MatchesRegex("[a-z][a-z0-9_]*"));
    EXPECT_FALSE(option.help.empty()) << option.name;
  }
}

TEST_F(LoadContract, NothingWorksWithoutAModel) {
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_EQ(engine_->generate(ask("Hi")).error().code, ErrorCode::not_initialized);
  EXPECT_EQ(engine_->score(std::vector<TokenId>{1, 2}).error().code, ErrorCode::not_initialized);
  EXPECT_EQ(engine_->prepare(std::string("Hi")).error().code, ErrorCode::not_initialized);
  EXPECT_EQ(engine_->embed(std::vector<std::string>{"Hi"}).error().code,
            ErrorCode::not_initialized);
  engine_->cancel();
  engine_->cleanup();
  engine_->cleanup();
}

TEST_F(LoadContract, ReportsTheModel) {
  const ModelInfo info = load();
  EXPECT_TRUE(engine_->is_initialized());
  // Its file, or the folder of formats that are folders.
  auto model = std::filesystem::absolute(settings().model);
  if (std::filesystem::is_directory(info.path) && !std::filesystem::is_directory(model)) {
    model = model.parent_path();
  }
  EXPECT_EQ(info.path, is_built_in() ? "" : model);
  EXPECT_THAT(engine_->capabilities().formats, testing::Contains(info.format));
  EXPECT_EQ(info.context_size, 256);
  EXPECT_EQ(info.threads, settings().threads);
  EXPECT_GE(info.trained_context_size, info.context_size);
  EXPECT_EQ(info.vocabulary_size > 0, engine_->capabilities().token_ids);
  EXPECT_EQ(info.weight_bytes > 0, !is_built_in());
  EXPECT_GT(info.load_seconds, 0);
  EXPECT_FALSE(info.architecture.empty());
  EXPECT_FALSE(info.description.empty());
}

TEST_F(LoadContract, ChoosesContextAndThreads) {
  const ModelInfo info = load({});
  EXPECT_GT(info.context_size, 0);
  EXPECT_LE(info.context_size, std::min(info.trained_context_size, 8192));
  EXPECT_GE(info.threads, 1);
}

TEST_F(LoadContract, RefusesWrongFilesClearly) {
  if (is_built_in()) GTEST_SKIP() << "its model is no file";
  if (std::filesystem::is_directory(settings().model) && !is_package()) {
    GTEST_SKIP() << "its model is several files, which its own tests damage";
  }
  const std::filesystem::path whole = program_of(settings().model);
  std::ifstream model(whole, std::ios::binary);
  std::string half(std::filesystem::file_size(whole) / 2, '\0');
  model.read(half.data(), static_cast<std::streamsize>(half.size()));
  const std::filesystem::path path(settings().model);
  const std::string end = path.extension();
  const auto tokenizer = path.parent_path() / "tokenizer.json";
  if (std::filesystem::exists(tokenizer)) {
    std::filesystem::copy_file(tokenizer, folder_ / "tokenizer.json");
  }
  const std::pair<std::string, ErrorCode> files[] = {
      {folder_ / ("missing" + end), ErrorCode::not_found},
      {folder_, ErrorCode::bad_model},
      {write_model("empty" + end, ""), ErrorCode::bad_model},
      {write_model("text" + end, "This is a text.\n"), ErrorCode::bad_model},
      {write_model("page" + end, "<!DOCTYPE html><html></html>"), ErrorCode::bad_model},
      {write_model("lfs" + end,
                   "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
       ErrorCode::bad_model},
      {write_model("short" + end, half.substr(0, 2)), ErrorCode::bad_model},
      {write_model("claims" + end, claims_to_be_huge(end)), ErrorCode::bad_model},
      {write_model("half" + end, half), ErrorCode::bad_model},
  };
  half = {};
  for (const auto& [file, code] : files) {
    SCOPED_TRACE(file);
    peak_since_last_call();
    const long before = peak_since_last_call();
    const auto start = std::chrono::steady_clock::now();
    const auto info = initialize(file, load_options(), {});
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(2));
    EXPECT_LT(peak_since_last_call() - before, 64 * kMiB);
    ASSERT_FALSE(info.ok());
    expect_error(info.error(), code, file);
    EXPECT_FALSE(engine_->is_initialized());
  }
  load();  // none of it did harm
}

TEST_F(LoadContract, RefusesAnUnreadableFile) {
  if (is_built_in()) GTEST_SKIP() << "its model is no file";
  if (!obey_file_modes()) GTEST_SKIP() << "root may read everything here";
  engine_ = make_engine().value();  // a worker that does, too
  const std::filesystem::path model(settings().model);
  const std::string path = write_model("locked" + model.extension().string(), "Any content.");
  ASSERT_EQ(::chmod(program_of(path).c_str(), 0), 0);
  const auto info = initialize(path, load_options(), {});
  ASSERT_FALSE(info.ok());
  expect_error(info.error(), ErrorCode::permission_denied, path);
}

TEST_F(LoadContract, AFailedLoadReplacesTheModelByNone) {
  load();
  EXPECT_FALSE(engine_->initialize({.path = folder_ / "missing"}, {}, {}).ok());
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_EQ(engine_->generate(ask("Hi")).error().code, ErrorCode::not_initialized);
}

TEST_F(LoadContract, RefusesOptionsItDoesNotHave) {
  const auto refused = [&](const std::string& name, const OptionValue& value) {
    LoadOptions options = load_options();
    options.engine_options[name] = value;
    const auto info = initialize(settings().model, options, {});
    EXPECT_FALSE(info.ok()) << name;
    if (!info.ok()) expect_error(info.error(), ErrorCode::invalid_argument, name);
    EXPECT_FALSE(engine_->is_initialized());
  };
  refused("no_such_option", true);
  for (const OptionSpec& option : engine_->capabilities().options) {
    if (std::holds_alternative<bool>(option.default_value)) {
      refused(option.name, std::string("yes"));
    } else {
      refused(option.name, true);
    }
    if (!option.choices.empty()) refused(option.name, std::string("no such choice"));
    if (option.minimum == option.maximum) continue;
    if (std::holds_alternative<std::int64_t>(option.default_value)) {
      refused(option.name, static_cast<std::int64_t>(option.maximum) + 1);
    } else {
      refused(option.name, option.minimum - 1);
    }
  }
}

TEST_F(LoadContract, RefusesImpossibleLoadOptions) {
  const auto code = [&](const LoadOptions& options) {
    const auto info = initialize(settings().model, options, {});
    return info.ok() ? std::string("ok") : std::string(to_string(info.error().code));
  };
  LoadOptions options = load_options();
  options.context_size = -1;
  EXPECT_EQ(code(options), "invalid_argument");
  options = load_options();
  options.threads = -1;
  EXPECT_EQ(code(options), "invalid_argument");
  options = load_options();
  options.sequences = engine_->capabilities().max_sequences + 1;
  EXPECT_EQ(code(options), "invalid_argument");
  options = load_options();
  options.memory_limit = 1 << 20;
  EXPECT_EQ(code(options), is_built_in() ? "ok" : "out_of_memory");
  options = load_options();
  options.context_size = 1 << 27;
  EXPECT_EQ(code(options),
            engine_->capabilities().fixed_context ? "unsupported" : "invalid_argument")
      << "more than the model was trained for";
}

TEST_F(LoadContract, ReportsProgressAndCanBeCancelled) {
  std::vector<double> seen;
  const auto info = initialize(settings().model, load_options(), [&](double share) {
    seen.push_back(share);
    return true;
  });
  ASSERT_TRUE(info.ok()) << info.error().message;
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  for (const double share : seen) {
    EXPECT_GE(share, 0);
    EXPECT_LE(share, 1);
  }
  const auto cancelled = initialize(settings().model, load_options(), [](double) { return false; });
  ASSERT_FALSE(cancelled.ok());
  EXPECT_EQ(to_string(cancelled.error().code), "cancelled");
  EXPECT_FALSE(engine_->is_initialized());
  load();
}

TEST_F(LoadContract, CleansUpAndLoadsAgain) {
  load();
  const Answer first = answer(ask("What is the capital of France?"));
  load();  // in place of the loaded one
  EXPECT_EQ(answer(ask("What is the capital of France?")).tokens, first.tokens);
  engine_->cleanup();
  EXPECT_FALSE(engine_->is_initialized());
  EXPECT_EQ(engine_->generate(ask("Hi")).error().code, ErrorCode::not_initialized);
  load();
  EXPECT_EQ(answer(ask("What is the capital of France?")).tokens, first.tokens);
}

}  // namespace
}  // namespace tenfold::contract
