#include "worker/frame.h"

#include <fmt/format.h>

#include <cstdint>

#include "worker/protocol.h"

namespace tenfold {
namespace {

constexpr std::size_t header_bytes = 4;

/// Refuses deep nesting: the library's CBOR reader recurses once for each level.
class DepthGuard : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool key(string_t&) override { return true; }
  bool start_object(std::size_t) override { return ++depth_ <= protocol::max_depth; }
  bool end_object() override { return --depth_ >= 0; }
  bool start_array(std::size_t) override { return ++depth_ <= protocol::max_depth; }
  bool end_array() override { return --depth_ >= 0; }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return false;
  }

 private:
  int depth_ = 0;
};

std::uint32_t read_length(std::string_view bytes) {
  std::uint32_t length = 0;
  for (std::size_t i = header_bytes; i-- > 0;) {
    length = length << 8 | static_cast<std::uint8_t>(bytes[i]);
  }
  return length;
}

}  // namespace

Result<std::string> encode_frame(const Json& message) {
  std::string frame(header_bytes, '\0');
  Json::to_cbor(message, frame);
  const std::size_t length = frame.size() - header_bytes;
  if (length > protocol::max_frame_bytes) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("a message of {} bytes is larger than the {} bytes a worker takes",
                            length, protocol::max_frame_bytes),
                "send less at once");
  }
  for (std::size_t i = 0; i < header_bytes; ++i) frame[i] = static_cast<char>(length >> (8 * i));
  return frame;
}

const Json& field(const Json& message, std::string_view name) {
  static const Json missing;
  const auto found = message.find(name);
  return found == message.end() ? missing : *found;
}

void FrameReader::push(std::string_view bytes) {
  if (start_ == buffer_.size()) {
    buffer_.clear();
    start_ = 0;
  }
  buffer_.append(bytes);
}

Result<std::optional<Json>> FrameReader::broken(std::string message) {
  error_ = fail(ErrorCode::protocol, std::move(message));
  buffer_.clear();
  start_ = 0;
  return *error_;
}

Result<std::optional<Json>> FrameReader::next() {
  if (error_) return *error_;
  const std::string_view rest = std::string_view(buffer_).substr(start_);
  if (rest.size() < header_bytes) return std::optional<Json>();
  const std::size_t length = read_length(rest);
  if (length == 0 || length > protocol::max_frame_bytes) {
    return broken(fmt::format("a frame claims {} bytes; allowed are 1 to {}", length,
                              protocol::max_frame_bytes));
  }
  if (rest.size() < header_bytes + length) {
    // Consumed frames go when a partial one stays behind, so the buffer holds one frame at most.
    buffer_.erase(0, start_);
    start_ = 0;
    return std::optional<Json>();
  }
  const std::string_view body = rest.substr(header_bytes, length);
  DepthGuard guard;
  if (!Json::sax_parse(body.begin(), body.end(), &guard, Json::input_format_t::cbor)) {
    return broken("a frame is not well-formed CBOR, or nests too deep");
  }
  Json message = Json::from_cbor(body.begin(), body.end(), true, false);
  if (!message.is_object() || !field(message, "type").is_string()) {
    return broken("a frame is not a map with a type");
  }
  start_ += header_bytes + length;
  return std::optional<Json>(std::move(message));
}

}  // namespace tenfold
