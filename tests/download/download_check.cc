// Long checks of downloads against a server on loopback, run by hand:
//
//   tests/download/check.sh build/release      all of them, with figures
//   download_check cuts                        100 random cuts of 200 MB
//   download_check kills                       50 kill -9 of the client at random points of 200 MB
//   download_check get URL TARGET [SHA256]     one download
//   download_check serve BYTES [RATE]          prints the URL and digest of a file, serves until
//                                              killed; RATE: bytes a second on each connection
#include <fmt/format.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>

#include "download/journal.h"
#include "download/partial_file.h"
#include "download/testing/fixture.h"

namespace {

using namespace tenfold;
using namespace tenfold::testing;

constexpr std::size_t file_bytes = 200'000'000;

int get(const DownloadRequest& request) {
  DownloadHooks hooks;
  hooks.on_notice = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  const Result<Downloaded> got = download_file(request, hooks);
  if (got.ok()) {
    fmt::print("{} bytes, {} fetched, SHA-256 {}\n", got->bytes, got->fetched, got->sha256);
    return 0;
  }
  fmt::print("{}\n  {}\n", got.error().message, got.error().hint);
  return 1;
}

int check_cuts(const std::filesystem::path& folder) {
  const auto file = random_file(file_bytes);
  std::mt19937 random(std::random_device{}());
  std::atomic<int> cuts = 0;
  std::mutex mutex;
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    const std::lock_guard lock(mutex);
    const std::uint64_t at = random() % 3'000'000;
    if (cuts < 100 && at < reply.end - reply.begin) {
      ++cuts;
      reply.cut_after = at;
    }
    return reply;
  });
  const Result<Downloaded> got = download_file(
      {.url = peer.url("/model"), .target = folder / "cuts", .sha256 = sha256_of(*file)}, {});
  if (!got.ok()) {
    fmt::print("cuts: {}\n", got.error().message);
    return 1;
  }
  const double ratio = static_cast<double>(got->fetched) / static_cast<double>(file_bytes);
  fmt::print("cuts: {} cuts, digest right, fetched {} of {} bytes: {:.4f} x size\n", cuts.load(),
             got->fetched, file_bytes, ratio);
  return cuts == 100 && ratio <= 1.05 ? 0 : 1;
}

/// Blocks the journal vouches for; -1 if one of them is not what the server has.
int vouched_blocks(const std::filesystem::path& target, const std::string& file) {
  const std::filesystem::path partial = target.string() + ".partial";
  if (!std::filesystem::exists(partial.string() + ".journal")) return 0;
  const Result<Journal> journal = Journal::open(partial.string() + ".journal");
  if (!journal.ok()) return -1;
  const Result<JournalContent> content = journal->read();
  if (!content.ok()) return -1;
  std::ifstream stream(partial, std::ios::binary);
  std::vector<char> bytes(block_bytes);
  for (const auto& [index, hash] : content->blocks) {
    const std::size_t begin = index * block_bytes;
    const std::size_t size = std::min<std::size_t>(block_bytes, file.size() - begin);
    stream.seekg(static_cast<std::streamoff>(begin));
    stream.read(bytes.data(), static_cast<std::streamsize>(size));
    if (!stream || std::memcmp(bytes.data(), file.data() + begin, size) != 0) return -1;
  }
  return static_cast<int>(content->blocks.size());
}

int check_kills(const std::filesystem::path& folder, const char* program) {
  const auto file = random_file(file_bytes);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.bytes_per_second = 60'000'000;
    return reply;
  });
  const std::filesystem::path target = folder / "kills";
  const std::string url = peer.url("/model");
  const std::string sha256 = sha256_of(*file);
  std::mt19937 random(std::random_device{}());
  int kills = 0;
  int finished = 0;
  for (int last = 0; kills < 50;) {
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(STDOUT_FILENO);
      ::close(STDERR_FILENO);
      ::execl(program, program, "get", url.c_str(), target.c_str(), sha256.c_str(), nullptr);
      ::_exit(127);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 700));
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) ++kills;
    if (std::filesystem::exists(target)) {
      if (content_of(target) != *file) return fmt::print("kills: wrong bytes in place\n"), 1;
      std::filesystem::remove(target);
      ++finished;
      last = 0;
      continue;
    }
    const int blocks = vouched_blocks(target, *file);
    if (blocks < last) {
      return fmt::print("kills: {} blocks after {}, kill {}\n", blocks, last, kills), 1;
    }
    last = blocks;
  }
  const DownloadRequest request{.url = url, .target = target, .sha256 = sha256};
  const Result<Downloaded> got = download_file(request, {});
  if (!got.ok()) return fmt::print("kills: {}\n", got.error().message), 1;
  fmt::print(
      "kills: {} kills, {} files finished among them, blocks never lost or wrong; the last run "
      "fetched {} of {} bytes, digest right\n",
      kills, finished, got->fetched, file_bytes);
  return 0;
}

/// The same bytes in the page cache, where a web server has them.
Descriptor memory_file(const std::string& bytes) {
  Descriptor file(::memfd_create("served", MFD_CLOEXEC));
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t count = ::write(file.get(), bytes.data() + at, bytes.size() - at);
    if (count <= 0) std::abort();
    at += static_cast<std::size_t>(count);
  }
  return file;
}

int serve_file(std::size_t bytes, std::uint64_t bytes_per_second) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto file = random_file(bytes);
  const Descriptor in_memory = memory_file(*file);
  HttpPeer peer([&](const PeerRequest& asked) {
    PeerReply reply = serve(asked, file);
    reply.body_file = in_memory.get();
    reply.bytes_per_second = bytes_per_second;
    return reply;
  });
  fmt::print("{} {}\n", peer.url("/model"), sha256_of(*file));
  std::fflush(stdout);
  ::pause();
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  const std::string command = count > 1 ? arguments[1] : "";
  if (command == "serve" && count >= 3) {
    return serve_file(std::stoull(arguments[2]), count > 3 ? std::stoull(arguments[3]) : 0);
  }
  if (command == "get" && count >= 4) {
    return get(
        {.url = arguments[2], .target = arguments[3], .sha256 = count > 4 ? arguments[4] : ""});
  }
  std::string name = (std::filesystem::temp_directory_path() / "download-check-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  int result = 2;
  if (command == "cuts") result = check_cuts(name);
  if (command == "kills") result = check_kills(name, arguments[0]);
  std::filesystem::remove_all(name);
  if (result == 2) fmt::print(stderr, "usage: see the head of tests/download/download_check.cc\n");
  return result;
}
