// Reads keys and values; keeps what is small, skips the rest.
#include "formats/gguf_values.h"

#include <fmt/format.h>

namespace tenfold {
namespace {

constexpr std::uint64_t longest_key = 65535;  // the specification's limit
constexpr std::uint64_t longest_string = std::uint64_t{1} << 20;
constexpr std::uint64_t all_kept = std::uint64_t{8} << 20;
constexpr std::uint64_t longest_array = 4096;

class ValueReader {
 public:
  explicit ValueReader(GgufCursor& cursor) : cursor_(cursor) {}

  Result<void> read(const std::string& key, GgufValue& value) {
    const auto type = TRY(cursor_.number<std::uint32_t>());
    if (type == static_cast<std::uint32_t>(GgufType::array)) return array(key, value);
    if (type == static_cast<std::uint32_t>(GgufType::string)) return text(value);
    return scalar(static_cast<GgufType>(type), key, value);
  }

  Result<std::string> key() {
    auto key = TRY(cursor_.string(longest_key, "a metadata key"));
    if (key.empty()) return cursor_.bad("a metadata key is empty");
    if ((kept_ += key.size()) > all_kept) return cursor_.bad("its metadata keys exceed 8 MiB");
    return key;
  }

 private:
  template <typename Stored, typename Kept>
  Result<void> number(GgufValue& value) {
    value = static_cast<Kept>(TRY(cursor_.number<Stored>()));
    return {};
  }

  Result<void> scalar(GgufType type, const std::string& key, GgufValue& value) {
    switch (type) {
      case GgufType::uint8:
        return number<std::uint8_t, std::int64_t>(value);
      case GgufType::int8:
        return number<std::int8_t, std::int64_t>(value);
      case GgufType::uint16:
        return number<std::uint16_t, std::int64_t>(value);
      case GgufType::int16:
        return number<std::int16_t, std::int64_t>(value);
      case GgufType::uint32:
        return number<std::uint32_t, std::int64_t>(value);
      case GgufType::int32:
        return number<std::int32_t, std::int64_t>(value);
      case GgufType::uint64:
        return number<std::uint64_t, std::uint64_t>(value);
      case GgufType::int64:
        return number<std::int64_t, std::int64_t>(value);
      case GgufType::float32:
        return number<float, double>(value);
      case GgufType::float64:
        return number<double, double>(value);
      case GgufType::boolean:
        value = TRY(cursor_.number<std::uint8_t>()) != 0;
        return {};
      case GgufType::string:
      case GgufType::array:
        break;
    }
    return cursor_.bad(
        fmt::format("the key {} has the unknown type {}", key, static_cast<std::uint32_t>(type)));
  }

  Result<void> text(GgufValue& value) {
    const auto length = TRY(cursor_.peek_length());
    if (length > longest_string || kept_ + length > all_kept) {
      TRY(cursor_.skip(sizeof(std::uint64_t)));
      TRY(cursor_.skip(length));
      value = GgufLongString{length};
      return {};
    }
    kept_ += length;
    value = TRY(cursor_.string(longest_string, "a string"));
    return {};
  }

  Result<void> array(const std::string& key, GgufValue& value) {
    GgufArray& array = value.emplace<GgufArray>();
    const auto type = TRY(cursor_.number<std::uint32_t>());
    array.element = static_cast<GgufType>(type);
    array.count = TRY(cursor_.number<std::uint64_t>());
    if (array.element == GgufType::string) {
      TRY(cursor_.expect_room(array.count, sizeof(std::uint64_t), "strings in " + key));
      for (std::uint64_t i = 0; i < array.count; ++i) {
        TRY(cursor_.skip(TRY(cursor_.number<std::uint64_t>())));
      }
      return {};
    }
    const auto bytes = gguf_scalar_bytes(array.element);
    if (bytes == 0) {
      return cursor_.bad(fmt::format("the array {} has the invalid element type {}", key, type));
    }
    TRY(cursor_.expect_room(array.count, bytes, "elements in " + key));
    const std::uint64_t kept = array.count * sizeof(double);
    if (array.count > longest_array || kept_ + kept > all_kept) {
      return cursor_.skip(array.count * bytes);
    }
    kept_ += kept;
    array.numbers.reserve(array.count);
    for (std::uint64_t i = 0; i < array.count; ++i) {
      GgufValue number;
      TRY(scalar(array.element, key, number));
      array.numbers.push_back(as_double(number));
    }
    return {};
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
    const auto [place, added] = values.try_emplace(std::move(key));
    if (!added) return cursor.bad(fmt::format("the key {} appears twice", place->first));
    TRY(reader.read(place->first, place->second));
  }
  return values;
}

}  // namespace tenfold
