// The tensors of a folder of safetensors, in mapped memory, each held against what the model's
// configuration says before anything is computed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "formats/decoder_spec.h"
#include "formats/mapped_file.h"
#include "formats/safetensors.h"
#include "tenfold/result.h"

namespace tenfold::mlx {

/// A view of a tensor: valid as long as the Weights.
struct Tensor {
  enum class Type { f32, f16, bf16, u32, u8 };
  Type type = Type::f32;
  std::vector<int> shape;
  std::string_view bytes;
};

std::size_t bytes_of(Tensor::Type type);

/// A matrix of `rows` × `columns` numbers as the file has it.
struct Matrix {
  int rows = 0;
  int columns = 0;
  std::optional<PackedForm> form;  ///< null: the numbers themselves, f32, f16 or bf16
  Tensor weight;
  Tensor scales;  ///< rows × (columns / group); of packed ones
  Tensor biases;  ///< likewise; not of mxfp4
};

class Weights {
 public:
  /// Opens the shards of `folder`. not_found or bad_model, naming the file.
  static Result<Weights> open(const std::filesystem::path& folder);

  /// A tensor `name` of f32, f16 or bf16 with this shape. bad_model, naming it, if there is none.
  Result<Tensor> numbers(const std::string& name, const std::vector<int>& shape);
  /// The matrix `name`.weight, packed as `spec` says if it has scales.
  Result<Matrix> matrix(const std::string& name, int rows, int columns, const DecoderSpec& spec);
  [[nodiscard]] bool has(const std::string& name) const { return tensors_.contains(name); }
  /// What stands before the names of the decoder's parts, such as "model.".
  [[nodiscard]] Result<std::string> prefix() const;

  /// bad_model, naming one, if there are tensors of the decoder or of its output matrix, whose
  /// names begin with `prefix` or `head`, that nobody asked for: the weights are of another model
  /// than the configuration. The matrix may lie there unused, where the embeddings stand for it.
  [[nodiscard]] Result<void> check_all_used(const std::string& prefix,
                                            const std::string& head) const;

  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t parameters() const { return parameters_; }

 private:
  struct Place {
    std::size_t file = 0;
    SafetensorsTensor tensor;
  };

  Result<Tensor> take(const std::string& name, const std::vector<int>& shape);

  std::string folder_;
  std::vector<MappedFile> files_;
  std::map<std::string, Place> tensors_;
  std::set<std::string> used_;
  std::uint64_t bytes_ = 0;
  std::uint64_t parameters_ = 0;
};

}  // namespace tenfold::mlx
