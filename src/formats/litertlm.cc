// Header, sections, compressed tokenizer.
#include "formats/litertlm.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

#include "formats/flatbuffer.h"
#include "formats/litertlm_metadata.h"

namespace tenfold {
namespace {

constexpr std::uint64_t header_start = 32;
constexpr std::uint32_t most_sections = 1000;
constexpr std::uint32_t most_items = 1000;
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

class BundleReader {
 public:
  BundleReader(const ByteSource& source, const std::string& name) : source_(source), name_(name) {}

  Result<LitertlmHeader> read_header() {
    TRY(read_sections());
    TRY(find_model());
    TRY(check_tokenizer());
    result_.sentencepiece = find(SectionType::sentencepiece) != nullptr;
    result_.hf_tokenizer = find(SectionType::hf_tokenizer_zlib) != nullptr;
    if (const Section* section = find(SectionType::llm_metadata)) {
      if (section->end - section->begin > metadata_limit) return bad("its metadata is too large");
      result_.metadata = TRY(read_litertlm_metadata(source_, name_, section->begin, section->end));
    }
    return result_;
  }

  Result<Litertlm> read() {
    Litertlm bundle{TRY(read_header()), TokenizerForm::json, {}};
    TRY(read_tokenizer(bundle));
    return bundle;
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
    if (count > most_sections) return bad(fmt::format("it claims {} sections", count));
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
    if (table->size(0) > most_items) return bad("a section has too many properties");
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

  /// The section with the weights of a model.
  [[nodiscard]] const Section* weights_of(const Section& model) const {
    const auto found = std::ranges::find_if(sections_, [&](const Section& section) {
      return section.type == SectionType::weights && section.model_type == model.model_type;
    });
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
    const auto place = [&](const Section& section) {
      BundledModel model{section.begin, section.end - section.begin};
      if (const Section* weights = weights_of(section)) {
        model.weights_offset = weights->begin;
        model.weights_size = weights->end - weights->begin;
      }
      return model;
    };
    BundledModels& models = result_.models;
    models.main = place(*found);
    for (const Section& section : sections_) {
      if (section.type != SectionType::model || generates(section)) continue;
      if (section.model_type == "tf_lite_embedder") {
        models.embedder = place(section);
      } else if (section.model_type == "tf_lite_per_layer_embedder") {
        models.per_layer_embedder = place(section);
      } else {
        result_.other_models.push_back(section.model_type);
      }
    }
    return {};
  }

  [[nodiscard]] Result<void> check_tokenizer() const {
    if (find(SectionType::hf_tokenizer_zlib) == nullptr &&
        find(SectionType::sentencepiece) == nullptr) {
      return fail(ErrorCode::unsupported, name_ + " has no tokenizer",
                  "choose a bundle that has one, or a .tflite with its tokenizer beside it");
    }
    return {};
  }

  Result<void> read_tokenizer(Litertlm& bundle) const {
    if (const Section* section = find(SectionType::hf_tokenizer_zlib)) {
      bundle.tokenizer = TRY(unpacked(*section));
      return {};
    }
    bundle.form = TokenizerForm::sentencepiece;
    const Section& section = *find(SectionType::sentencepiece);
    bundle.tokenizer = TRY(bytes(section, tokenizer_limit, "tokenizer"));
    return {};
  }

  Result<std::string> unpacked(const Section& section) const {
    const std::string packed = TRY(bytes(section, tokenizer_limit, "tokenizer"));
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
    return json;
  }

  const ByteSource& source_;
  const std::string& name_;
  std::vector<Section> sections_;
  LitertlmHeader result_;
};

}  // namespace

Result<LitertlmHeader> read_litertlm_header(const ByteSource& source, const std::string& name) {
  return BundleReader(source, name).read_header();
}

Result<Litertlm> read_litertlm(const ByteSource& source, const std::string& name) {
  return BundleReader(source, name).read();
}

}  // namespace tenfold
