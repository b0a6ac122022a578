// A folder for one test, and what tests of downloads ask again and again.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "download/download.h"
#include "download/testing/http_peer.h"

namespace tenfold::testing {

inline std::string sha256_of(const std::string& bytes) {
  Sha256 hash = Sha256::create().value();
  hash.update(std::as_bytes(std::span(bytes)));
  return hash.finish();
}

inline std::string content_of(const std::filesystem::path& path) {
  std::string bytes(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(bytes.data(), std::ssize(bytes));
  return bytes;
}

class DownloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "download-XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    target_ = folder_ / "model.gguf";
  }
  void TearDown() override {
    std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
    std::filesystem::remove_all(folder_);
  }

  /// A request that does not wait long for anything.
  DownloadRequest request(const std::string& url) {
    DownloadRequest request{url, target_};
    request.patience.first_delay = std::chrono::milliseconds(10);
    request.patience.stall_timeout = std::chrono::seconds(1);
    return request;
  }

  /// Runs it with hooks that collect notices.
  Result<Downloaded> download(const DownloadRequest& request) {
    DownloadHooks hooks;
    hooks.on_notice = [&](const std::string& line) { notices_ += line + "\n"; };
    return download_file(request, hooks);
  }

  [[nodiscard]] std::vector<std::string> files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::filesystem::path folder_;
  std::filesystem::path target_;
  std::string notices_;
};

}  // namespace tenfold::testing
