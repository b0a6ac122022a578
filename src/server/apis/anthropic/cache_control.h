// "cache_control", which may stand at any part of a request.
#pragma once

#include "server/apis/fields.h"

namespace tenfold::server::anthropic {

/// Changes nothing: prompts are always cached, for as long as there is room.
inline void take_cache_control(BodyReader& reader) {
  const Json* control = reader.take("cache_control");
  if (control == nullptr) return;
  reader.keep(BodyReader(*control, reader.name("cache_control"))
                  .only("type", {"ephemeral"})
                  .only("ttl", {"5m", "1h"})
                  .finish());
}

}  // namespace tenfold::server::anthropic
