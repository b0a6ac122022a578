// The tensors of an MLC folder as the library wants them: in the mapped files where they can be,
// else in memory of our own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/mapped_memory.h"
#include "formats/mapped_file.h"
#include "framework.h"
#include "metadata.h"

namespace tenfold::mlc {

class Weights {
 public:
  /// Opens the shards of `folder` and holds what they have against the library's parameters.
  /// bad_model, naming the file, or a tensor that is missing, of another shape or type, or unknown
  /// to the library.
  static Result<Weights> open(const std::filesystem::path& folder, const Metadata& metadata);

  /// Bytes that they take, and which of those are not in the mapped files.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] std::uint64_t own_bytes() const { return own_bytes_; }

  /// In the library's order. Views, valid as long as this object. `go_on(share)` is asked now and
  /// then, and ends it with its error. Throws what TVM throws; out_of_memory.
  template <typename GoOn>
  Result<ffi::Array<ffi::Tensor>> tensors(const GoOn& go_on) {
    TRY(reserve());
    ffi::Array<ffi::Tensor> all;
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      TRY(go_on(static_cast<double>(i) / static_cast<double>(parts_.size())));
      all.push_back(tensor(parts_[i]));
    }
    return all;
  }

 private:
  struct Part {
    std::vector<std::int64_t> shape;
    DLDataType type{};
    std::string_view bytes;  ///< of the file
    bool is_cut_to_bf16 = false;
    bool is_copied = false;
    std::size_t place = 0;  ///< in our own memory
  };

  Result<void> reserve();
  ffi::Tensor tensor(const Part& part);

  std::vector<MappedFile> files_;
  std::vector<Part> parts_;
  MappedMemory copies_;
  std::uint64_t bytes_ = 0;
  std::uint64_t own_bytes_ = 0;
};

}  // namespace tenfold::mlc
