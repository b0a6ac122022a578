// The functions of a compiled library over its weights.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "cache.h"
#include "framework.h"
#include "metadata.h"
#include "tenfold/request.h"

namespace tenfold::mlc {

/// What a run gives logits of.
enum class Rows { last, all };  ///< of each sequence

class Network {
 public:
  /// Loads the library: machine code, which runs from here on. Errors name it.
  static Result<std::unique_ptr<Network>> load(const std::filesystem::path& library);

  [[nodiscard]] const Metadata& metadata() const { return metadata_; }

  void use_weights(ffi::Array<ffi::Tensor> tensors) { weights_ = std::move(tensors); }
  void make_cache(int sequences, int context);
  [[nodiscard]] Cache& cache() { return *cache_; }

  /// Rows of logits that one run with Rows::all can give.
  [[nodiscard]] std::int64_t most_rows(std::int64_t vocabulary) const;

  /// Appends tokens to sequences, all within the library's limits, and computes logits: [rows,
  /// vocabulary], f32. Throws what TVM throws, and what the library should not have given.
  ffi::Tensor logits(std::span<const std::int32_t> tokens, std::span<const Appended> parts,
                     Rows rows);

 private:
  Network() = default;
  [[nodiscard]] std::optional<ffi::Function> find(const char* name) const;
  Result<void> take_functions(const std::string& library);
  [[nodiscard]] ffi::Tensor call(const ffi::Tensor& embedded, std::span<const Appended> parts,
                                 Rows rows) const;

  std::optional<ffi::Module> machine_;  ///< outlives what is called of it
  Metadata metadata_;
  std::optional<ffi::Function> embed_, prefill_, decode_, batch_prefill_, batch_decode_, verify_;
  std::optional<ffi::Function> create_cache_;
  ffi::Array<ffi::Tensor> weights_;
  std::optional<Cache> cache_;
};

}  // namespace tenfold::mlc
