// An ML program of Core ML (MIL) in memory: functions of operations over named tensors, as both of
// its forms give it, the protobuf of a package and the text of a compiled model. Source of the
// forms: mlmodel/format/MIL.proto of coremltools 9.0.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenfold {

enum class MilElement : unsigned char {
  boolean,
  string,
  f16,
  f32,
  f64,
  bf16,
  f8e4m3fn,
  f8e5m2,
  i4,
  i8,
  i16,
  i32,
  i64,
  u1,
  u2,
  u3,
  u4,
  u6,
  u8,
  u16,
  u32,
  u64,
};

/// As the text form and the operation `cast` write it, e.g. "fp16"; static text.
std::string_view name_of(MilElement element);
/// The inverse of name_of().
std::optional<MilElement> mil_element(std::string_view name);
/// Of one element as it is stored; a bool takes 8. 0 for a string.
int bits_of(MilElement element);
bool is_float(MilElement element);

/// In a shape: known only when the function runs.
constexpr std::int64_t mil_unknown = -1;

struct MilType {
  MilElement element = MilElement::f32;
  std::vector<std::int64_t> shape = {};  ///< empty: one element. Each ≥ 0, or mil_unknown
  bool is_state = false;                 ///< what read_state and write_state name

  /// None if a side is unknown or the product is beyond 2^48.
  [[nodiscard]] std::optional<std::int64_t> elements() const;
  /// Of the elements as they are stored, the last byte filled up; none as elements() or for
  /// strings.
  [[nodiscard]] std::optional<std::uint64_t> stored_bytes() const;
  /// E.g. "tensor<fp16, [1, ?, 64]>".
  [[nodiscard]] std::string text() const;
  bool operator==(const MilType&) const = default;
};

/// A place in a file of weights. Readers check it against the file.
struct MilBlob {
  std::string file;          ///< within the model, e.g. "weights/weight.bin"
  std::uint64_t offset = 0;  ///< of the elements themselves
};

/// A constant tensor: strings, or elements little-endian and row by row, those below a byte packed
/// from the lowest bit on, in `bytes` or in a file. They are as many as the type says.
struct MilValue {
  MilType type;
  std::string bytes = {};
  std::vector<std::string> strings = {};
  std::optional<MilBlob> blob = {};
};

/// What an operation takes: a name, or a constant on the spot (`name` is empty, `value` is not
/// null).
struct MilArgument {
  std::string name = {};
  std::shared_ptr<const MilValue> value = {};
};

struct MilNamedType {
  std::string name;
  MilType type;
};

struct MilOperation {
  struct Input {
    std::string name;                    ///< "x"
    std::vector<MilArgument> arguments;  ///< one, or many for "values" of concat
  };

  std::string type;  ///< "matmul"
  std::vector<Input> inputs = {};
  std::vector<MilNamedType> outputs = {};
  std::vector<std::pair<std::string, MilValue>> attributes = {};  ///< "val" of const

  /// Null if it has no such input.
  [[nodiscard]] const Input* input(std::string_view name) const;
  /// Null if it has no such attribute.
  [[nodiscard]] const MilValue* attribute(std::string_view name) const;
  /// For messages: "matmul" and its first output.
  [[nodiscard]] std::string text() const;
};

/// Operations have no blocks of their own: a reader refuses `cond` and `while_loop`.
struct MilFunction {
  std::string name;   ///< "main"
  std::string opset;  ///< "CoreML8" as in the package; "ios18" of the text form becomes that
  std::vector<MilNamedType> inputs = {};  ///< tensors and states
  std::vector<MilOperation> operations = {};
  std::vector<std::string> outputs = {};
};

/// A reader gives a program only if names are defined once and before they are used, constants are
/// as long as their types say, and outputs exist.
struct MilProgram {
  std::vector<MilFunction> functions = {};  ///< at least one
  std::string default_function = "main";    ///< one of them

  /// Null if there is none of that name.
  [[nodiscard]] const MilFunction* function(std::string_view name) const;
};

}  // namespace tenfold
