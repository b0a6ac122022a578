#include "cli/completion.h"

#include <fmt/format.h>

#include "cli/command.h"
#include "cli/options.h"
#include "engine/table.h"

namespace tenfold {
namespace {

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char letter : text)
    out += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return out + "'";
}

/// Of these commands a word is, or can be, a model's name.
bool takes_models(std::string_view command) {
  constexpr std::string_view names[] = {"run", "rm", "inspect", "show", "verify"};
  for (const std::string_view name : names) {
    if (name == command) return true;
  }
  return false;
}

template <typename Use>
void for_options_of(const Command& command, const Use& use) {
  for (const Option& option : option_table()) {
    if ((option.commands & command.bit) != 0) use(option);
  }
}

/// What can stand after an option, as words; empty: anything.
std::string values_of(const Option& option) {
  if (option.name != "engine") return std::string(option.choices);
  std::string ids;
  for (const EngineEntry& entry : engine_table())
    ids += (ids.empty() ? "" : " ") + std::string(entry.id);
  return ids;
}

constexpr std::string_view models_now = "tenfold completion models 2>/dev/null";

std::string bash_script() {
  std::string commands;
  std::string values;
  std::string options;
  std::string with_models;
  for (const Command& command : command_table()) {
    commands += fmt::format("{} ", command.name);
    if (takes_models(command.name))
      with_models += fmt::format("{}{}", with_models.empty() ? "" : "|", command.name);
    options += fmt::format("    {}) words='", command.name);
    for_options_of(command,
                   [&](const Option& option) { options += fmt::format("--{} ", option.name); });
    options += "--help' ;;\n";
  }
  for (const Option& option : option_table()) {
    const std::string words = values_of(option);
    if (!words.empty()) values += fmt::format("    --{}) words='{}' ;;\n", option.name, words);
  }
  return fmt::format(R"(# Completion of tenfold for bash: source this file, or put it into
# ~/.local/share/bash-completion/completions/tenfold
_tenfold() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{}help version' -- "$word"))
    return
  fi
  case ${{COMP_WORDS[COMP_CWORD - 1]}} in
    -m|--model) words=$({}) ;;
{}  esac
  [ -n "$words" ] || case $word in
    -*) case ${{COMP_WORDS[1]}} in
{}    esac ;;
    *) case ${{COMP_WORDS[1]}} in
      {}) words=$({}) ;;
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -o default -F _tenfold tenfold
)",
                     commands, models_now, values, options, with_models, models_now);
}

/// "NAME:what it is" as zsh's _describe reads it.
std::string described(const std::string& name, std::string_view what) {
  std::string text;
  for (const char letter : what)
    text += letter == ':' ? std::string("\\:") : std::string(1, letter);
  return shell_quoted(name + ":" + text) + " ";
}

std::string zsh_script() {
  std::string commands;
  std::string options;
  std::string values;
  std::string with_models;
  for (const Command& command : command_table()) {
    commands += described(std::string(command.name), command.summary);
    if (takes_models(command.name))
      with_models += fmt::format("{}{}", with_models.empty() ? "" : "|", command.name);
    options += fmt::format("    {}) options=(", command.name);
    for_options_of(command, [&](const Option& option) {
      options += described(fmt::format("--{}", option.name), option.help);
    });
    options += "'--help:show the options') ;;\n";
  }
  for (const Option& option : option_table()) {
    const std::string words = values_of(option);
    if (!words.empty())
      values += fmt::format("    --{}) compadd -- {}; return ;;\n", option.name, words);
  }
  return fmt::format(R"zsh(#compdef tenfold
# Completion of tenfold for zsh: put this file as _tenfold into a folder of $fpath.
_tenfold() {{
  local -a commands options
  if (( CURRENT == 2 )); then
    commands=({}'help:show the options of a command' 'version:show the version')
    _describe command commands
    return
  fi
  case $words[CURRENT-1] in
    -m|--model) compadd -- ${{(f)"$({})"}}; _files; return ;;
{}  esac
  case $words[2] in
{}  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
    return
  fi
  case $words[2] in
    {}) compadd -- ${{(f)"$({})"}} ;;
  esac
  _files
}}
compdef _tenfold tenfold
)zsh",
                     commands, models_now, values, options, with_models, models_now);
}

std::string fish_script() {
  std::string script =
      "# Completion of tenfold for fish: put this file into "
      "~/.config/fish/completions/tenfold.fish\n"
      "complete -c tenfold -n __fish_use_subcommand -f -a help -d 'show the options of a command'\n"
      "complete -c tenfold -n __fish_use_subcommand -f -a version -d 'show the version'\n";
  for (const Command& command : command_table()) {
    script += fmt::format("complete -c tenfold -n __fish_use_subcommand -f -a {} -d {}\n",
                          command.name, shell_quoted(command.summary));
    const std::string within =
        fmt::format("complete -c tenfold -n '__fish_seen_subcommand_from {}'", command.name);
    if (takes_models(command.name)) script += fmt::format("{} -a '({})'\n", within, models_now);
    for_options_of(command, [&](const Option& option) {
      script += fmt::format("{} -l {}", within, option.name);
      if (option.letter != '\0') script += fmt::format(" -s {}", option.letter);
      if (option.type != OptionType::flag) script += " -r";
      const std::string words =
          option.name == "model" ? fmt::format("({})", models_now) : values_of(option);
      if (!words.empty()) script += " -a " + shell_quoted(words);
      script += fmt::format(" -d {}\n", shell_quoted(option.help));
    });
  }
  return script;
}

/// Text in which no line is a request of troff, and backslashes and dashes are themselves.
std::string roff(std::string_view text) {
  std::string out;
  bool starts_line = true;
  for (const char letter : text) {
    if (starts_line && (letter == '.' || letter == '\'')) out += "\\&";
    if (letter == '\\') {
      out += "\\e";
    } else {
      if (letter == '-') out += '\\';
      out += letter;
    }
    starts_line = letter == '\n';
  }
  return out;
}

std::string manual_option(const Option& option) {
  std::string head = option.letter == '\0' ? "" : fmt::format("\\fB\\-{}\\fR, ", option.letter);
  head += fmt::format("\\fB{}\\fR", roff(fmt::format("--{}", option.name)));
  if (!option.value_name.empty()) head += fmt::format(" \\fI{}\\fR", roff(option.value_name));
  std::string text(option.help);
  if (option.repeatable) text += "; may be repeated";
  if (!option.default_text.empty()) text += fmt::format(" [{}]", option.default_text);
  if (option.default_text.empty() && !option.unset.empty())
    text += fmt::format(" [{}]", option.unset);
  return fmt::format(".TP\n{}\n{}\n", head, roff(text));
}

}  // namespace

Result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash") return bash_script();
  if (shell == "zsh") return zsh_script();
  if (shell == "fish") return fish_script();
  return fail(ErrorCode::invalid_argument, fmt::format("there is no completion for \"{}\"", shell),
              "bash, zsh and fish have one");
}

std::string manual_page() {
  std::string page = ".TH TENFOLD 1 \"\" \"tenfold " TENFOLD_VERSION
                     "\" \"User commands\"\n"
                     ".SH NAME\ntenfold \\- runs language models on this machine\n"
                     ".SH SYNOPSIS\n.B tenfold\n.I COMMAND\n[\\fIOPTIONS\\fR]\n.SH COMMANDS\n";
  for (const Command& command : command_table()) {
    page += fmt::format(".SS {} {}\n{}.\n", command.name, roff(command.word_name),
                        roff(command.summary));
    if (!command.details.empty()) page += fmt::format(".PP\n.nf\n{}.fi\n", roff(command.details));
  }
  page +=
      ".SH OPTIONS\nEach command has some of them; \\fBtenfold help\\fR \\fICOMMAND\\fR lists "
      "those.\n";
  for (const Option& option : option_table()) page += manual_option(option);
  page +=
      ".SH ENVIRONMENT\nAn option such as \\fB\\-\\-max\\-tokens\\fR can also be set by the "
      "variable\n"
      "\\fBTENFOLD_MAX_TOKENS\\fR, or by the key \\fBmax_tokens\\fR of \\fIconfig.json\\fR in the "
      "folder\n"
      "of the configuration. The command line comes before the environment, and that before the "
      "file.\n"
      ".TP\n\\fBTENFOLD_HOME\\fR\nthe folder of everything that Tenfold keeps\n"
      ".TP\n\\fBTENFOLD_OFFLINE\\fR\nwhere it is 1, nothing is downloaded\n"
      ".TP\n\\fBHF_TOKEN\\fR\nopens gated models of the hub\n";
  return page + fmt::format(".SH EXIT STATUS\n.nf\n{}.fi\n", roff(exit_code_help));
}

}  // namespace tenfold
