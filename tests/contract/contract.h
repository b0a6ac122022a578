// The contract suite: what every engine must do, whatever the framework and wherever it runs, and
// what token engines, whose answers have token ids, must do beyond that. Tests look at capabilities
// for the rest.
//   contract_test --engine=ID --model=PATH --mode=in_process|worker [--threads=N] [gtest options]
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

#include "tenfold/engine.h"

namespace tenfold::contract {

/// The command line.
struct Settings {
  std::string engine;
  std::string model;
  bool worker = false;
  int threads = 1;
};
Settings& settings();

/// A new engine of the kind under test, without a model.
Result<std::unique_ptr<Engine>> make_engine();

/// An engine, without a model; some shorthands; a folder for files.
class ContractTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// A context of 256 tokens, where it can be chosen.
  [[nodiscard]] LoadOptions load_options() const;
  /// Resolves and loads the model.
  Result<ModelInfo> initialize(const std::string& path, const LoadOptions& options,
                               const OnProgress& on_progress = {});
  /// Loads the model under test; ends the test with a failure if that fails.
  ModelInfo load(const LoadOptions& options);
  ModelInfo load() { return load(load_options()); }
  /// The answer, failing the test on an error.
  Answer answer(const Request& request, const OnDelta& on_delta = {});
  /// Whether the model under test is part of the system: it has no file.
  static bool is_built_in();
  /// A greedy request of at most `max_tokens` tokens.
  static Request ask(const std::string& question, int max_tokens = 24);
  /// One whose answer goes on until it is stopped or the context is full. Stand-ins of engines that
  /// cannot ignore an end know the words for it.
  [[nodiscard]] Request endless(const std::string& question) const;
  std::string write(const std::string& name, const std::string& bytes);
  /// A model of the form that the one under test has, with these bytes: a file, or a package whose
  /// program they are.
  std::string write_model(const std::string& name, const std::string& bytes);
  /// Whether the model under test is a package: a folder whose manifest names its program.
  static bool is_package();
  /// The file that holds the program of such a model.
  static std::filesystem::path program_of(const std::filesystem::path& model);

  static void expect_error(const Error& error, ErrorCode code, const std::string& part);

  std::unique_ptr<Engine> engine_;
  std::filesystem::path folder_;
};

/// A ContractTest with the model loaded.
class LoadedContractTest : public ContractTest {
 protected:
  void SetUp() override {
    ContractTest::SetUp();
    if (engine_ != nullptr) info_ = load();
  }
  ModelInfo info_;
};

/// A LoadedContractTest of what only token engines have.
class TokenContractTest : public LoadedContractTest {
 protected:
  void SetUp() override {
    LoadedContractTest::SetUp();
    if (engine_ != nullptr && !engine_->capabilities().token_ids) {
      GTEST_SKIP() << "the engine gives no token ids";
    }
  }
};

}  // namespace tenfold::contract
