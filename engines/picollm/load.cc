#include "load.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/machine.h"
#include "dialogs.h"
#include "engine/options.h"
#include "formats/detect.h"
#include "generation/load_checks.h"
#include "key_check.h"

namespace tenfold::picollm {
namespace {

/// What the library takes beside the weights, at the least: itself.
constexpr std::uint64_t library_bytes = std::uint64_t{5} << 20;

struct Device {
  std::string name;  ///< for the library
  int threads = 1;   ///< of the processor; 1 feeds a GPU
};

bool has_gpu(const Api& api) { return list_devices(api).find("gpu") != std::string::npos; }

Device processor(int threads) {
  if (threads == 0) threads = usable_cores();
  return {fmt::format("cpu:{}", threads), threads};
}

/// The number after the colon of "cpu:2"; nothing if that is none.
std::optional<int> number_in(std::string_view device) {
  const std::string_view digits = device.substr(std::min(device.size(), std::size_t{4}));
  const bool is_number = !digits.empty() && digits.size() < 5 &&
                         digits.find_first_not_of("0123456789") == std::string_view::npos;
  return is_number ? std::optional(std::stoi(std::string(digits))) : std::nullopt;
}

/// Never leaves the number of threads to the library, so that what is in force is known.
Result<Device> choose_device(const Api& api, const std::string& wanted, int threads) {
  if (wanted == "best") return has_gpu(api) && threads == 0 ? Device{wanted} : processor(threads);
  if (wanted == "cpu") return processor(threads);
  const std::optional<int> number = number_in(wanted);
  if (wanted == "gpu" || (wanted.starts_with("gpu:") && number)) return Device{wanted};
  if (!wanted.starts_with("cpu:") || !number || *number < 1) {
    return fail(ErrorCode::invalid_argument,
                fmt::format("the engine option device cannot be {}", wanted),
                "write best, cpu, cpu:N for N threads, gpu, or gpu:N for the one of that number");
  }
  if (threads == 0 || threads == *number) return Device{wanted, *number};
  return fail(ErrorCode::invalid_argument,
              fmt::format("the engine option device is {}, but threads is {}", wanted, threads),
              "leave out one of them");
}

Result<void> check_file(const std::string& path) {
  const auto source = TRY(open_file_source(path));
  const std::string_view format = TRY(detect_format(*source, path));
  if (format == "pllm") return {};
  return fail(ErrorCode::bad_model, fmt::format("{} is no .pllm file; it is {}", path, format),
              "leave out --engine to have the engine chosen that opens it");
}

Result<std::optional<ContextFile>> context_file(const OptionValues& values,
                                                const std::string& model) {
  const std::string& folder = values.text("context_folder");
  if (folder.empty()) return std::optional<ContextFile>();
  if (!values.flag("context_caching")) {
    return fail(ErrorCode::invalid_argument,
                "the engine option context_folder needs context_caching, which is off",
                "add --engine-option picollm.context_caching=true, or leave out "
                "picollm.context_folder");
  }
  return std::optional(TRY(ContextFile::in(folder, model)));
}

}  // namespace

std::vector<OptionSpec> option_specs() {
  OptionSpec key{
      "access_key",
      std::string(),
      "AccessKey from https://console.picovoice.ai, which Picovoice's server checks when "
      "a model is loaded.",
      {}};
  key.kind = OptionKind::secret;
  OptionSpec context{"context_folder",
                     std::string(),
                     "A folder that keeps the context from one load of a model to the next, in a "
                     "file for each model; needs context_caching. Empty: none.",
                     {}};
  context.kind = OptionKind::folder;
  return {
      std::move(key),
      std::move(context),
      {"device",
       std::string("best"),
       "Where to compute: best (a GPU if there is one), gpu, gpu:N, cpu, or cpu:N with N "
       "threads; the number of threads counts for cpu alone.",
       {}},
      {"context_caching",
       false,
       "Keep what was read of a prompt for the next one that begins the same, if the model can.",
       {}}};
}

Result<LoadedModel> load(const ResolvedModel& wanted, const LoadOptions& options,
                         const OnProgress& on_progress) {
  const auto go_on = [&](double share) -> Result<void> {
    if (!on_progress || on_progress(share)) return {};
    return fail(ErrorCode::cancelled, "cancelled while the model was loaded");
  };
  const std::string path = wanted.path;
  const OptionValues values(options, option_specs());
  TRY(check_file(path));
  const std::uint64_t weights = TRY(open_file_source(path))->size();
  TRY(check_memory(path, {.weights = weights, .buffers = library_bytes}, options));
  if (values.text("access_key").empty()) {
    return fail(ErrorCode::license, "picoLLM needs an AccessKey from Picovoice, and none is given",
                "make one at https://console.picovoice.ai (free for open-weight models) and give "
                "it as the engine option picollm.access_key: see docs/picollm.md");
  }
  const Api& api = *TRY(load_api());
  const Device device = TRY(choose_device(api, values.text("device"), options.threads));
  LoadedModel loaded;
  loaded.context = TRY(context_file(values, path));
  const bool goes_on = loaded.context && TRY(loaded.context->exists());
  TRY(go_on(0));
  loaded.model = TRY(open_model({.path = path,
                                 .access_key = values.text("access_key"),
                                 .device = device.name,
                                 .context_caching = values.flag("context_caching"),
                                 .context = goes_on ? loaded.context->path() : ""},
                                [&] { return go_on(0).ok(); }));
  TRY(go_on(1));
  const Model& model = *loaded.model;
  ModelInfo& info = loaded.info;
  info.path = path;
  info.format = "pllm";
  info.architecture = short_name(model.name());
  info.description = fmt::format("{} on {}", model.name(), device.name);
  info.parameters = wanted.parameters;
  info.weight_bytes = weights;
  info.trained_context_size = info.context_size = model.context_size();
  info.threads = device.threads;
  info.chat_template = chat_template(model.name());
  info.sampling = wanted.sampling;
  if (!info.chat_template.empty()) loaded.dialog = TRY(ChatTemplate::create(info.chat_template));
  return loaded;
}

}  // namespace tenfold::picollm
