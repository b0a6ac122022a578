#include "cli/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <deque>
#include <vector>

namespace tenfold {
namespace {

constexpr unsigned answering = in_run | in_chat;
constexpr unsigned loading = answering | in_bench | in_score;
constexpr unsigned opening = loading | in_verify;  // but for what concerns one engine or model
constexpr unsigned serving = in_serve | in_app;
constexpr unsigned storing = in_import | in_adopt | in_rm | in_gc | in_du;
constexpr unsigned every =
    opening | in_engines | in_pull | in_search | in_list | in_inspect | in_compile | storing;
constexpr double most_tokens = 1 << 24;
constexpr double smallest = 1e-6;  // that is taken where 0 itself is not
using enum OptionType;

constexpr auto own_options = std::to_array<Option>({
    {"model", 'm', text, "NAME|PATH", "smollm2-135m-instruct",
     "the model: a name from `tenfold list`, or the path of a model file", loading | serving},
    {"engine", '\0', text, "ID", "",
     "the engine to use, or to search models for; without it, any that opens the format",
     opening | in_search},
    {"format", '\0', text, "FORMAT", "", "only models of this format, e.g. gguf", in_search, 0, 0,
     false, OptionScope::command_line},
    {"fits", '\0', flag, "", "", "only models that fit into the memory that is free now", in_search,
     0, 0, false, OptionScope::command_line},
    {"system", '\0', text, "TEXT", "",
     "system message at the start of the conversation; if not set, the catalogue's for its models",
     answering},
    {"raw", '\0', flag, "", "", "give the prompt to the model as it is, without its chat template",
     in_run},
    {"continue", '\0', flag, "", "", "go on with the last conversation", in_chat, 0, 0, false,
     OptionScope::command_line},
    {"conversation", '\0', integer, "ID", "", "go on with this conversation", in_chat, 1, 1e15,
     false, OptionScope::command_line},

    {"think", '\0', text, "HOW", "",
     "on, off, an effort (low, medium, high) or the most tokens of a thought; several with commas",
     answering},
    {"logit-bias", '\0', text, "ID=VALUE", "",
     "add VALUE to the logit of the token ID; -inf bans it", answering, 0, 0, true},
    {"logprobs", '\0', integer, "N", "",
     "with --json: log-probabilities of each token and the N most likely", in_run, 0, 20},
    {"json-schema", '\0', text, "TEXT|@FILE", "", "the answer must be JSON that fits this schema",
     answering},
    {"regex", '\0', text, "TEXT|@FILE", "", "the answer must match this regular expression",
     answering},
    {"grammar", '\0', text, "TEXT|@FILE", "", "the answer must fit this Lark grammar", answering},
    {"deadline", '\0', number, "SECONDS", "", "end the answer after this time", answering, 0.001,
     86400},
    {"show-reasoning", '\0', flag, "", "", "show what the model thinks before it answers",
     answering},

    {"prompt-tokens", '\0', integers, "N,…", "512", "lengths of the prompts to measure", in_bench,
     1, most_tokens},
    {"generate-tokens", '\0', integers, "N,…", "128", "lengths of the answers to measure", in_bench,
     1, most_tokens},
    {"depth", '\0', integers, "N,…", "0", "tokens in the cache before each of them", in_bench, 0,
     most_tokens},
    {"repetitions", 'r', integer, "N", "5", "measured runs of each test", in_bench, 1, 1000},

    {"host", '\0', text, "ADDRESS", "127.0.0.1",
     "where to listen; anything but this machine's own address needs an API key", serving},
    {"port", '\0', integer, "N", "10010", "the port to listen on; 0: any free one", serving, 0,
     65535},
    {"api-key", '\0', secret, "@FILE|-", "",
     "a key that clients must send: the first line of a file, or with - asked for", serving},
    {"api-key-file", '\0', text, "FILE", "", "several keys with rights; see the help of serve",
     serving},
    {"allow-host", '\0', text, "NAME", "", "answer to this host name, too", serving, 0, 0, true},
    {"allow-origin", '\0', text, "ORIGIN", "",
     "let pages of this origin in, e.g. https://chat.example.org; *: of all", serving, 0, 0, true},
    {"parallel", '\0', integer, "N", "4", "answers at once of one model, where its engine can",
     serving, 1, 256},
    {"queue", '\0', integer, "N", "64", "requests that may wait for one model", serving, 1, 100000},
    {"idle-unload", '\0', number, "SECONDS", "300",
     "unload a model that nobody used for so long; -1: never", serving, -1, 1e7},
    {"no-failover", '\0', flag, "", "",
     "end an answer whose engine died with an error, instead of going on with it", serving},
    {"theme", '\0', text, "NAME", "system", "how the page looks: system, light or dark", serving, 0,
     0, false, OptionScope::everywhere, "system light dark"},

    {"ctx", '\0', integer, "N", "0", "context size in tokens; 0: the model's own, at most 8192",
     opening | in_inspect | serving, 0, most_tokens},
    {"threads", '\0', integer, "N", "0", "threads to compute with; 0: one per physical core",
     opening | serving | in_rpc_worker, 0, 1024},
    {"memory-limit", '\0', bytes, "SIZE", "", "refuse to load models that need more, e.g. 600M",
     opening | serving | in_rpc_worker},
    {"engine-option", '\0', text, "[ENGINE.]KEY=VALUE", "",
     "an option of the engine; `tenfold engines ID` lists them. A secret may be @FILE, or - to be "
     "asked for it",
     loading | serving, 0, 0, true},
    {"rpc", '\0', text, "HOST:PORT,…", "",
     "machines that hold layers of the model; `tenfold rpc-worker` runs there", loading | serving},
    {"rpc-layers", '\0', integer, "N", "",
     "how many of the last layers those machines hold; without it, all", loading | serving, 0,
     1 << 20},
    {"allow-unauthenticated", '\0', flag, "", "",
     "listen where other machines can reach it, although nobody is asked for a key", in_rpc_worker,
     0, 0, false, OptionScope::command_line},

    {"name", '\0', text, "NAME", "", "the model's name; if not set, made from the file's",
     in_import, 0, 0, false, OptionScope::command_line},
    {"copy", '\0', flag, "", "", "give Tenfold a copy of its own", in_import, 0, 0, false,
     OptionScope::command_line},
    {"move", '\0', flag, "", "", "give Tenfold the files themselves", in_import, 0, 0, false,
     OptionScope::command_line},
    {"dry-run", '\0', flag, "", "", "only say what would be done", in_adopt | in_gc, 0, 0, false,
     OptionScope::command_line},
    {"compiler", '\0', flag, "", "", "with `add mlc`: what `tenfold compile` needs", in_engines, 0,
     0, false, OptionScope::command_line},
    {"files", '\0', flag, "", "", "check the stored files instead", in_verify, 0, 0, false,
     OptionScope::command_line},

    {"json", '\0', flag, "", "", "print one JSON object instead of text", every & ~in_chat},
});

/// Text that lives as long as the program.
std::string_view keep(std::string text) {
  static std::deque<std::string> kept;
  return kept.emplace_back(std::move(text));
}

/// What the option of a request field is like by the type of its member.
struct FieldForm {
  OptionType type = text;
  bool repeatable = false;
  std::string unset = {};
};

std::string unset_text(double standard) { return fmt::format("the model's own, or {}", standard); }

FieldForm form_of(const SamplingMember<double>& member) {
  return {number, false, unset_text(ResolvedSampling().*member.decided)};
}
FieldForm form_of(const SamplingMember<int>& member) {
  return {integer, false, unset_text(ResolvedSampling().*member.decided)};
}
FieldForm form_of(std::optional<std::uint64_t> Sampling::*) { return {OptionType::seed}; }
FieldForm form_of(std::optional<int> Request::*) { return {integer}; }
FieldForm form_of(bool Request::*) { return {flag}; }
FieldForm form_of(std::vector<std::string> Request::*) { return {text, true}; }
template <typename Member>
FieldForm form_of(Member /*has a help text in no row*/) {
  return {};
}

Option option_of(const RequestField& field) {
  const FieldForm form =
      std::visit([](const auto& member) { return form_of(member); }, field.member);
  const unsigned commands = field.name == "max_tokens" ? answering | in_verify : answering;
  Option option{
      keep(option_name(field)), '\0', form.type, field.value_name, "", field.help, commands};
  option.minimum = field.range.above ? field.range.minimum + smallest : field.range.minimum;
  option.maximum = std::min(field.range.maximum, form.type == integer ? most_tokens : HUGE_VAL);
  option.repeatable = form.repeatable;
  option.unset = keep(form.unset);
  return option;
}

/// The fields of requests stand before the first option that is made by hand of one.
std::vector<Option> all_options() {
  std::vector<Option> all;
  for (const Option& option : own_options) {
    if (option.name == "logit-bias") {
      for (const RequestField& field : request_fields()) {
        if (!field.help.empty()) all.push_back(option_of(field));
      }
    }
    all.push_back(option);
  }
  return all;
}

}  // namespace

std::span<const Option> option_table() {
  static const std::vector<Option> options = all_options();
  return options;
}

const Option* find_option(std::string_view name) {
  const auto found = std::ranges::find(option_table(), name, &Option::name);
  return found == option_table().end() ? nullptr : &*found;
}

std::string option_name(const RequestField& field) {
  std::string name(field.name);
  std::ranges::replace(name, '_', '-');
  return name;
}

std::string environment_name(const Option& option) {
  std::string name = "TENFOLD_" + config_key(option);
  for (char& letter : name) letter = static_cast<char>(std::toupper(letter));
  return name;
}

std::string config_key(const Option& option) {
  std::string key(option.name);
  std::ranges::replace(key, '-', '_');
  return key;
}

}  // namespace tenfold
