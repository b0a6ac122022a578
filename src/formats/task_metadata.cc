// Source of the field numbers: llm_params.proto and prompt_template.proto in
// mediapipe/tasks/cc/genai/inference/proto of MediaPipe.
#include "formats/task_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace tenfold {
namespace {

constexpr std::size_t most_stop_tokens = 1000;
constexpr std::size_t most_normalizations = 100;
constexpr int prefix_field = 2;  ///< of PromptTemplate; 1 stands before a session, 3 is the suffix

/// What ends the model's turn where the file tells only of the user's: the stop token, with the
/// white space behind it, by which the user's ends too; else the first stop token.
std::string end_of_turn(const std::string& suffix, const std::vector<std::string>& stops) {
  std::string_view longest;
  for (const std::string& stop : stops) {
    if (suffix.starts_with(stop) && stop.size() > longest.size()) longest = stop;
  }
  if (longest.empty()) return stops.empty() ? "" : stops.front();
  return suffix.substr(0, suffix.find_first_not_of(" \r\n", longest.size()));
}

class ParametersReader {
 public:
  explicit ParametersReader(const std::string& name) : name_(name) {}

  Result<BundleMetadata> read(const ProtobufMessage& message) {
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 4:
          if (std::in_range<TokenId>(field.number())) {
            result_.start_id = static_cast<TokenId>(field.number());
          }
          return {};
        case 5:
          return add_stop(field);
        case 6:
          result_.start_text = TRY(field.text(longest_bundle_text));
          return {};
        case 7:
          return check_normalizations(field);
        case 8:
          return read_turn(field.message());
        case 17:
          return read_roles(field.message(), prefix_field, roles_);
        default:
          return {};
      }
    }));
    make_template();
    return std::move(result_);
  }

 private:
  Result<void> add_stop(const ProtobufMessage& field) {
    std::string stop = TRY(field.text(longest_bundle_text));
    if (!stop.empty() && result_.stop_texts.size() < most_stop_tokens) {
      result_.stop_texts.push_back(std::move(stop));
    }
    return {};
  }

  Result<void> check_normalizations(const ProtobufMessage& field) const {
    constexpr std::int64_t bytes_to_unicode = 1;
    std::vector<std::int64_t> wanted;
    TRY(field.append_numbers(wanted, most_normalizations));
    if (std::ranges::count(wanted, bytes_to_unicode) == 0) return {};
    return fail(ErrorCode::unsupported,
                fmt::format("{} wants its text mapped from bytes to characters before it is "
                            "tokenized (BYTES_TO_UNICODE), which is not done here",
                            name_),
                "choose the .litertlm, or the .tflite with tokenizer.json, of the same model");
  }

  /// PromptTemplate: of the user alone. Its suffix opens the model's turn, too.
  Result<void> read_turn(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& part) -> Result<void> {
      if (part.field() == 1) turn_.session = TRY(part.text(longest_bundle_text));
      if (part.field() == prefix_field) turn_.user.prefix = TRY(part.text(longest_bundle_text));
      if (part.field() == 3) turn_.user.suffix = TRY(part.text(longest_bundle_text));
      return {};
    });
  }

  /// Of the roles, else of the turn; the text before the session is written with the turn alone.
  void make_template() {
    const auto tells = [](const PromptAffixes& affixes) {
      return !affixes.user.prefix.empty() || !affixes.user.suffix.empty();
    };
    if (!tells(roles_) && !tells(turn_)) return;
    PromptAffixes& chosen = tells(roles_) ? roles_ : turn_;
    chosen.session = turn_.session;
    if (chosen.model.suffix.empty()) {
      chosen.model.suffix = end_of_turn(chosen.user.suffix, result_.stop_texts);
    }
    result_.chat_template = affix_template(chosen);
  }

  const std::string& name_;
  BundleMetadata result_;
  PromptAffixes roles_;
  PromptAffixes turn_;
};

}  // namespace

Result<BundleMetadata> read_task_metadata(std::string_view bytes, const std::string& name) {
  const auto source = make_memory_source(bytes);
  ProtobufFile file(*source, name, "LlmParameters of MediaPipe");
  return ParametersReader(name).read(ProtobufMessage(file));
}

}  // namespace tenfold
