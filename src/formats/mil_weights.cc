#include "formats/mil_weights.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "formats/damaged.h"

namespace tenfold {
namespace {

constexpr std::uint64_t record_bytes = 64;  // of the header, of metadata, and the alignment
constexpr std::uint32_t storage_version = 2;
constexpr std::uint32_t sentinel = 0xDEADBEEF;

/// BlobDataType.
constexpr std::array<MilElement, 18> stored_elements{
    MilElement::string,  // none
    MilElement::f16,      MilElement::f32,   MilElement::u8, MilElement::i8,  MilElement::bf16,
    MilElement::i16,      MilElement::u16,   MilElement::i4, MilElement::u1,  MilElement::u2,
    MilElement::u4,       MilElement::u3,    MilElement::u6, MilElement::i32, MilElement::u32,
    MilElement::f8e4m3fn, MilElement::f8e5m2};

template <typename Number>
Number field_at(std::string_view bytes, std::uint64_t offset) {
  Number number = 0;
  std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

}  // namespace

Result<std::uint64_t> find_mil_blob(std::string_view file, std::uint64_t offset,
                                    const MilType& type, const std::string& name) {
  const auto bad = [&](std::string_view what) {
    return damaged_as("weights of a Core ML model", name,
                      fmt::format("the tensor at {} {}", offset, what));
  };
  if (file.size() < record_bytes || field_at<std::uint32_t>(file, 4) != storage_version) {
    return damaged_as("weights of a Core ML model", name, "it has no header of version 2");
  }
  if (offset > file.size() - record_bytes) return bad("lies beyond the end of the file");
  const std::string_view record = file.substr(offset, record_bytes);
  if (field_at<std::uint32_t>(record, 0) != sentinel) return bad("has no metadata there");
  const auto kind = field_at<std::uint32_t>(record, 4);
  if (kind == 0 || kind >= stored_elements.size() || stored_elements[kind] != type.element) {
    return bad(fmt::format("is of data type {}, not {}", kind, name_of(type.element)));
  }
  const auto bytes = field_at<std::uint64_t>(record, 8);
  const auto begin = field_at<std::uint64_t>(record, 16);
  const auto wanted = type.stored_bytes();
  if (!wanted || bytes != *wanted) {
    return bad(fmt::format("has {} bytes, where {} is meant", bytes, type.text()));
  }
  const auto bits = static_cast<std::uint64_t>(*type.elements() * bits_of(type.element));
  if (field_at<std::uint64_t>(record, 24) != bytes * 8 - bits) return bad("has wrong padding");
  if (begin % record_bytes != 0) return bad("is not aligned");
  if (begin > file.size() || bytes > file.size() - begin) {
    return bad("goes beyond the end of the file");
  }
  return begin;
}

}  // namespace tenfold
