#include "service/mlc_compiler.h"

#include <fmt/format.h>

#include <span>
#include <vector>

#include "base/file_lock.h"
#include "base/files.h"
#include "base/paths.h"
#include "base/processor.h"
#include "base/run_child.h"
#include "base/sha256.h"
#include "download/offline.h"
#include "formats/mlc_library.h"
#include "models/work_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_list = 1 << 16;
constexpr std::size_t digest_letters = 16;
const char* const install_python =
    "install them, on Debian 12 with: apt install python3 python3-pip";

/// A file that comes with the program.
Result<fs::path> shipped(const char* name) {
  const fs::path path = shared_file(fs::path("mlc") / name);
  if (!path.empty()) return path;
  return fail(ErrorCode::not_found, fmt::format("this program came without {}", name),
              "install Tenfold again: it belongs into share/tenfold/mlc");
}

Result<ChildExit> run(const std::vector<std::string>& arguments, const CompilerWatch& watch) {
  const ChildOutput output = watch.show_output ? ChildOutput::on_stderr : ChildOutput::hidden;
  Result<ChildExit> ended = run_child(arguments, output, watch.cancelled);
  if (!ended.ok() && ended.error().code == ErrorCode::unavailable) {
    ended.error().hint = install_python;
  }
  return ended;
}

std::string trimmed(const std::string& lines) {
  return lines.substr(0, lines.find_last_not_of(" \n") + 1);
}

std::string last_line(const std::string& lines) {
  const std::string whole = trimmed(lines);
  return whole.substr(whole.rfind('\n') + 1);
}

Result<void> install(const fs::path& list, const fs::path& folder, const CompilerWatch& watch) {
  const ChildExit version =
      TRY(run({"python3", "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"}, watch));
  if (version.code != 0) {
    return fail(ErrorCode::unavailable,
                "the compiler's packages are for Python 3.11, and python3 here is another version",
                "put a python3 of version 3.11 first into PATH");
  }
  const ChildExit ended =
      // -P: nothing of the current folder, which may be a model's, runs as pip.
      TRY(run({"python3", "-P", "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes",
               "--only-binary=:all:", "--no-cache-dir", "--disable-pip-version-check", "--target",
               folder.string(), "--requirement", list.string()},
              watch));
  if (ended.code == 0) return {};
  if (ended.last_lines.find("No module named pip") != std::string::npos) {
    return fail(ErrorCode::unavailable, "python3 has no pip, which downloads the compiler",
                install_python);
  }
  return fail(ErrorCode::network,
              fmt::format("pip could not install the compiler (exit code {}): {}", ended.code,
                          trimmed(ended.last_lines)),
              "check the network and pip's index settings, then try again");
}

Result<fs::path> folder_of(ModelStore& store, const std::string& model) {
  fs::path folder = model;
  if (const auto stored = TRY(store.find(model))) folder = stored->path;
  std::error_code error;
  if (folder.filename() == "mlc-chat-config.json") folder = folder.parent_path();
  if (fs::exists(folder / "mlc-chat-config.json", error)) return folder;
  return fail(
      ErrorCode::not_found,
      fmt::format("{} is no model of MLC-LLM: it has no mlc-chat-config.json", folder.string()),
      "only those are compiled; give a folder, or a name from `tenfold list`");
}

}  // namespace

Result<fs::path> mlc_compiler_folder() {
  const std::string list = TRY(read_file(TRY(shipped("mlc_compiler.lock")), longest_list));
  Sha256 digest = TRY(Sha256::create());
  digest.update(std::as_bytes(std::span(list)));
  return data_folder() / "compilers" /
         fmt::format("mlc-{}", digest.finish().substr(0, digest_letters));
}

Result<bool> add_mlc_compiler(const CompilerWatch& watch) {
  const fs::path folder = TRY(mlc_compiler_folder());
  std::error_code error;
  if (fs::exists(folder, error)) return false;
  TRY(make_folder(folder.parent_path()));
  const FileLock lock = TRY(FileLock::acquire(
      folder.string() + ".lock",
      [&] {
        if (watch.on_step) watch.on_step("another process installs the compiler; waiting for it");
      },
      watch.cancelled));
  if (fs::exists(folder, error)) return false;
  TRY(require_network("the compiler of MLC-LLM"));
  if (watch.on_step) watch.on_step("downloading Apache TVM with pip (about 125 MB)");
  const WorkFolder work(folder.string() + ".new");
  const fs::path fresh = work.path() / "packages";
  TRY(install(TRY(shipped("mlc_compiler.lock")), fresh, watch));
  fs::rename(fresh, folder, error);
  if (error) return file_error(folder, "write", error.value());
  return true;
}

Result<CompiledLibrary> compile_mlc_model(ModelStore& store, const std::string& model,
                                          const CompilerWatch& watch) {
  const fs::path folder = TRY(folder_of(store, model));
  const fs::path packages = TRY(mlc_compiler_folder());
  std::error_code error;
  if (!fs::exists(packages, error)) {
    return fail(ErrorCode::unavailable, "the compiler of MLC-LLM is not here yet",
                "run: tenfold engines add mlc --compiler");
  }
  CompiledLibrary library;
  library.level = processor_levels().front();
  library.path = TRY(compiled_mlc_library(folder, library.level));
  TRY(make_folder(library.path.parent_path()));
  const ChildExit ended =
      TRY(run({"env", "PYTHONPATH=" + packages.string(), "PYTHONDONTWRITEBYTECODE=1", "python3",
               TRY(shipped("mlc_compile.py")).string(), folder.string(), "--level", library.level,
               "--out", library.path.string()},
              watch));
  if (ended.code != 0) {
    return fail(ErrorCode::unsupported, fmt::format("{} could not be compiled: {}", folder.string(),
                                                    last_line(ended.last_lines)));
  }
  return library;
}

}  // namespace tenfold
