#include "download/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/files.h"

namespace tenfold {
namespace {

using nlohmann::json;

constexpr std::string_view format_name = "tenfold-partial-1";
constexpr std::size_t hash_digits = 32;
/// Blocks of a file of several terabytes.
constexpr std::size_t largest_journal = 64 << 20;

std::string head_line(const JournalHead& head) {
  json line{{"format", format_name},     {"url", head.url},
            {"sha256", head.sha256},     {"block_bytes", head.block_bytes},
            {"etag", head.version.etag}, {"last_modified", head.version.last_modified}};
  if (head.version.bytes) line["bytes"] = *head.version.bytes;
  return line.dump(-1, ' ', true, json::error_handler_t::replace) + "\n";
}

JournalHead parse_head(std::string_view text) {
  const json line = json::parse(text, nullptr, false);
  if (!line.is_object()) return {};
  const auto field = [&](const char* name) {
    const auto found = line.find(name);
    return found != line.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  const auto size = [&](const char* name) -> std::optional<std::uint64_t> {
    const auto found = line.find(name);
    if (found == line.end() || !found->is_number_unsigned()) return std::nullopt;
    return found->get<std::uint64_t>();
  };
  if (field("format") != format_name) return {};
  return {field("url"),
          field("sha256"),
          size("block_bytes").value_or(0),
          {size("bytes"), field("etag"), field("last_modified")}};
}

}  // namespace

Result<Journal> Journal::open(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644));
  if (file.get() < 0) return file_error(path, "open", errno);
  return Journal(path, std::move(file));
}

Result<JournalContent> Journal::read() const {
  const std::string text = TRY(read_open_file(file_.get(), path_, largest_journal));
  JournalContent content;
  std::string_view rest = text;
  for (bool first = true;; first = false) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos) return content;
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 1);
    if (first) {
      content.head = parse_head(line);
      continue;
    }
    std::uint64_t block = 0;
    const char* const line_end = line.data() + line.size();
    const auto [after, error] = std::from_chars(line.data(), line_end, block);
    if (error != std::errc() || line_end - after != 1 + hash_digits) continue;
    content.blocks[block] = std::string(after + 1, line_end);
  }
}

Result<void> Journal::start(const JournalHead& head) {
  if (::ftruncate(file_.get(), 0) != 0) return file_error(path_, "write", errno);
  return append(head_line(head));
}

Result<void> Journal::add(std::uint64_t block, const std::string& hash) {
  return append(fmt::format("{} {}\n", block, hash));
}

Result<void> Journal::append(const std::string& line) {
  // A short write leaves a torn line, which the next one must not be glued to.
  const ssize_t written = ::write(file_.get(), line.data(), line.size());
  if (written < 0) return file_error(path_, "write", errno);
  if (static_cast<std::size_t>(written) != line.size()) return file_error(path_, "write", ENOSPC);
  return {};
}

}  // namespace tenfold
