#include "formats/mil_operations.h"

#include <gmock/gmock.h>

#include "formats/coreml_package.h"

namespace tenfold {
namespace {

using ::testing::HasSubstr;

TEST(MilOperations, OneThatIsNotComputedIsNamedWithItsFunctionAndPackage) {
  MilFunction function{"infer", "CoreML8"};
  function.operations = {{"const", {}, {{"c", {}}}}, {"lstm", {}, {{"y", {}}}}};
  const auto checked = check_mil_operations(function, "m.mlpackage");
  EXPECT_EQ(checked.error().code, ErrorCode::unsupported);
  EXPECT_THAT(checked.error().message,
              HasSubstr("m.mlpackage: in function infer, operation lstm (y) is not one that"));
}

TEST(MilOperations, AllOfACommittedPackageAreComputed) {
  const auto package =
      CoremlPackage::open("tests/models/tiny-llama/coreml-stateful-int8/model.mlpackage");
  ASSERT_TRUE(package.ok()) << package.error().message;
  for (const MilFunction& function : package->program().functions) {
    EXPECT_TRUE(check_mil_operations(function, "m").ok());
  }
}

}  // namespace
}  // namespace tenfold
