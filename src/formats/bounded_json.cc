#include "formats/bounded_json.h"

#include "base/files.h"

namespace tenfold {
namespace {

constexpr std::size_t largest_file = 16 << 20;
constexpr std::size_t most_values = 200'000;

class Counter : public JsonEvents {
 public:
  bool null() override { return count(); }
  bool boolean(bool /*value*/) override { return count(); }
  bool number_integer(std::int64_t /*value*/) override { return count(); }
  bool number_unsigned(std::uint64_t /*value*/) override { return count(); }
  bool number_float(double /*value*/, const std::string& /*text*/) override { return count(); }
  bool string(std::string& /*value*/) override { return count(); }
  bool start_object(std::size_t elements) override {
    return count() && JsonEvents::start_object(elements);
  }
  bool start_array(std::size_t elements) override {
    return count() && JsonEvents::start_array(elements);
  }

 private:
  bool count() { return ++values_ <= most_values; }
  std::size_t values_ = 0;
};

}  // namespace

Result<nlohmann::json> parse_bounded_json(std::string_view text, const std::string& name) {
  Counter counter;
  if (nlohmann::json::sax_parse(text.begin(), text.end(), &counter)) {
    auto value = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    if (value.is_structured()) return value;
  }
  return fail(ErrorCode::bad_model, name + " is not JSON as models have it",
              "download the model again");
}

Result<nlohmann::json> read_bounded_json(const std::filesystem::path& path) {
  return parse_bounded_json(TRY(read_file(path, largest_file)), path.string());
}

Result<nlohmann::json> read_json_object(const std::filesystem::path& path) {
  auto value = TRY(read_bounded_json(path));
  if (value.is_object()) return value;
  return fail(ErrorCode::bad_model, path.string() + " is not a JSON object",
              "download the model again");
}

std::int64_t positive(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return 0;
  const auto value = found->get<std::int64_t>();
  return value > 0 && value < (std::int64_t{1} << 31) ? value : 0;
}

std::string text(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

nlohmann::json part(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : nlohmann::json::object();
}

}  // namespace tenfold
