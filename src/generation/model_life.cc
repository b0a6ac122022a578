#include "generation/model_life.h"

namespace tenfold {

Error stopped_before() { return fail(ErrorCode::cancelled, "cancelled before it began"); }

Error kept_out() {
  return fail(ErrorCode::busy, "another call is in progress on this engine",
              "wait for it to return, or cancel it");
}

}  // namespace tenfold
