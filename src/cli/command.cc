#include "cli/command.h"

#include <algorithm>
#include <array>

namespace tenfold {
namespace {

constexpr std::size_t any_number = static_cast<std::size_t>(-1);

constexpr auto commands = std::to_array<Command>({
    {"run", in_run, "[MODEL] [PROMPT…]", 0, any_number, "answer one prompt and exit",
     "A first word that is the name or the path of a model is MODEL, unless --model says another.\n"
     "The words of PROMPT are joined by spaces. When standard input is a pipe or a file, it is "
     "the\n"
     "prompt, or follows PROMPT after an empty line; one newline at its end is dropped. The "
     "answer\n"
     "goes to standard output as it is made; Ctrl-C stops it.\n",
     &run_command},
    {"chat", in_chat, "", 0, 0, "talk with a model; /help inside lists what can be typed",
     "Conversations are kept. Ctrl-C stops an answer; at the prompt, twice leaves. A line that "
     "ends\n"
     "with \\ goes on in the next one, and so does everything between two lines with \"\"\".\n",
     &chat_command},
    {"engines", in_engines, "[ID | add ID]", 0, 2, "list the ten engines, or the options of one",
     "`add` fetches and builds one that is absent. `add mlc --compiler` fetches what compiles "
     "models\n"
     "for MLC-LLM.\n",
     &engines_command},
    {"pull", in_pull, "MODEL", 1, 1, "download a model",
     "MODEL is a name from `tenfold search`, an https:// URL, or hf:OWNER/NAME[:FILE][@REVISION].\n"
     "FILE may also be a quantization such as q4_k_m; without it\n"
     "the repository must hold one model. An interrupted download goes on where it stopped when\n"
     "the command is run again. HF_TOKEN opens gated repositories; TENFOLD_OFFLINE=1 forbids all\n"
     "downloads. With --json, progress is one object a line, and so is the model at the end.\n",
     &pull_command},
    {"search", in_search, "[WORD…]", 0, any_number, "find models that can be pulled",
     "Lists the models of the built-in catalogue and of your own ones (CONFIG/catalogues/*.json)\n"
     "whose name, title or licence holds every WORD: size, whether it fits into the free memory,\n"
     "and the engines that open it. ~ marks a size that is only roughly known.\n",
     &search_command},
    {"list", in_list, "", 0, 0, "list the models that are here and those that can be pulled", "",
     &list_command},
    {"import", in_import, "PATH", 1, 1, "add a model file or folder that you have",
     "The files stay where they are, unless --copy or --move is given, and Tenfold never deletes\n"
     "them. The format is found out by content; shards and folders are one model.\n",
     &import_command},
    {"adopt", in_adopt, "", 0, 0, "add the models that other programs keep, where they lie",
     "Looks where Ollama, LM Studio, llama.cpp, GPT4All and the Hugging Face hub keep models, "
     "also\n"
     "where OLLAMA_MODELS, LLAMA_CACHE, HF_HUB_CACHE and HF_HOME say. Nothing is copied.\n",
     &adopt_command},
    {"rm", in_rm, "NAME…", 1, any_number, "remove models",
     "Files that Tenfold pulled, copied or moved are deleted; those used in place stay.\n",
     &rm_command},
    {"gc", in_gc, "", 0, 0, "clear what interruptions left, and entries whose files are gone", "",
     &gc_command},
    {"du", in_du, "", 0, 0, "show the disk space that models take", "", &du_command},
    {"inspect", in_inspect, "FILE", 1, 1,
     "show what a model file holds and how much memory it needs",
     "FILE may also be the name of a pulled model. Only the header is read.\n", &inspect_command},
    {"show", in_inspect, "NAME", 1, 1, "the same as inspect",
     "NAME may also be the path of a model file. Only the header is read.\n", &inspect_command},
    {"compile", in_compile, "MODEL", 1, 1, "make the library that a model of MLC-LLM lacks",
     "MODEL is a folder as mlc-ai publishes it, or the name of a pulled one. MLC-LLM computes "
     "with\n"
     "machine code made for each model and processor; it goes into Tenfold's cache. Needs what\n"
     "`tenfold engines add mlc --compiler` fetches, and a C++ compiler.\n",
     &compile_command},
    {"bench", in_bench, "", 0, 0, "measure the speed of a model",
     "ppN: evaluating a prompt of N random tokens. tgN: generating N tokens. Both after one\n"
     "run that is not counted, as llama-bench does, and from an empty cache; ppN@dD: after D "
     "tokens.\n",
     &bench_command},
    {"serve", in_serve, "", 0, 0,
     "answer over HTTP: OpenAI's, Anthropic's, Ollama's and our own API",
     "Only this machine can ask, unless --host says otherwise; then clients need an API key.\n"
     "--api-key-file is a JSON array: [{\"name\": \"me\", \"key\": \"…\", \"rights\": "
     "[\"answer\",\n"
     "\"observe\", \"manage\"]}], readable by its owner only. Requests name models as `tenfold "
     "list`\n"
     "does; one that names none gets --model. Models are loaded when they are asked for. Each\n"
     "request is a line of JSON on standard error, without what was said.\n",
     nullptr},
    {"app", in_app, "", 0, 0, "open the page in the browser: chat, models, benchmarks, monitor",
     "Starts the server, unless one runs on the port already, and stays until Ctrl-C. Without a\n"
     "screen the address is printed.\n",
     nullptr},
    {"rpc-worker", in_rpc_worker, "[ADDRESS:PORT]", 0, 1,
     "compute layers of a model that another machine runs",
     "Lends this machine's processor and memory to --rpc of another Tenfold, one client at a "
     "time.\n"
     "It listens on 127.0.0.1:50052 unless told otherwise. The protocol is llama.cpp's: without\n"
     "keys or encryption, and not made for hostile clients. So let clients come through a tunnel,\n"
     "  ssh -N -L 50052:127.0.0.1:50052 THAT-MACHINE\n"
     "or, in a network that you trust whole, give an IPv4 address and --allow-unauthenticated.\n",
     &rpc_worker_command},
    {"score", in_score, "[TEXT…]", 0, any_number, "log-probability of each token of a text",
     "The text is TEXT, or standard input when that is - or absent.\n", &score_command},
    {"verify", in_verify, "MODEL…", 0, any_number,
     "check that engines and formats of the same weights give the same answers",
     "Each MODEL, a name or a path, is opened with every installed engine that can, or with\n"
     "--engine alone, and answers the same dozen prompts greedily, with at most 32 tokens or\n"
     "--max-tokens. The first is the reference for all others. A run agrees when rendered prompts\n"
     "and token ids are the same, answers do not depend on what was asked before, and, counted\n"
     "along the reference's answers,\n"
     "  with 16 bits a weight or more: the most likely token is the same at 97 % of the "
     "positions,\n"
     "    mean KL divergence is at most 0.01 nats, and where an answer parts from the reference,\n"
     "    the log-probabilities of the two tokens moved by at most 0.5 against each other\n"
     "  with fewer bits: 75 % and 0.3 nats\n"
     "The exit code is 0 if all agree, and 1 if not.\n"
     "\n"
     "With --files, the stored files of each MODEL, or of all, are held against the sizes and\n"
     "SHA-256 of the index instead; the exit code is 3 if one is not what it was.\n",
     &verify_command},
    {"completion", in_completion, "SHELL", 1, 1, "print the script by which a shell completes",
     "SHELL is bash, zsh or fish: for this one, eval \"$(tenfold completion bash)\". With the "
     "word\n"
     "models instead, the names of the models that are here.\n",
     &completion_command},
    {"man", in_completion, "", 0, 0, "print the manual page",
     "To read it: tenfold man | man -l -\n", &man_command},
});

}  // namespace

std::span<const Command> command_table() { return commands; }

const Command* find_command(std::string_view name) {
  const auto found = std::ranges::find(commands, name, &Command::name);
  return found == commands.end() ? nullptr : &*found;
}

}  // namespace tenfold
