// The error of a file that is not whole.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "tenfold/result.h"

namespace tenfold {

/// "NAME is damaged as FORMAT: WHAT"; `format` is "a ZIP archive", "an ONNX model" and so on.
inline Error damaged_as(std::string_view format, const std::string& name, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("{} is damaged as {}: {}", name, format, what),
              "download the file again");
}

/// "FOLDER is incomplete: WHAT".
inline Error incomplete_folder(const std::string& folder, std::string_view what) {
  return fail(ErrorCode::bad_model, fmt::format("{} is incomplete: {}", folder, what),
              "copy or download the whole folder again");
}

}  // namespace tenfold
