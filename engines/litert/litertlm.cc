// Header, sections, metadata message, compressed tokenizer.
#include "litertlm.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "flatbuffer.h"
#include "protobuf.h"

namespace tenfold::litert {
namespace {

constexpr std::uint64_t header_start = 32;
constexpr std::uint64_t header_limit = 1 << 20;
constexpr std::uint64_t metadata_limit = 16 << 20;
constexpr std::uint64_t tokenizer_limit = 256 << 20;

enum class SectionType : std::uint8_t {
  model = 3,
  sentencepiece = 4,
  llm_metadata = 5,
  hf_tokenizer_zlib = 6,
  weights = 7,
};

struct Section {
  SectionType type{};
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string model_type;  ///< of a model, e.g. "tf_lite_prefill_decode"; may be empty
};

class Reader {
 public:
  Reader(const ByteSource& source, const std::string& name) : source_(source), name_(name) {}

  Result<Litertlm> read() {
    TRY(read_sections());
    TRY(find_model());
    if (const Section* section = find(SectionType::llm_metadata)) {
      read_metadata(TRY(bytes(*section, metadata_limit, "metadata")));
    }
    TRY(read_tokenizer());
    return std::move(result_);
  }

 private:
  [[nodiscard]] Error bad(std::string_view problem) const {
    return fail(ErrorCode::bad_model, fmt::format("{}: {}", name_, problem),
                "download the file again");
  }

  template <typename T>
  Result<T> number(std::uint64_t offset) const {
    std::array<char, sizeof(T)> raw{};
    TRY(source_.read_at(offset, raw));
    T value;
    std::memcpy(&value, raw.data(), sizeof(T));
    return value;
  }

  Result<std::string> bytes(std::uint64_t begin, std::uint64_t end) const {
    std::string content(end - begin, '\0');
    TRY(source_.read_at(begin, content));
    return content;
  }

  Result<std::string> bytes(const Section& section, std::uint64_t limit,
                            std::string_view what) const {
    if (section.end - section.begin > limit) return bad(fmt::format("its {} is too large", what));
    return bytes(section.begin, section.end);
  }

  Result<void> read_sections() {
    if (source_.size() < header_start) return bad("the file ends inside its header");
    std::array<char, 8> magic{};
    TRY(source_.read_at(0, magic));
    if (std::string_view(magic.data(), 8) != "LITERTLM") return bad("it is not a .litertlm file");
    if (const auto major = TRY(number<std::uint32_t>(8)); major != 1) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} has version {} of the .litertlm format; only version 1 is known",
                              name_, major),
                  "choose a file of version 1");
    }
    const auto end = TRY(number<std::uint64_t>(24));
    if (end <= header_start || end > source_.size() || end - header_start > header_limit) {
      return bad("its header does not fit the file");
    }
    const std::string header = TRY(bytes(header_start, end));
    const auto root = FlatTable::root(header);
    const auto list = root ? root->table(1) : std::nullopt;
    const std::uint32_t count = list ? list->size(0) : 0;
    for (std::uint32_t i = 0; i < count; ++i) TRY(add_section(list->entry(0, i)));
    return {};
  }

  Result<void> add_section(const std::optional<FlatTable>& table) {
    if (!table) return bad("its list of sections is damaged");
    Section section;
    section.type = static_cast<SectionType>(table->number<std::uint8_t>(3).value_or(0));
    section.begin = table->number<std::uint64_t>(1).value_or(0);
    section.end = table->number<std::uint64_t>(2).value_or(0);
    if (section.begin > section.end || section.end > source_.size()) {
      return bad(
          fmt::format("a section ends at byte {}, the file at {}", section.end, source_.size()));
    }
    for (std::uint32_t i = 0; i < table->size(0); ++i) {
      const auto pair = table->entry(0, i);
      if (!pair || pair->string(0) != "model_type") continue;
      const auto value = pair->table(2);
      const auto text = value ? value->string(0) : std::nullopt;
      if (text) section.model_type = *text;
    }
    sections_.push_back(std::move(section));
    return {};
  }

  [[nodiscard]] const Section* find(SectionType type) const {
    const auto found = std::ranges::find(sections_, type, &Section::type);
    return found == sections_.end() ? nullptr : &*found;
  }

  Result<void> find_model() {
    const auto generates = [](const Section& section) {
      return section.type == SectionType::model &&
             (section.model_type.empty() || section.model_type == "tf_lite_prefill_decode");
    };
    const auto found = std::ranges::find_if(sections_, generates);
    if (found == sections_.end()) {
      return fail(ErrorCode::unsupported,
                  fmt::format("{} holds no model of type tf_lite_prefill_decode", name_),
                  "choose a bundle of a language model");
    }
    if (find(SectionType::weights) != nullptr) {
      return fail(
          ErrorCode::unsupported,
          fmt::format("{} keeps weights outside its TFLite model (section TFLiteWeights)", name_),
          "choose a bundle whose model is one TFLite file");
    }
    result_.model_offset = found->begin;
    result_.model_size = found->end - found->begin;
    return {};
  }

  /// LlmMetadata.
  void read_metadata(std::string_view message) {
    ProtoReader reader(message);
    std::string affixes;
    while (const auto field = reader.next()) {
      switch (field->number) {
        case 1:
          read_start(field->bytes);
          break;
        case 2:
          read_stop(field->bytes);
          break;
        case 3:
          affixes = template_from(field->bytes);
          break;
        case 6:
          read_family(field->bytes);
          break;
        case 7:
          result_.chat_template = field->bytes;
          break;
        default:
          break;
      }
    }
    if (result_.chat_template.empty()) result_.chat_template = std::move(affixes);
  }

  /// TokenIds: `ids`, packed or one by one.
  static std::vector<TokenId> token_ids(std::string_view message) {
    std::vector<TokenId> ids;
    const auto add = [&](std::uint64_t id) {
      if (std::in_range<TokenId>(id)) ids.push_back(static_cast<TokenId>(id));
    };
    ProtoReader reader(message);
    while (const auto field = reader.next()) {
      if (field->number != 1) continue;
      if (field->bytes.empty()) {
        add(field->value);
        continue;
      }
      ProtoReader packed(field->bytes);
      while (const auto id = packed.varint()) add(*id);
    }
    return ids;
  }

  /// TokenUnion: ids or text.
  void read_start(std::string_view message) {
    ProtoReader reader(message);
    while (const auto field = reader.next()) {
      if (field->number == 2) result_.start_text = field->bytes;
      const auto ids = field->number == 1 ? token_ids(field->bytes) : std::vector<TokenId>();
      if (ids.size() == 1) result_.start_id = ids.front();
    }
  }

  void read_stop(std::string_view message) {
    ProtoReader reader(message);
    while (const auto field = reader.next()) {
      if (field->number == 2) result_.stop_texts.emplace_back(field->bytes);
      const auto ids = field->number == 1 ? token_ids(field->bytes) : std::vector<TokenId>();
      // Of a stop sequence its first token counts: the turn is over when it appears.
      if (!ids.empty()) result_.stop_ids.push_back(ids.front());
    }
  }

  void read_family(std::string_view message) {
    constexpr std::array<std::pair<std::uint64_t, std::string_view>, 9> families{{
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
    const auto field = ProtoReader(message).next();
    for (const auto& [number, family] : families) {
      if (field && field->number == number) result_.architecture = family;
    }
  }

  /// PromptTemplates: what stands before and after a user's, the model's and a system message.
  static std::string template_from(std::string_view message) {
    std::array<std::array<std::string, 2>, 3> affixes;
    ProtoReader reader(message);
    while (const auto role = reader.next()) {
      if (role->number < 1 || role->number > affixes.size()) continue;
      ProtoReader parts(role->bytes);
      while (const auto part = parts.next()) {
        if (part->number == 1 || part->number == 2) {
          affixes[role->number - 1][part->number - 1] = part->bytes;
        }
      }
    }
    const auto quoted = [](const std::string& text) {
      return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    const auto& [user, model, system] = affixes;
    const auto around = [&](const std::array<std::string, 2>& pair) {
      return fmt::format("{{{{ {} + message.content + {} }}}}", quoted(pair[0]), quoted(pair[1]));
    };
    return fmt::format(
        "{{{{ bos_token }}}}{{% for message in messages %}}{{% if message.role == 'assistant' %}}{}"
        "{{% elif message.role == 'system' %}}{}{{% else %}}{}{{% endif %}}{{% endfor %}}"
        "{{% if add_generation_prompt %}}{{{{ {} }}}}{{% endif %}}",
        around(model), around(system), around(user), quoted(model[0]));
  }

  Result<void> read_tokenizer() {
    const Section* section = find(SectionType::hf_tokenizer_zlib);
    if (section == nullptr) {
      const bool other = find(SectionType::sentencepiece) != nullptr;
      return fail(
          ErrorCode::unsupported,
          fmt::format("{} has {}", name_,
                      other ? "a SentencePiece tokenizer only, which this engine cannot read"
                            : "no tokenizer"),
          "choose a bundle with a Hugging Face tokenizer, or a .tflite with tokenizer.json "
          "beside it");
    }
    const std::string packed = TRY(bytes(*section, tokenizer_limit, "tokenizer"));
    std::uint64_t size = 0;
    if (packed.size() < sizeof(size)) return bad("its tokenizer is damaged");
    std::memcpy(&size, packed.data(), sizeof(size));
    // Deflate reaches 1032 to 1 at most.
    if (size > tokenizer_limit || size / 1032 > packed.size()) {
      return bad("its tokenizer claims an impossible size");
    }
    std::string json(size, '\0');
    uLongf written = size;
    const int status = ::uncompress(reinterpret_cast<Bytef*>(json.data()), &written,
                                    reinterpret_cast<const Bytef*>(packed.data() + sizeof(size)),
                                    packed.size() - sizeof(size));
    if (status != Z_OK || written != size) return bad("its tokenizer cannot be decompressed");
    result_.tokenizer_json = std::move(json);
    return {};
  }

  const ByteSource& source_;
  const std::string& name_;
  std::vector<Section> sections_;
  Litertlm result_;
};

}  // namespace

Result<Litertlm> read_litertlm(const ByteSource& source, const std::string& name) {
  return Reader(source, name).read();
}

}  // namespace tenfold::litert
