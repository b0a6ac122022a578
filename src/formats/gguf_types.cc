// The tables behind gguf_types.h.
#include "formats/gguf_types.h"

#include <array>

namespace tenfold {
namespace {

struct Row {
  std::uint32_t number;
  TensorEncoding encoding;
};

constexpr std::array encodings = {
    Row{0, {"f32", 1, 4}},         Row{1, {"f16", 1, 2}},         Row{2, {"q4_0", 32, 18}},
    Row{3, {"q4_1", 32, 20}},      Row{6, {"q5_0", 32, 22}},      Row{7, {"q5_1", 32, 24}},
    Row{8, {"q8_0", 32, 34}},      Row{9, {"q8_1", 32, 36}},      Row{10, {"q2_K", 256, 84}},
    Row{11, {"q3_K", 256, 110}},   Row{12, {"q4_K", 256, 144}},   Row{13, {"q5_K", 256, 176}},
    Row{14, {"q6_K", 256, 210}},   Row{15, {"q8_K", 256, 292}},   Row{16, {"iq2_xxs", 256, 66}},
    Row{17, {"iq2_xs", 256, 74}},  Row{18, {"iq3_xxs", 256, 98}}, Row{19, {"iq1_s", 256, 50}},
    Row{20, {"iq4_nl", 32, 18}},   Row{21, {"iq3_s", 256, 110}},  Row{22, {"iq2_s", 256, 82}},
    Row{23, {"iq4_xs", 256, 136}}, Row{24, {"i8", 1, 1}},         Row{25, {"i16", 1, 2}},
    Row{26, {"i32", 1, 4}},        Row{27, {"i64", 1, 8}},        Row{28, {"f64", 1, 8}},
    Row{29, {"iq1_m", 256, 56}},   Row{30, {"bf16", 1, 2}},       Row{34, {"tq1_0", 256, 54}},
    Row{35, {"tq2_0", 256, 66}},   Row{39, {"mxfp4", 32, 17}},    Row{40, {"nvfp4", 64, 36}},
    Row{41, {"q1_0", 128, 18}},    Row{42, {"q2_0", 64, 18}},
};

}  // namespace

std::uint64_t gguf_scalar_bytes(GgufType type) {
  switch (type) {
    case GgufType::uint8:
    case GgufType::int8:
    case GgufType::boolean:
      return 1;
    case GgufType::uint16:
    case GgufType::int16:
      return 2;
    case GgufType::uint32:
    case GgufType::int32:
    case GgufType::float32:
      return 4;
    case GgufType::uint64:
    case GgufType::int64:
    case GgufType::float64:
      return 8;
    case GgufType::string:
    case GgufType::array:
      break;
  }
  return 0;
}

const TensorEncoding* find_tensor_encoding(std::uint32_t number) {
  for (const Row& row : encodings) {
    if (row.number == number) return &row.encoding;
  }
  return nullptr;
}

const TensorEncoding* find_tensor_encoding(std::string_view name) {
  for (const Row& row : encodings) {
    if (row.encoding.name == name) return &row.encoding;
  }
  return nullptr;
}

}  // namespace tenfold
