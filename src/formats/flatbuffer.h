// A reader of FlatBuffers that checks every offset: https://flatbuffers.dev/internals, "Tables".
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace tenfold {

/// A table inside `bytes`, which outlive it. Whatever lies outside them reads as absent.
class FlatTable {
 public:
  /// The root table.
  static std::optional<FlatTable> root(std::string_view bytes) {
    return FlatTable(bytes, 0).follow(0);
  }

  /// A number of a table's field; absent if not written or not inside the bytes.
  template <typename T>
  [[nodiscard]] std::optional<T> number(int field) const {
    const auto at = find(field);
    return at ? read<T>(*at) : std::nullopt;
  }
  [[nodiscard]] std::optional<FlatTable> table(int field) const {
    const auto at = find(field);
    return at ? follow(*at) : std::nullopt;
  }
  /// A string or a vector of bytes.
  [[nodiscard]] std::optional<std::string_view> string(int field) const {
    const auto count = length(field);
    const auto start = count ? vector(field)->position_ + 4 : 0;
    if (!count || *count > bytes_.size() - start) return std::nullopt;
    return bytes_.substr(start, *count);
  }
  /// Whether the field is written, wherever it points.
  [[nodiscard]] bool has(int field) const { return find(field).has_value(); }
  /// Entries of a vector of tables or 4-byte numbers; 0 if it is absent or does not fit.
  [[nodiscard]] std::uint32_t size(int field) const {
    const auto count = length(field);
    return count && *count <= (bytes_.size() - vector(field)->position_ - 4) / 4 ? *count : 0;
  }
  /// Where in the bytes the table, vector or string lies that a field points at.
  [[nodiscard]] std::optional<std::size_t> place(int field) const {
    const auto target = vector(field);
    return target ? std::optional(target->position_) : std::nullopt;
  }
  /// Whether the field is a vector of nothing.
  [[nodiscard]] bool is_empty(int field) const { return length(field) == 0U; }
  /// A 4-byte number of a vector.
  template <typename T>
  [[nodiscard]] std::optional<T> element(int field, std::uint32_t index) const {
    static_assert(sizeof(T) == 4);
    if (index >= size(field)) return std::nullopt;
    return read<T>(vector(field)->position_ + 4 + std::size_t{4} * index);
  }
  [[nodiscard]] std::optional<FlatTable> entry(int field, std::uint32_t index) const {
    if (index >= size(field)) return std::nullopt;
    return follow(vector(field)->position_ + 4 + std::size_t{4} * index);
  }

 private:
  FlatTable(std::string_view bytes, std::size_t position) : bytes_(bytes), position_(position) {}

  [[nodiscard]] std::optional<FlatTable> vector(int field) const {
    const auto at = find(field);
    return at ? follow(*at) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::uint32_t> length(int field) const {
    const auto target = vector(field);
    return target ? read<std::uint32_t>(target->position_) : std::nullopt;
  }

  template <typename T>
  [[nodiscard]] std::optional<T> read(std::size_t at) const {
    if (at > bytes_.size() || bytes_.size() - at < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + at, sizeof(T));
    return value;
  }

  /// What the offset at `at` points to.
  [[nodiscard]] std::optional<FlatTable> follow(std::size_t at) const {
    const auto offset = read<std::uint32_t>(at);
    if (!offset || *offset >= bytes_.size() - at) return std::nullopt;
    return FlatTable(bytes_, at + *offset);
  }

  /// Where the field's value is, by the table's list of fields (vtable).
  [[nodiscard]] std::optional<std::size_t> find(int field) const {
    const auto back = read<std::int32_t>(position_);
    if (!back) return std::nullopt;
    const std::int64_t list = static_cast<std::int64_t>(position_) - *back;
    if (list < 0) return std::nullopt;
    const auto start = static_cast<std::size_t>(list);
    const std::size_t slot = 4 + 2 * static_cast<std::size_t>(field);
    const auto bytes = read<std::uint16_t>(start);
    if (!bytes || slot + 2 > *bytes) return std::nullopt;
    const auto offset = read<std::uint16_t>(start + slot);
    if (!offset || *offset == 0) return std::nullopt;
    return position_ + *offset;
  }

  std::string_view bytes_;
  std::size_t position_;
};

}  // namespace tenfold
