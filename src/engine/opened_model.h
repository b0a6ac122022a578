// An engine with its model loaded.
#pragma once

#include <memory>

#include "tenfold/engine.h"

namespace tenfold {

struct OpenedModel {
  std::unique_ptr<Engine> engine;
  ModelInfo info;
};

}  // namespace tenfold
