// Model (root): version (0), 1 to 7 lists and strings, external_buffer_groups (8) with name (0),
// external_buffers (9) with id (0), group (1), offset (2), length (3), packing (4).
#include "formats/tflite_weights.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "formats/tflite_check.h"
#include "formats/tflite_signatures.h"

namespace tenfold {
namespace {

constexpr int model_fields = 10;
constexpr int groups_field = 8;
constexpr int external_field = 9;

bool is_index_type(std::uint8_t type) { return type == 2 || type == 4 || type == 5 || type == 6; }

std::uint64_t buffer_bytes(const FlatTable& model, std::uint32_t index) {
  const auto buffer = model.entry(4, index);
  if (!buffer) return 0;
  const auto inside = buffer->string(0);
  return inside && !inside->empty() ? inside->size() : buffer->number<std::uint64_t>(2).value_or(0);
}

/// Writes a FlatBuffer from its beginning on, where everything refers to what comes later.
class Prefix {
 public:
  template <typename T>
  std::size_t number(T value) {
    const std::size_t at = bytes_.size();
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return at;
  }
  /// A list of fields (vtable): the size of the table, and where in it each field is (0: absent).
  std::size_t fields(std::uint16_t table, const std::vector<std::uint16_t>& offsets) {
    const std::size_t at = number(static_cast<std::uint16_t>(4 + 2 * offsets.size()));
    number(table);
    for (const std::uint16_t offset : offsets) number(offset);
    return at;
  }
  /// The beginning of a table.
  void table(std::size_t fields) { number(static_cast<std::int32_t>(bytes_.size() - fields)); }
  /// The number at `at` becomes what is from there to `target`.
  void point(std::size_t at, std::size_t target) {
    const auto offset = static_cast<std::uint32_t>(target - at);
    std::memcpy(bytes_.data() + at, &offset, sizeof offset);
  }
  void align(std::size_t to) { bytes_.resize((bytes_.size() + to - 1) / to * to); }
  void text(std::string_view text) { bytes_ += text; }
  [[nodiscard]] std::size_t end() const { return bytes_.size(); }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// A number that will point at something in the bytes behind the prefix.
struct Reference {
  std::size_t at = 0;      ///< of the prefix
  std::size_t target = 0;  ///< of those bytes
};

}  // namespace

void TfliteWeights::add(const FlatTable& model) {
  std::map<std::uint32_t, std::uint64_t> outside;
  for (std::uint32_t i = 0; i < model.size(external_field); ++i) {
    const auto external = model.entry(external_field, i);
    outside[external->number<std::uint32_t>(0).value_or(0)] =
        external->number<std::uint64_t>(3).value_or(0);
  }
  std::vector<bool> seen(model.size(4));
  for (std::uint32_t graph = 0; graph < model.size(2); ++graph) {
    const FlatTable subgraph = *model.entry(2, graph);
    for (std::uint32_t i = 0; i < subgraph.size(0); ++i) {
      const FlatTable tensor = *subgraph.entry(0, i);
      const auto buffer = tensor.number<std::uint32_t>(2).value_or(0);
      std::uint64_t size = 0;
      if (const auto id = tensor.number<std::uint32_t>(10).value_or(0); outside.contains(id)) {
        size = std::exchange(outside[id], 0);
      } else if (!seen[buffer]) {
        size = buffer_bytes(model, buffer);
        seen[buffer] = true;
      }
      if (size == 0) continue;
      const auto type = tensor.number<std::uint8_t>(1).value_or(0);
      bytes += size;
      bytes_by_type[type] += size;
      if (is_index_type(type)) continue;
      parameters += tflite_elements(tensor);
    }
  }
}

Result<std::string> with_weights_at(std::string_view bytes, const std::string& path,
                                    std::uint64_t begin, std::uint64_t size) {
  const FlatTable model = *FlatTable::root(bytes);
  const std::uint32_t count = model.size(external_field);
  Prefix prefix;
  std::vector<Reference> references;
  prefix.number(std::uint32_t{0});
  prefix.text("TFL3");
  std::vector<std::uint16_t> offsets;
  for (int field = 0; field < model_fields; ++field) {
    const bool is_there = field == 0 || field >= groups_field || model.place(field);
    offsets.push_back(is_there ? static_cast<std::uint16_t>(4 + 4 * field) : 0);
  }
  const std::size_t model_shape = prefix.fields(4 + 4 * model_fields, offsets);
  const std::size_t group_shape = prefix.fields(8, {4});
  const std::size_t external_shape = prefix.fields(28, {4, 0, 8, 16, 24});
  const std::size_t unpacked_shape = prefix.fields(28, {4, 0, 8, 16});
  prefix.align(4);
  prefix.point(0, prefix.end());
  prefix.table(model_shape);
  prefix.number(model.number<std::uint32_t>(0).value_or(0));
  for (int field = 1; field < groups_field; ++field) {
    const std::size_t at = prefix.number(std::uint32_t{0});
    if (const auto place = model.place(field)) references.push_back({at, *place});
  }
  const std::size_t groups = prefix.number(std::uint32_t{0});
  const std::size_t externals = prefix.number(std::uint32_t{0});
  prefix.point(groups, prefix.end());
  prefix.number(std::uint32_t{1});
  const std::size_t group = prefix.number(std::uint32_t{0});
  prefix.point(group, prefix.end());
  prefix.table(group_shape);
  const std::size_t name = prefix.number(std::uint32_t{0});
  prefix.point(name, prefix.end());
  prefix.number(static_cast<std::uint32_t>(path.size()));
  prefix.text(path + '\0');
  prefix.align(4);
  prefix.point(externals, prefix.end());
  prefix.number(count);
  const std::size_t list = prefix.end();
  for (std::uint32_t i = 0; i < count; ++i) prefix.number(std::uint32_t{0});
  for (std::uint32_t i = 0; i < count; ++i) {
    const FlatTable external = *model.entry(external_field, i);
    const auto packing = external.place(4);
    prefix.align(8);
    prefix.point(list + std::size_t{4} * i, prefix.end());
    prefix.table(packing ? external_shape : unpacked_shape);
    prefix.number(external.number<std::uint32_t>(0).value_or(0));
    prefix.number(begin + external.number<std::uint64_t>(2).value_or(0));
    prefix.number(external.number<std::uint64_t>(3).value_or(0));
    const std::size_t at = prefix.number(std::uint32_t{0});
    if (packing) references.push_back({at, *packing});
  }
  prefix.align(64);  // as far as anything behind it is aligned
  const std::size_t before = prefix.end();
  for (const Reference& reference : references) {
    prefix.point(reference.at, before + reference.target);
  }
  std::string moved = prefix.take().append(bytes);
  TRY(check_tflite(moved, path, begin + size));
  return moved;
}

}  // namespace tenfold
