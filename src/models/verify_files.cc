#include "models/verify_files.h"

#include <fmt/format.h>

#include <array>

#include "base/sha256.h"
#include "models/model_files.h"

namespace tenfold {
namespace {

constexpr std::array<std::string_view, 6> state_names{"good",    "learned", "missing",
                                                      "resized", "changed", "unread"};

Result<CheckedFile> check(ModelStore& store, const std::string& model, const StoredFile& file,
                          const std::function<bool()>& go_on) {
  const auto now = look_at_file(file.path);
  if (!now.ok()) {
    const bool gone = now.error().code == ErrorCode::not_found;
    return CheckedFile{&file, gone ? FileState::missing : FileState::unread, now.error().message};
  }
  if (now.value().bytes != file.bytes) {
    return CheckedFile{&file, FileState::resized,
                       fmt::format("it has {} bytes, expected {}", now.value().bytes, file.bytes)};
  }
  if (file.sha256.empty() && now.value().modified != file.modified) {
    return CheckedFile{&file, FileState::changed,
                       "it was written to since it was added, before its SHA-256 was known"};
  }
  const auto digest = sha256_of_file(file.path, go_on);
  if (!digest.ok() && digest.error().code == ErrorCode::cancelled) return digest.error();
  if (!digest.ok()) return CheckedFile{&file, FileState::unread, digest.error().message};
  if (file.sha256.empty()) {
    TRY(store.set_hash(model, file.path, digest.value()));
    return CheckedFile{&file, FileState::learned,
                       fmt::format("its SHA-256 is {}; there was none to compare with, the next "
                                   "check has this one",
                                   digest.value())};
  }
  if (digest.value() == file.sha256) return CheckedFile{&file, FileState::good, {}};
  return CheckedFile{&file, FileState::changed,
                     fmt::format("its SHA-256 is {}, expected {}", digest.value(), file.sha256)};
}

}  // namespace

std::string_view to_string(FileState state) { return state_names[static_cast<std::size_t>(state)]; }

bool is_good(const CheckedFile& checked) {
  return checked.state == FileState::good || checked.state == FileState::learned;
}

Json to_json(const CheckedFile& checked) {
  return {{"path", checked.file->path.string()},
          {"state", to_string(checked.state)},
          {"detail", checked.detail}};
}

Result<std::vector<CheckedFile>> verify_files(ModelStore& store, const StoredModel& model,
                                              const std::function<void(const StoredFile&)>& on_file,
                                              const std::function<bool()>& go_on) {
  std::vector<CheckedFile> checked;
  for (const StoredFile& file : model.files) {
    if (on_file) on_file(file);
    checked.push_back(TRY(check(store, model.name, file, go_on)));
  }
  return checked;
}

}  // namespace tenfold
