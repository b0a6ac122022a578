#include "formats/mil.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Mil, NamesOfElementsAreThoseOfTheTextForm) {
  EXPECT_EQ(name_of(MilElement::f16), "fp16");
  EXPECT_EQ(name_of(MilElement::u64), "uint64");
  EXPECT_EQ(mil_element("int4"), MilElement::i4);
  EXPECT_EQ(mil_element("float"), std::nullopt);
}

TEST(Mil, ATensorOfLessThanAByteFillsItsLastByte) {
  EXPECT_EQ((MilType{MilElement::u3, {3, 3}}).stored_bytes(), 4U);  // 27 bits
  EXPECT_EQ((MilType{MilElement::f16, {}}).stored_bytes(), 2U);
  EXPECT_EQ((MilType{MilElement::string, {2}}).stored_bytes(), std::nullopt);
}

TEST(Mil, ElementsOfAnUnknownOrImpossibleShapeAreNotCounted) {
  EXPECT_EQ((MilType{MilElement::f32, {1, mil_unknown}}).elements(), std::nullopt);
  EXPECT_EQ((MilType{MilElement::f32, {std::int64_t{1} << 40, 1 << 20}}).elements(), std::nullopt);
  EXPECT_EQ((MilType{MilElement::f32, {std::int64_t{1} << 40, 1 << 20, 0}}).elements(), 0);
  EXPECT_EQ((MilType{MilElement::f32, {2, 3}}).elements(), 6);
}

TEST(Mil, TypesAndOperationsReadAsInTheTextForm) {
  EXPECT_EQ((MilType{MilElement::f16, {1, mil_unknown}}).text(), "tensor<fp16, [1, ?]>");
  EXPECT_EQ((MilType{MilElement::f16, {2}, true}).text(), "state<tensor<fp16, [2]>>");
  MilOperation operation{"add"};
  EXPECT_EQ(operation.text(), "add");
  operation.outputs.push_back({"sum", {}});
  EXPECT_EQ(operation.text(), "add (sum)");
}

}  // namespace
}  // namespace tenfold
