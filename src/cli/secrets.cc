#include "cli/secrets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <optional>

#include "base/descriptor.h"
#include "base/files.h"
#include "engine/table.h"

namespace tenfold {
namespace {

constexpr std::size_t largest_secret_file = 64 << 10;

/// Whether any engine calls its option `name` a secret.
bool names_secret(std::string_view name) {
  return std::ranges::any_of(engine_table(), [&](const EngineEntry& engine) {
    return option_kind(engine, name) == OptionKind::secret;
  });
}

/// What of a text is no secret: "picollm.access_key=" of an engine option that is one, nothing of
/// an option that is one; nullopt where all of it may be shown.
std::optional<std::string> open_part(const Option& option, std::string_view text) {
  if (option.type == OptionType::secret) return text.empty() ? std::nullopt : std::optional("");
  const std::size_t equals = text.find('=');
  if (option.name != "engine-option" || equals == std::string_view::npos) return std::nullopt;
  const std::string_view key = text.substr(0, equals);
  if (!names_secret(key.substr(key.find('.') + 1))) return std::nullopt;
  return std::string(text.substr(0, equals + 1));
}

constexpr const char* other_ways =
    "name a file as @FILE, write - to be asked for it, or set it in the environment";

Error is_open(const std::string& where) {
  return fail(ErrorCode::invalid_argument,
              where +
                  ": a secret cannot be written out, as every program can read a command line (ps) "
                  "and a history may remember what is typed",
              other_ways);
}

Result<std::string> first_line(const std::string& where, const std::string& path) {
  Result<std::string> content = read_file(path, largest_secret_file);
  if (!content.ok()) {
    return fail(ErrorCode::invalid_argument, where + ": " + content.error().message,
                content.error().hint);
  }
  content->resize(std::min(content->size(), content->find_first_of("\r\n")));
  if (!content->empty()) return content;
  return fail(ErrorCode::invalid_argument, fmt::format("{}: {} has no first line", where, path),
              "write the secret into it, and nothing else");
}

/// Keys come one by one and unseen while it lives, Ctrl-C among them, so that none leaves the
/// terminal without echo.
class SilentTerminal {
 public:
  explicit SilentTerminal(int descriptor) : descriptor_(descriptor) {
    ::tcgetattr(descriptor_, &before_);
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON | ISIG);
    ::tcsetattr(descriptor_, TCSAFLUSH, &silent);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;
  ~SilentTerminal() { ::tcsetattr(descriptor_, TCSAFLUSH, &before_); }

 private:
  const int descriptor_;
  termios before_{};
};

/// Not of standard input, which may be a prompt for the model.
Result<std::string> ask_for(const std::string& where) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (terminal.get() < 0) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("{}: there is no terminal to ask for it", where),
                "name a file as @FILE, or set it in the environment");
  }
  const auto write = [&](const std::string& text) {
    return ::write(terminal.get(), text.data(), text.size()) >= 0;
  };
  constexpr char interrupt = 3;
  constexpr char end = 4;
  std::string secret;
  char key = 0;
  {
    const SilentTerminal silent(terminal.get());
    write(where + " (what you type is not shown): ");
    while (true) {
      const ssize_t count = ::read(terminal.get(), &key, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0 || key == '\n' || key == '\r' || key == interrupt || key == end) break;
      if (key == '\b' || key == '\x7f') {
        if (!secret.empty()) secret.pop_back();
      } else {
        secret += key;
      }
    }
  }
  write("\n");
  if (key == interrupt) return fail(ErrorCode::cancelled, where + ": nothing was typed");
  if (!secret.empty()) return secret;
  return fail(ErrorCode::invalid_argument, where + ": nothing was typed");
}

}  // namespace

std::vector<std::string> shown_texts(const Option& option, std::vector<std::string> texts) {
  for (std::string& text : texts) {
    if (const auto open = open_part(option, text)) text = *open + std::string(hidden_secret);
  }
  return texts;
}

Result<std::vector<std::string>> kept_texts(const Option& option, std::vector<std::string> texts,
                                            const std::vector<std::string>& stored) {
  for (std::string& text : texts) {
    const auto open = open_part(option, text);
    if (!open || text != *open + std::string(hidden_secret)) continue;
    // Of two that name the same option the last one holds.
    const auto before = std::find_if(stored.rbegin(), stored.rend(), [&](const std::string& old) {
      return open_part(option, old) == open;
    });
    if (before == stored.rend()) {
      return fail(ErrorCode::invalid_argument,
                  fmt::format("{}: {} stands for a stored secret, and none is stored",
                              config_key(option), text),
                  "send the secret itself, or leave it out");
    }
    text = *before;
  }
  return texts;
}

bool holds_secret(const Option& option, std::string_view typed) {
  const auto open = open_part(option, typed);
  if (!open) return false;
  const std::string_view secret = typed.substr(open->size());
  return !secret.empty() && secret != "-" && !secret.starts_with('@');
}

Result<std::vector<std::string>> typed_texts(const Option& option, const std::string& where,
                                             std::vector<std::string> texts) {
  for (std::string& text : texts) {
    const auto open = open_part(option, text);
    if (!open) continue;
    const std::string typed = text.substr(open->size());
    std::string name = where;
    if (!open->empty()) name += " " + open->substr(0, open->size() - 1);
    if (typed == "-") {
      text = *open + TRY(ask_for(name));
    } else if (typed.starts_with('@')) {
      text = *open + TRY(first_line(name, typed.substr(1)));
    } else if (holds_secret(option, text)) {
      return is_open(name);
    }
  }
  return texts;
}

std::vector<SecretVariable> secret_variables() {
  std::vector<SecretVariable> variables;
  for (const EngineEntry& engine : engine_table()) {
    for (const OptionUse& use : engine.option_uses) {
      if (use.kind != OptionKind::secret) continue;
      std::string name = fmt::format("TENFOLD_{}_{}", engine.id, use.name);
      for (char& letter : name) letter = static_cast<char>(std::toupper(letter));
      variables.push_back({std::move(name), fmt::format("{}.{}=", engine.id, use.name)});
    }
  }
  return variables;
}

}  // namespace tenfold
