// A forward reader over protobuf messages (https://protobuf.dev/programming-guides/encoding/) in a
// file: it skips large fields, never goes past a message's end and never trusts a length.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/buffered_source.h"

namespace tenfold {

/// The file below its messages: buffered single bytes and ranges.
class ProtobufFile {
 public:
  /// `name` and `format` ("an ONNX model") appear in messages. All outlive the file.
  ProtobufFile(const ByteSource& source, const std::string& name, std::string_view format)
      : source_(source), name_(name), format_(format) {}

  [[nodiscard]] std::uint64_t size() const { return source_.size(); }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// The caller keeps within size().
  Result<unsigned char> byte(std::uint64_t position);
  Result<std::string> text(std::uint64_t position, std::uint64_t length);
  [[nodiscard]] Error bad(std::string_view what) const;

 private:
  BufferedSource source_;
  const std::string& name_;
  std::string_view format_;
};

/// One message. Call next() until it gives false, and after each true the accessors.
class ProtobufMessage {
 public:
  /// The whole file, which outlives the message.
  explicit ProtobufMessage(ProtobufFile& file) : ProtobufMessage(file, 0, file.size()) {}
  /// The bytes from `begin` to before `end` of the file, which outlives the message.
  ProtobufMessage(ProtobufFile& file, std::uint64_t begin, std::uint64_t end)
      : file_(&file), at_(begin), end_(end) {}

  /// Goes to the next field; false at the end of the message. bad_model if the field does not fit.
  Result<bool> next();

  [[nodiscard]] int field() const { return field_; }
  /// A number; 0 for a field that is no varint.
  [[nodiscard]] std::int64_t number() const { return static_cast<std::int64_t>(number_); }
  /// Bytes of a string, message or packed list.
  [[nodiscard]] std::uint64_t length() const { return payload_end_ - payload_; }
  /// bad_model if it is longer than `limit` bytes.
  [[nodiscard]] Result<std::string> text(std::uint64_t limit) const;
  /// The field as a message of its own.
  [[nodiscard]] ProtobufMessage message() const;
  /// A message without fields, as one that is left out.
  [[nodiscard]] ProtobufMessage empty_message() const { return {*file_, end_, end_}; }
  /// The field as a list of varints, packed or not, appended to `values`.
  Result<void> append_numbers(std::vector<std::int64_t>& values, std::size_t limit) const;

 private:
  Result<std::uint64_t> varint();

  ProtobufFile* file_;
  std::uint64_t at_;
  std::uint64_t end_;
  int field_ = 0;
  bool is_number_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t payload_ = 0;
  std::uint64_t payload_end_ = 0;
};

/// Calls `read` for every field of a message; it returns Result<void>.
template <typename Read>
Result<void> each_field(ProtobufMessage message, const Read& read) {
  while (TRY(message.next())) TRY(read(message));
  return {};
}

}  // namespace tenfold
