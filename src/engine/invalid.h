// The error of the checks of requests and options.
#pragma once

#include <string>
#include <utility>

#include "tenfold/result.h"

namespace tenfold {

inline Error invalid(std::string message, std::string hint = {}) {
  return fail(ErrorCode::invalid_argument, std::move(message), std::move(hint));
}

}  // namespace tenfold
