// One model on disk made ready: a language model, or a part of one, with the caches that it keeps.
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "formats/coreml_package.h"
#include "kernels/threads.h"
#include "program.h"
#include "signature.h"
#include "tenfold/request.h"

namespace tenfold::coreml {

/// A function of the model.
struct StageFunction {
  Signature signature;
  Program program;
};

/// New tokens of a text.
struct Piece {
  std::int64_t past = 0;  ///< tokens before them
  std::span<const TokenId> tokens;
  std::int64_t first_row = 0;      ///< of the tokens, the first whose result is wanted
  const Tensor* hidden = nullptr;  ///< what the part before made of them
};

class Stage {
 public:
  /// `function`: the one that runs; empty: the model's own choice, and those beside it over the
  /// same states that take other numbers of tokens. Throws std::bad_alloc.
  static Result<std::unique_ptr<Stage>> open(const std::filesystem::path& model,
                                             const std::string& function);

  /// Those that take more tokens at once come last.
  [[nodiscard]] const std::vector<StageFunction>& functions() const { return functions_; }
  [[nodiscard]] const Signature& signature() const { return functions_[0].signature; }
  /// What functions keep, and what constants take beside the file.
  [[nodiscard]] std::uint64_t cache_bytes() const;
  [[nodiscard]] std::uint64_t constant_bytes() const;

  /// Memory for the caches.
  void start();

  /// What `function` gives for so many tokens, of which those behind the piece are padding: one
  /// tensor for each of the signature's results. Valid until the next run. Throws std::bad_alloc.
  Result<std::vector<Tensor>> run(const StageFunction& function, const Piece& piece,
                                  std::int64_t length, kernels::Threads& threads,
                                  kernels::Precision precision,
                                  const std::atomic<bool>& interrupted);

 private:
  explicit Stage(CoremlPackage package) : package_(std::move(package)) {}

  Result<StageFunction> make(const MlFunction& described) const;
  Tensor input(const StageFunction& function, std::size_t number, const Piece& piece,
               std::int64_t length);
  Tensor mask(const MilType& type, const Piece& piece, std::int64_t length, std::int64_t columns);
  Tensor cache(const StageFunction& function, std::size_t number, const Piece& piece);

  CoremlPackage package_;  ///< outlives what computes from the mapped files
  std::vector<StageFunction> functions_;
  Program::Memories memories_;
  std::vector<Tensor> caches_;  ///< carried ones
};

}  // namespace tenfold::coreml
