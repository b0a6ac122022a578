// The engines of this build, as an explicit list: for programs that run them in their own process.
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "tenfold/engine.h"

namespace tenfold {

struct BuiltEngine {
  std::string_view id;
  std::unique_ptr<Engine> (*make)();
};

/// In the order of engines/CMakeLists.txt, which writes the list.
std::span<const BuiltEngine> built_engines();

}  // namespace tenfold
