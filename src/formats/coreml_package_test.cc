#include "formats/coreml_package.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include "base/files.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const fs::path packages = "tests/models/tiny-llama";

TEST(CoremlPackage, ReadsAStatefulProgramWithItsWeights) {
  const auto package = CoremlPackage::open(packages / "coreml-stateful-f16/model.mlpackage");
  ASSERT_TRUE(package.ok()) << package.error().message;
  const MlModel& model = package->model();
  EXPECT_EQ(model.specification_version, 9);
  ASSERT_EQ(model.functions.size(), 1U);
  const MlFunction& main = model.main();
  EXPECT_EQ(main.name, "main");
  ASSERT_EQ(main.inputs.size(), 2U);
  EXPECT_EQ(main.inputs[0].name, "inputIds");
  EXPECT_EQ(main.inputs[0].element, MilElement::i32);
  using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;
  EXPECT_EQ(main.inputs[0].ranges, (Ranges{{1, 1}, {1, 1024}}));
  ASSERT_EQ(main.states.size(), 2U);
  EXPECT_EQ(main.states[0].name, "keyCache");
  EXPECT_EQ(main.states[0].element, MilElement::f16);

  const MilFunction& function = *package->program().function("main");
  EXPECT_EQ(function.opset, "CoreML8");
  EXPECT_EQ(function.outputs, std::vector<std::string>{"logits"});
  std::uint64_t weights = 0;
  for (const MilOperation& operation : function.operations) {
    const MilValue* value = operation.attribute("val");
    if (value == nullptr || value->type.element == MilElement::string) continue;
    EXPECT_EQ(package->bytes(*value).size(), value->type.stored_bytes()) << operation.text();
    if (value->blob) weights += package->bytes(*value).size();
  }
  EXPECT_GT(weights, 1'800'000U);
}

TEST(CoremlPackage, ReadsWeightsThatAreLessThanAByte) {
  const auto package = CoremlPackage::open(packages / "coreml-stateful-int4/model.mlpackage");
  ASSERT_TRUE(package.ok()) << package.error().message;
  int packed = 0;
  for (const MilOperation& operation : package->program().function("main")->operations) {
    if (operation.type != "constexpr_lut_to_dense") continue;
    const MilOperation::Input* indices = operation.input("indices");
    ASSERT_NE(indices, nullptr);
    ASSERT_EQ(indices->arguments.size(), 1U);
    const MilValue& value = *indices->arguments.front().value;
    EXPECT_EQ(value.type.element, MilElement::u4);
    EXPECT_EQ(package->bytes(value).size() * 2, static_cast<std::size_t>(*value.type.elements()));
    ++packed;
  }
  EXPECT_EQ(packed, 30);
}

TEST(CoremlPackage, ReadsTheFormsThatPeoplePublish) {
  const fs::path forms = "tests/models/coreml-forms";
  const auto main_of = [&](const char* name) {
    const auto package = CoremlPackage::open(forms / (std::string(name) + ".mlpackage"));
    EXPECT_TRUE(package.ok()) << package.error().message;
    return package.ok() ? package->model().main() : MlFunction{};
  };
  using Shapes = std::vector<std::vector<std::int64_t>>;
  EXPECT_EQ(main_of("ios15-fixed").inputs[0].shape, (std::vector<std::int64_t>{1, 8}));
  EXPECT_EQ(main_of("ios16-enumerated").inputs[0].enumerated, (Shapes{{1, 8}, {1, 1}, {1, 32}}));
  EXPECT_EQ(main_of("ios17-ranged").inputs[0].ranges[1],
            std::pair(std::int64_t{1}, std::int64_t{32}));
  EXPECT_EQ(main_of("cache-inputs").inputs.size(), 4U);
  const auto functions = CoremlPackage::open(forms / "ios18-functions.mlpackage");
  ASSERT_TRUE(functions.ok()) << functions.error().message;
  EXPECT_EQ(functions->model().functions.size(), 2U);
  EXPECT_EQ(functions->model().main().name, "decode");
  EXPECT_EQ(functions->model().function("prefill")->states.size(), 2U);
  for (const char* name : {"ios16-affine", "ios16-palettes", "ios16-sparse", "ios18-blockwise",
                           "ios18-palettes", "hf-llama", "hf-stablelm"}) {
    EXPECT_EQ(main_of(name).outputs.at(0).name, "logits") << name;
  }
}

/// A copy of a package whose specification and weights can be damaged.
class DamagedPackage : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("coreml-" + std::to_string(::getpid()));
    fs::copy(packages / "coreml-stateful-int4/model.mlpackage", folder_,
             fs::copy_options::recursive);
    inside_ = folder_ / "Data/com.apple.CoreML";
    specification_ = *read_file(inside_ / "model.mlmodel", 1 << 20);
    weights_ = *read_file(inside_ / "weights/weight.bin", 8 << 20);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string error_of_specification(const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(inside_ / "model.mlmodel", bytes).ok());
    const auto package = CoremlPackage::open(folder_);
    return package.ok() ? "" : package.error().message;
  }

  std::string error_of_weights(const std::string& bytes) {
    EXPECT_TRUE(write_file_atomically(inside_ / "weights/weight.bin", bytes).ok());
    const auto package = CoremlPackage::open(folder_);
    return package.ok() ? "" : package.error().message;
  }

  /// Every occurrence replaced by a text of the same length.
  static std::string replaced(std::string bytes, std::string_view what, std::string_view by) {
    for (std::size_t at = bytes.find(what); at != std::string::npos;
         at = bytes.find(what, at + 1)) {
      bytes.replace(at, what.size(), by);
    }
    return bytes;
  }

  /// The first occurrence replaced.
  static std::string once(std::string bytes, std::string_view what, std::string_view by) {
    return bytes.replace(bytes.find(what), what.size(), by);
  }

  fs::path folder_;
  fs::path inside_;
  std::string specification_;
  std::string weights_;
};

TEST_F(DamagedPackage, ACutSpecificationIsRefused) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::size_t{5000},
                                 specification_.size() / 2, specification_.size() - 1}) {
    EXPECT_THAT(error_of_specification(specification_.substr(0, size)), HasSubstr("model.mlmodel"))
        << size;
  }
}

TEST_F(DamagedPackage, AFeatureThatTheProgramDoesNotTakeIsNamed) {
  EXPECT_THAT(error_of_specification(once(specification_, "inputIds", "inputIdz")),
              HasSubstr("in function main, inputIdz is described, but the program does not"));
}

TEST_F(DamagedPackage, AnOutputThatNothingMakesIsNamed) {
  const std::size_t last = specification_.rfind("logits");
  std::string bytes = specification_;
  bytes.replace(last, 6, "logitz");
  EXPECT_THAT(error_of_specification(bytes),
              HasSubstr("the output names logits, which is not defined before"));
}

TEST_F(DamagedPackage, WeightsElsewhereAreRefused) {
  EXPECT_THAT(
      error_of_specification(once(specification_, "@model_path/weights/", "@model_path/../../w/")),
      HasSubstr("names weights outside the folder"));
}

TEST_F(DamagedPackage, WeightsAreCheckedAgainstTheFile) {
  EXPECT_THAT(error_of_weights(weights_.substr(0, weights_.size() - 1)),
              HasSubstr("goes beyond the end of the file"));
  EXPECT_THAT(error_of_weights(weights_.substr(0, 80)), HasSubstr("end of the file"));
  EXPECT_THAT(error_of_weights(weights_.substr(0, 10)), HasSubstr("no header"));
  EXPECT_THAT(error_of_weights(replaced(weights_, "\xEF\xBE\xAD\xDE", "\xEF\xBE\xAD\xDF")),
              HasSubstr("has no metadata there (function main, operation const"));
  std::string bytes = weights_;
  bytes[64 + 4] = 17;  // its data type
  EXPECT_THAT(error_of_weights(bytes), HasSubstr("the tensor at 64 is of data type 17, not"));
  bytes = weights_;
  bytes[64 + 8] ^= 1;  // its size
  EXPECT_THAT(error_of_weights(bytes), HasSubstr("the tensor at 64 has"));
  bytes = weights_;
  bytes[64 + 16] ^= 1;  // where it begins
  EXPECT_THAT(error_of_weights(bytes), HasSubstr("the tensor at 64 is not aligned"));
  bytes = weights_;
  bytes[64 + 24] ^= 1;
  EXPECT_THAT(error_of_weights(bytes), HasSubstr("the tensor at 64 has wrong padding"));
}

TEST_F(DamagedPackage, MissingFilesAreNamed) {
  fs::remove(inside_ / "weights/weight.bin");
  EXPECT_THAT(CoremlPackage::open(folder_).error().message,
              HasSubstr("weights/weight.bin is missing"));
  fs::remove(inside_ / "model.mlmodel");
  EXPECT_THAT(CoremlPackage::open(folder_).error().message, HasSubstr("model.mlmodel is missing"));
}

}  // namespace
}  // namespace tenfold
