// Magic numbers of what people open by mistake.
#include "formats/detect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/files.h"
#include "base/text.h"

namespace tenfold {
namespace {

constexpr std::size_t head_size = 4096;
constexpr std::string_view lfs_pointer_start = "version https://git-lfs.github.com/spec/";

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view description;
};

using namespace std::string_view_literals;
constexpr std::array magics = {
    Magic{0, "GGUF"sv, "GGUF"},
    Magic{0, lfs_pointer_start, "a Git LFS pointer"},
    Magic{0, "PK\x03\x04"sv, "a ZIP archive"},
    // MediaPipe's bundler aligns what is in an archive, the first entry too.
    Magic{0, "\0PK\x03\x04"sv, "a ZIP archive"},
    Magic{0, "\0\0PK\x03\x04"sv, "a ZIP archive"},
    Magic{0, "\0\0\0PK\x03\x04"sv, "a ZIP archive"},
    Magic{0, "\0\0\0\0PK\x03\x04"sv, "a ZIP archive"},
    Magic{0, "\x1f\x8b"sv, "a gzip archive"},
    Magic{0, "\x28\xb5\x2f\xfd"sv, "a Zstandard archive"},
    Magic{0,
          "\xfd"
          "7zXZ"sv,
          "an xz archive"},
    Magic{0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive"},
    Magic{257, "ustar"sv, "a tar archive"},
    Magic{0, "lmgg"sv, "a GGML file, the predecessor of GGUF"},
    Magic{0, "tjgg"sv, "a GGML file, the predecessor of GGUF"},
    Magic{0, "fmgg"sv, "a GGML file, the predecessor of GGUF"},
    Magic{0, "\x80\x02"sv, "a Python pickle"},
    Magic{4, "TFL3"sv, "a TensorFlow Lite model"},
    Magic{4, "ET12"sv, "an ExecuTorch program"},
    Magic{0, "LITERTLM"sv, "a LiteRT-LM bundle"},
    Magic{0, "\x89HDF"sv, "an HDF5 file"},
    Magic{0,
          "\x7f"
          "ELF"sv,
          "a program"},
    Magic{0, "%PDF"sv, "a PDF document"},
    Magic{0, "\x89PNG"sv, "a PNG image"},
    Magic{0, "\xff\xd8\xff"sv, "a JPEG image"},
    Magic{0, "SQLite format 3"sv, "an SQLite database"},
};

bool is_html(std::string_view head) {
  const std::string start = lower_case(head.substr(0, 64));
  const auto text = start.find_first_not_of(white_space);
  if (text == std::string::npos) return false;
  return start.compare(text, 9, "<!doctype") == 0 || start.compare(text, 5, "<html") == 0;
}

/// Eight bytes of header length, then a JSON object.
bool is_safetensors(std::string_view head) {
  return head.size() > 9 && head.substr(8, 2) == "{\"" && head.substr(4, 4) == "\0\0\0\0"sv;
}

bool is_text(std::string_view head) {
  const bool has_control = std::ranges::any_of(head, [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || c == 0x7f;
  });
  if (has_control) return false;
  // The head may end inside a character.
  for (std::size_t cut = 0; cut < 4 && cut < head.size(); ++cut) {
    if (is_valid_utf8(head.substr(0, head.size() - cut))) return true;
  }
  return false;
}

/// A serialized onnx.ModelProto (https://onnx.ai/onnx/repo-docs/IR.html): ir_version is field 1 and
/// written first; another field of ModelProto follows it.
bool is_onnx(std::string_view head) {
  constexpr int greatest_version = 32;
  constexpr std::string_view next_fields = "\x12\x1a\x22\x28\x32\x3a\x42\x72";
  return head.size() > 2 && head[0] == 0x08 && head[1] > 0 && head[1] < greatest_version &&
         next_fields.find(head[2]) != std::string_view::npos;
}

std::string_view hint_for(std::string_view description) {
  if (description.starts_with("a Git LFS")) return "fetch the real file with `git lfs pull`";
  if (description.starts_with("an HTML")) {
    return "the download went to a web page; download the file itself";
  }
  if (description.starts_with("an error message") || description.starts_with("an XML")) {
    return "the server refused the download: the file says why; log in or correct the address";
  }
  if (description.find("archive") != std::string_view::npos) return "unpack it first";
  return {};
}

/// What describe_content() calls the formats that engines open.
struct Format {
  std::string_view id;
  std::string_view description;
};
constexpr Format format_table[] = {{"gguf", "GGUF"},
                                   {"onnx", "an ONNX model"},
                                   {"pte", "an ExecuTorch program"},
                                   {"tflite", "a TensorFlow Lite model"},
                                   {"litertlm", "a LiteRT-LM bundle"},
                                   {"safetensors", "a safetensors file"}};

Result<std::string> describe(const ByteSource& source, const std::string& name) {
  if (source.size() == 0) {
    return fail(ErrorCode::bad_model, fmt::format("{} is empty", name), "download the file again");
  }
  std::string head(std::min<std::uint64_t>(source.size(), head_size), '\0');
  TRY(source.read_at(0, head));
  return describe_content(head);
}

}  // namespace

std::string describe_content(std::string_view head) {
  for (const Magic& magic : magics) {
    if (head.size() >= magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) {
      return std::string(magic.description);
    }
  }
  if (is_html(head)) return "an HTML page";
  if (is_safetensors(head)) return "a safetensors file";
  if (is_onnx(head)) return "an ONNX model";
  if (!is_text(head)) return std::string(unknown_content);
  const std::string_view start =
      head.substr(std::min(head.size(), head.find_first_not_of(white_space)));
  if (start.starts_with("<?xml")) return "an XML document";
  if (!start.starts_with('{') && !start.starts_with('[')) return "a text file";
  return start.substr(0, 200).find("\"error\"") == std::string_view::npos
             ? "a JSON file"
             : "an error message in JSON";
}

Error is_not(const std::string& name, std::string_view wanted, std::string_view description,
             std::string_view hint) {
  const std::string_view better = hint_for(description);
  return fail(ErrorCode::bad_model,
              fmt::format("{} is not {}; it looks like {}", name, wanted, description),
              std::string(better.empty() ? hint : better));
}

Result<std::string_view> detect_format(const ByteSource& source, const std::string& name) {
  const std::string description = TRY(describe(source, name));
  const auto* format = std::ranges::find(format_table, description, &Format::description);
  if (format != std::end(format_table)) return format->id;
  if (description == unknown_content && name.ends_with(".pllm")) return std::string_view("pllm");
  return is_not(name, "a model file", description,
                "choose a GGUF, ONNX, ExecuTorch or TensorFlow Lite file");
}

Result<void> require_format(const ByteSource& source, const std::string& name,
                            std::string_view format) {
  const std::string description = TRY(describe(source, name));
  const auto* wanted = std::ranges::find(format_table, format, &Format::id);
  if (description == wanted->description) return {};
  return is_not(name, format == "gguf" ? "a GGUF file" : wanted->description, description,
                fmt::format("choose a {} file", format));
}

}  // namespace tenfold
