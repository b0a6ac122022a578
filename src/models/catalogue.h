// The models that `tenfold pull` knows by name: catalogue.json, embedded when Tenfold is built, and
// the user's own catalogues in config_folder()/catalogues/*.json, which have the same form:
//
//   {"version": 1, "default": NAME (the built-in one only), "models": [MODEL, …]}
//
//   MODEL   name, title, licence, format and source are required; about, homepage, system,
//           sampling, context, bytes or approximate_bytes, memory, sha256, gated, verified and
//           cannot_run are optional
//   sampling the numbers it answers best with, by their names in requests: {"temperature": 0.2}
//   verified   the day on which a small model in its form ran, "2026-11-30"
//   cannot_run why no engine of this version runs its form, as a clause
//           (both are written by tools/twins, see docs/catalogue.md)
//   source  {"kind": "hf", "repo", "revision", "select"}       files of a Hugging Face repository
//           {"kind": "https", "files": [{"path", "url", "bytes", "sha256"}]}
//           {"kind": "file", "path"}                           a file of this machine, copied
//           {"kind": "pypi", "parts": [WheelPart, …]}          a file in Python wheels
//           {"kind": "page", "url", "why"}                     got by hand from a web page
//           {"kind": "system", "why"}                          part of an operating system
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenfold/request.h"
#include "tenfold/result.h"

namespace tenfold {

/// A file inside a Python wheel that holds the model or, in order, a part of it.
struct WheelPart {
  std::string package;
  std::string version;
  std::uint64_t wheel_bytes = 0;
  std::string wheel_sha256;  ///< lower-case hex
  std::string member;        ///< path inside the wheel
};
struct PypiSource {
  std::vector<WheelPart> parts;
};

/// Files of a Hugging Face repository; what `select` may say stands in models/hub_choice.h.
struct HubSource {
  std::string repo;  ///< "owner/name"
  std::string revision = "main";
  std::string select;
};

struct SourceFile {
  std::string path;  ///< below the model's folder
  std::string url;
  std::optional<std::uint64_t> bytes;
  std::string sha256;  ///< lower-case hex; empty: not known
};
struct HttpsSource {
  std::vector<SourceFile> files;
};

struct LocalSource {
  std::filesystem::path path;  ///< absolute
};

struct PageSource {
  std::string url;
  std::string why;
};

struct SystemSource {
  std::string why;
};

using ModelSource =
    std::variant<PypiSource, HubSource, HttpsSource, LocalSource, PageSource, SystemSource>;

struct CatalogueModel {
  std::string name;   ///< what the user types; also the stem of the stored file
  std::string title;  ///< for people, with the quantization
  std::string about;
  std::string licence;
  std::string homepage;        ///< https, may be empty
  std::string system;          ///< system message it answers best with, unless the user gives one
  Sampling sampling;           ///< numbers it answers best with, over those of its files
  std::string format;          ///< as in the table of engines; also the stored file's extension
  std::optional<int> context;  ///< tokens the model was made for
  std::optional<std::uint64_t> bytes;              ///< exact size of all files, if known
  std::optional<std::uint64_t> approximate_bytes;  ///< from parameters and bits a weight
  std::optional<std::uint64_t> memory;  ///< published, or estimate_decoder() with the usual context
  std::string sha256;      ///< of the model's one file, lower-case hex; empty: not published
  bool gated = false;      ///< the source asks for an account that accepted the licence
  std::string verified;    ///< the day on which a small model in its form ran; empty: none has yet
  std::string cannot_run;  ///< why no engine of this version runs its form; empty: one may
  ModelSource source;
  std::string origin;  ///< the user's catalogue it stands in; empty: the built-in one
};

struct Catalogue {
  std::string default_name;
  std::vector<CatalogueModel> models;

  /// nullptr for an unknown name.
  [[nodiscard]] const CatalogueModel* find(std::string_view name) const;
};

/// Reads a catalogue. invalid_argument naming `where` (a file), the model and the field that is
/// missing or wrong.
Result<Catalogue> parse_catalogue(std::string_view json, const std::string& where);

/// The embedded one. Thread-safe.
const Catalogue& built_in_catalogue();

/// The embedded one and then the user's, in the order of their file names. invalid_argument when
/// one cannot be read, or when a name stands in two of them.
Result<Catalogue> load_catalogue();

/// Bytes of memory that running the model takes: what the catalogue states or, without that, the
/// size of its files and a quarter, and 64 MiB (fits the models measured in formats/estimate.h).
/// nullopt when no size is known, 0 when the system provides the model.
std::optional<std::uint64_t> memory_need(const CatalogueModel& model);

/// Whether `name` can be the name of a model: letters, digits and ._- only, not starting with a dot
/// or a dash, at most 100 characters.
bool is_model_name(std::string_view name);

/// Whether `path` stays below the folder it is joined to: relative, without "..", "." or empty
/// parts, backslashes or control characters.
bool is_safe_path(std::string_view path);

}  // namespace tenfold
