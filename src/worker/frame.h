// Frames of the worker protocol: bytes to messages and back. See protocol.h.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/json.h"

namespace tenfold {

/// The bytes of one frame; invalid_argument if the message is larger than a frame may be.
Result<std::string> encode_frame(const Json& message);

/// A field of a message; null when there is none.
const Json& field(const Json& message, std::string_view name);

/// Puts frames together from bytes in any cut. After an error it gives that error for ever.
class FrameReader {
 public:
  void push(std::string_view bytes);

  /// The next whole message; nothing while its end is missing; ErrorCode::protocol for a length out
  /// of bounds, for what is not a CBOR map with a "type", and for too deep nesting.
  Result<std::optional<Json>> next();

 private:
  Result<std::optional<Json>> broken(std::string message);

  std::string buffer_;
  std::size_t start_ = 0;  ///< of the first byte not consumed
  std::optional<Error> error_;
};

}  // namespace tenfold
