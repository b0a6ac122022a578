// The suite's fixture, engine factory and main.
#include "contract.h"

#include <unistd.h>

#include <iostream>
#include <stdexcept>
#include <string_view>

#include "base/files.h"
#include "base/paths.h"
#include "built_engines.h"
#include "engine/table.h"
#include "formats/runnable.h"
#include "worker/remote_engine.h"
namespace tenfold::contract {
namespace {

Result<std::unique_ptr<Engine>> make_in_process() {
  for (const BuiltEngine& built : built_engines()) {
    if (built.id == settings().engine) return built.make();
  }
  return fail(ErrorCode::unavailable, settings().engine + " is not linked into this test");
}

}  // namespace

Settings& settings() {
  static Settings settings;
  return settings;
}

Result<std::unique_ptr<Engine>> make_engine() {
  if (!settings().worker) return make_in_process();
  RemoteOptions options;
  options.executable = worker_program(settings().engine);
  return open_remote_engine(std::move(options));
}

void ContractTest::SetUp() {
  folder_ =
      std::filesystem::temp_directory_path() / ("tenfold-contract-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder_);
  auto made = make_engine();
  ASSERT_TRUE(made.ok()) << made.error().message;
  engine_ = std::move(made).value();
}

void ContractTest::TearDown() {
  engine_.reset();
  std::filesystem::remove_all(folder_);
}

LoadOptions ContractTest::load_options() const {
  LoadOptions options;
  if (!engine_->capabilities().fixed_context) options.context_size = 256;
  options.threads = settings().threads;
  return options;
}

bool ContractTest::is_built_in() { return !std::filesystem::exists(settings().model); }

Result<ModelInfo> ContractTest::initialize(const std::string& path, const LoadOptions& options,
                                           const OnProgress& on_progress) {
  LoadOptions with_secrets = options;
  for (const OptionUse& use : find_engine(settings().engine)->option_uses) {
    if (use.kind != OptionKind::secret) continue;
    with_secrets.engine_options.try_emplace(std::string(use.name), std::string("a key of ours"));
  }
  if (is_built_in()) {
    return engine_->initialize({.name = path, .built_in = true}, with_secrets, on_progress);
  }
  return engine_->initialize(TRY(resolve_file(path)), with_secrets, on_progress);
}

ModelInfo ContractTest::load(const LoadOptions& options) {
  auto info = initialize(settings().model, options);
  // Ends the test: what follows would wait for answers that never begin.
  if (!info.ok()) throw std::runtime_error("the model cannot be loaded: " + info.error().message);
  return std::move(info).value();
}

Answer ContractTest::answer(const Request& request, const OnDelta& on_delta) {
  auto answer = engine_->stream(request, on_delta);
  EXPECT_TRUE(answer.ok()) << answer.error().message;
  return answer.ok() ? std::move(answer).value() : Answer();
}

Request ContractTest::ask(const std::string& question, int max_tokens) {
  Request request;
  request.prompt = std::vector<Message>{{"user", question}};
  request.sampling.temperature = 0;
  request.max_tokens = max_tokens;
  return request;
}

Request ContractTest::endless(const std::string& question) const {
  const bool ignores = engine_->capabilities().honours("ignore_end");
  Request request = ask(ignores ? question : question + " !is-slow", 100'000);
  request.ignore_end = ignores;
  return request;
}

std::string ContractTest::write(const std::string& name, const std::string& bytes) {
  const auto written = write_file_atomically(folder_ / name, bytes);
  EXPECT_TRUE(written.ok());
  return folder_ / name;
}

std::string ContractTest::write_model(const std::string& name, const std::string& bytes) {
  const std::filesystem::path model(settings().model);
  if (!is_package()) return write(name, bytes);
  std::filesystem::create_directories(program_of(folder_ / name).parent_path());
  std::filesystem::copy_file(model / "Manifest.json", folder_ / name / "Manifest.json");
  write(std::filesystem::relative(program_of(folder_ / name), folder_), bytes);
  return folder_ / name;
}

bool ContractTest::is_package() {
  return std::filesystem::exists(std::filesystem::path(settings().model) / "Manifest.json");
}

std::filesystem::path ContractTest::program_of(const std::filesystem::path& model) {
  return is_package() ? model / "Data" / "com.apple.CoreML" / "model.mlmodel" : model;
}

void ContractTest::expect_error(const Error& error, ErrorCode code, const std::string& part) {
  EXPECT_EQ(to_string(error.code), to_string(code)) << error.message;
  EXPECT_THAT(error.message, testing::HasSubstr(part));
}

}  // namespace tenfold::contract

int main(int count, char** arguments) {
  testing::InitGoogleMock(&count, arguments);
  auto& settings = tenfold::contract::settings();
  for (int i = 1; i < count; ++i) {
    const std::string_view argument = arguments[i];
    const auto value = argument.substr(std::min(argument.size(), argument.find('=') + 1));
    if (argument.starts_with("--engine=")) {
      settings.engine = value;
    } else if (argument.starts_with("--model=")) {
      settings.model = value;
    } else if (argument == "--mode=worker" || argument == "--mode=in_process") {
      settings.worker = value == "worker";
    } else if (argument.starts_with("--threads=")) {
      settings.threads = std::stoi(std::string(value));
    } else {
      std::cerr << "contract_test: unknown argument " << argument << '\n';
      return 2;
    }
  }
  if (settings.engine.empty() || settings.model.empty()) {
    std::cerr << "usage: contract_test --engine=ID --model=PATH [--mode=in_process|worker]\n";
    return 2;
  }
  return RUN_ALL_TESTS();
}
