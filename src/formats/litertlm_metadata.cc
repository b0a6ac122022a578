#include "formats/litertlm_metadata.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "formats/generation_defaults.h"
#include "formats/protobuf.h"

namespace tenfold {
namespace {

constexpr std::size_t most_stops = 10'000;

std::string_view family(int field) {
  constexpr std::array<std::pair<int, std::string_view>, 9> families{{
      {1, "generic"},
      {2, "gemma3n"},
      {3, "function_gemma"},
      {4, "gemma3"},
      {5, "qwen3"},
      {7, "qwen2"},
      {8, "gemma4"},
      {9, "fastvlm"},
      {11, "lfm2"},
  }};
  const auto* found = std::ranges::find(families, field, &std::pair<int, std::string_view>::first);
  return found == families.end() ? std::string_view() : found->second;
}

class MetadataReader {
 public:
  Result<BundleMetadata> read(const ProtobufMessage& message) {
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      switch (field.field()) {
        case 1:
          return read_start(field.message());
        case 2:
          return read_stop(field.message());
        case 3:
          has_affixes_ = true;
          return read_roles(field.message(), 1, affixes_);
        case 4:
          return read_sampler(field.message());
        case 6:
          return read_family(field.message());
        case 7:
          result_.chat_template = TRY(field.text(longest_bundle_text));
          return {};
        default:
          return {};
      }
    }));
    if (result_.chat_template.empty() && has_affixes_) {
      result_.chat_template = affix_template(affixes_);
    }
    return std::move(result_);
  }

 private:
  /// TokenIds: `ids`, packed or one by one.
  static Result<std::vector<std::int64_t>> token_ids(const ProtobufMessage& message) {
    std::vector<std::int64_t> ids;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      return field.field() == 1 ? field.append_numbers(ids, most_stops) : Result<void>();
    }));
    std::erase_if(ids, [](std::int64_t id) { return !std::in_range<TokenId>(id); });
    return ids;
  }

  /// TokenUnion: ids or text.
  Result<void> read_start(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) result_.start_text = TRY(field.text(longest_bundle_text));
      if (field.field() != 1) return {};
      const auto ids = TRY(token_ids(field.message()));
      if (ids.size() == 1) result_.start_id = static_cast<TokenId>(ids.front());
      return {};
    });
  }

  Result<void> read_stop(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 2) result_.stop_texts.push_back(TRY(field.text(longest_bundle_text)));
      if (field.field() != 1) return {};
      const auto ids = TRY(token_ids(field.message()));
      // Of a stop sequence its first token counts: the turn is over when it appears.
      if (!ids.empty()) result_.stop_ids.push_back(static_cast<TokenId>(ids.front()));
      return {};
    });
  }

  /// SamplerParameters. A zero is what was not set.
  Result<void> read_sampler(const ProtobufMessage& message) {
    constexpr std::int64_t greedy = 3;
    bool is_greedy = false;
    TRY(each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      if (field.field() == 1) is_greedy = field.number() == greedy;
      if (field.field() == 2 && field.number() > 0) {
        recommend(result_.sampling, "top_k", static_cast<double>(field.number()));
      }
      if (field.field() == 3) recommend(result_.sampling, "top_p", TRY(real(field)));
      if (field.field() == 4) {
        const float temperature = TRY(real(field));
        if (temperature > 0) recommend(result_.sampling, "temperature", temperature);
      }
      return {};
    }));
    if (is_greedy) result_.sampling.temperature = 0;
    return {};
  }

  /// 0 for a field that is no float.
  static Result<float> real(const ProtobufMessage& field) {
    float value = 0;
    const std::string bytes = TRY(field.text(longest_bundle_text));
    if (bytes.size() == sizeof value) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }

  Result<void> read_family(const ProtobufMessage& message) {
    return each_field(message, [&](const ProtobufMessage& field) -> Result<void> {
      result_.architecture = family(field.field());
      return {};
    });
  }

  BundleMetadata result_;
  PromptAffixes affixes_;
  bool has_affixes_ = false;
};

}  // namespace

Result<BundleMetadata> read_litertlm_metadata(const ByteSource& source, const std::string& name,
                                              std::uint64_t begin, std::uint64_t end) {
  ProtobufFile file(source, name, "a LiteRT-LM bundle");
  return MetadataReader().read(ProtobufMessage(file, begin, end));
}

}  // namespace tenfold
