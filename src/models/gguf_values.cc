// Reads keys and values; keeps what is small, skips the rest.
#include "models/gguf_values.h"

#include <fmt/format.h>

namespace tenfold {
namespace {

constexpr std::uint64_t kLongestKey = 65535;  // the specification's limit
constexpr std::uint64_t kLongestString = std::uint64_t{1} << 20;
constexpr std::uint64_t kAllStrings = std::uint64_t{8} << 20;
constexpr std::uint64_t kLongestArray = 4096;

class ValueReader {
 public:
  explicit ValueReader(GgufCursor& cursor) : cursor_(cursor) {}

  Result<GgufValue> value(const std::string& key) {
    const auto type = TRY(cursor_.number<std::uint32_t>());
    if (type == static_cast<std::uint32_t>(GgufType::array)) return array(key);
    if (type == static_cast<std::uint32_t>(GgufType::string)) return text();
    return scalar(static_cast<GgufType>(type), key);
  }

  Result<std::string> key() {
    auto key = TRY(cursor_.string(kLongestKey, "a metadata key"));
    if (key.empty()) return cursor_.bad("a metadata key is empty");
    if ((kept_ += key.size()) > kAllStrings) return cursor_.bad("its metadata keys exceed 8 MiB");
    return key;
  }

 private:
  Result<GgufValue> scalar(GgufType type, const std::string& key) {
    switch (type) {
      case GgufType::uint8:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::uint8_t>())});
      case GgufType::int8:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::int8_t>())});
      case GgufType::uint16:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::uint16_t>())});
      case GgufType::int16:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::int16_t>())});
      case GgufType::uint32:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::uint32_t>())});
      case GgufType::int32:
        return GgufValue(std::int64_t{TRY(cursor_.number<std::int32_t>())});
      case GgufType::uint64:
        return GgufValue(TRY(cursor_.number<std::uint64_t>()));
      case GgufType::int64:
        return GgufValue(TRY(cursor_.number<std::int64_t>()));
      case GgufType::float32:
        return GgufValue(double{TRY(cursor_.number<float>())});
      case GgufType::float64:
        return GgufValue(TRY(cursor_.number<double>()));
      case GgufType::boolean:
        return GgufValue(TRY(cursor_.number<std::uint8_t>()) != 0);
      case GgufType::string:
      case GgufType::array:
        break;
    }
    return cursor_.bad(
        fmt::format("the key {} has the unknown type {}", key, static_cast<std::uint32_t>(type)));
  }

  Result<GgufValue> text() {
    const auto length = TRY(cursor_.peek_length());
    if (length > kLongestString || kept_ + length > kAllStrings) {
      TRY(cursor_.skip(sizeof(std::uint64_t)));
      TRY(cursor_.skip(length));
      return GgufValue(GgufLongString{length});
    }
    kept_ += length;
    return GgufValue(TRY(cursor_.string(kLongestString, "a string")));
  }

  Result<GgufValue> array(const std::string& key) {
    GgufArray array;
    const auto type = TRY(cursor_.number<std::uint32_t>());
    array.element = static_cast<GgufType>(type);
    array.count = TRY(cursor_.number<std::uint64_t>());
    if (array.element == GgufType::string) {
      TRY(cursor_.expect_room(array.count, sizeof(std::uint64_t), "strings in " + key));
      for (std::uint64_t i = 0; i < array.count; ++i) {
        TRY(cursor_.skip(TRY(cursor_.number<std::uint64_t>())));
      }
      return GgufValue(std::move(array));
    }
    const auto bytes = gguf_scalar_bytes(array.element);
    if (bytes == 0) {
      return cursor_.bad(fmt::format("the array {} has the invalid element type {}", key, type));
    }
    TRY(cursor_.expect_room(array.count, bytes, "elements in " + key));
    kept_ += array.count * sizeof(double);
    if (array.count > kLongestArray || kept_ > kAllStrings) {
      TRY(cursor_.skip(array.count * bytes));
      return GgufValue(std::move(array));
    }
    array.numbers.reserve(array.count);
    for (std::uint64_t i = 0; i < array.count; ++i) {
      array.numbers.push_back(as_double(TRY(scalar(array.element, key))));
    }
    return GgufValue(std::move(array));
  }

  static double as_double(const GgufValue& value) {
    if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
    if (const auto* number = std::get_if<std::int64_t>(&value)) return double(*number);
    if (const auto* number = std::get_if<std::uint64_t>(&value)) return double(*number);
    return std::get<double>(value);
  }

  GgufCursor& cursor_;
  std::uint64_t kept_ = 0;
};

}  // namespace

Result<std::map<std::string, GgufValue, std::less<>>> read_gguf_values(GgufCursor& cursor,
                                                                       std::uint64_t count) {
  std::map<std::string, GgufValue, std::less<>> values;
  ValueReader reader(cursor);
  for (std::uint64_t i = 0; i < count; ++i) {
    auto key = TRY(reader.key());
    auto value = TRY(reader.value(key));
    const auto [place, added] = values.emplace(std::move(key), std::move(value));
    if (!added) return cursor.bad(fmt::format("the key {} appears twice", place->first));
  }
  return values;
}

}  // namespace tenfold
