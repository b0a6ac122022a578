// The line editor, by libedit.
#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cwchar>

#include "cli/line_reader.h"

namespace tenfold {
namespace {

constexpr int history_size = 1000;

class TerminalReader : public LineReader {
 public:
  TerminalReader(Interrupts& interrupts, std::string history_path)
      : interrupts_(interrupts),
        history_path_(std::move(history_path)),
        editor_(el_init("tenfold", stdin, stdout, stderr), &el_end),
        history_(history_init(), &history_end) {
    HistEvent event;
    ::history(history_.get(), &event, H_SETSIZE, history_size);
    ::history(history_.get(), &event, H_SETUNIQUE, 1);
    ::history(history_.get(), &event, H_LOAD, history_path_.c_str());
    el_set(editor_.get(), EL_CLIENTDATA, this);
    el_set(editor_.get(), EL_PROMPT, &show_prompt);
    el_set(editor_.get(), EL_EDITOR, "emacs");
    el_set(editor_.get(), EL_HIST, ::history, history_.get());
    el_set(editor_.get(), EL_GETCFN, &get_character);
    el_set(editor_.get(), EL_BIND, "^R", "em-inc-search-prev", nullptr);
  }

  ReadLine read(const std::string& prompt) override {
    prompt_ = prompt;
    interrupted_ = false;
    int count = 0;
    const char* line = el_gets(editor_.get(), &count);
    if (interrupted_) {
      std::fputs("^C\n", stdout);
      el_reset(editor_.get());
      return {ReadLine::Kind::interrupted, {}};
    }
    if (line == nullptr || count <= 0) {
      std::fputs("\n", stdout);
      return {ReadLine::Kind::end, {}};
    }
    std::string text(line, static_cast<std::size_t>(count));
    if (text.ends_with('\n')) text.pop_back();
    return {ReadLine::Kind::line, std::move(text)};
  }

  void remember(const std::string& text) override {
    HistEvent event;
    ::history(history_.get(), &event, H_ENTER, text.c_str());
    // What was asked is as private as the conversations are.
    const mode_t mask = ::umask(077);
    ::history(history_.get(), &event, H_SAVE, history_path_.c_str());
    ::umask(mask);
  }

 private:
  static TerminalReader& of(EditLine* editor) {
    void* data = nullptr;
    el_get(editor, EL_CLIENTDATA, &data);
    return *static_cast<TerminalReader*>(data);
  }

  static char* show_prompt(EditLine* editor) { return of(editor).prompt_.data(); }

  /// Called by libedit for each character: waits for a key or Ctrl-C. 1: read; 0: end; -1: error.
  static int get_character(EditLine* editor, wchar_t* character) {
    TerminalReader& reader = of(editor);
    std::mbstate_t state{};
    while (true) {
      pollfd waiting[] = {{STDIN_FILENO, POLLIN, 0}, {reader.interrupts_.descriptor(), POLLIN, 0}};
      if (::poll(waiting, 2, -1) < 0) continue;
      if (reader.interrupts_.take()) {
        reader.interrupted_ = true;
        errno = EINTR;
        return -1;
      }
      char byte = 0;
      const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return static_cast<int>(count);
      const std::size_t converted = std::mbrtowc(character, &byte, 1, &state);
      if (converted == static_cast<std::size_t>(-2)) continue;  // more bytes of it are to come
      if (converted != static_cast<std::size_t>(-1)) return 1;
      state = {};  // not a character of this locale: drop it
    }
  }

  Interrupts& interrupts_;
  std::string history_path_;
  std::string prompt_;
  bool interrupted_ = false;
  std::unique_ptr<EditLine, void (*)(EditLine*)> editor_;
  std::unique_ptr<History, void (*)(History*)> history_;
};

}  // namespace

std::unique_ptr<LineReader> make_terminal_reader(Interrupts& interrupts,
                                                 const std::string& history_path) {
  return std::make_unique<TerminalReader>(interrupts, history_path);
}

}  // namespace tenfold
