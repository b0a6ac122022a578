// What the functions take and give is said by mlc_llm's cpp/serve/model.cc and function_table.cc.
#include "network.h"

#include <fmt/format.h>

#include <numeric>
#include <utility>
#include <vector>

#include "parallel.h"

namespace tenfold::mlc {
namespace {

constexpr std::int64_t pooled = 2;  // memory that is given back is kept for the next call
/// A function that gives logits of all tokens takes room for a whole chunk, however few come.
constexpr std::int64_t most_logits_bytes = std::int64_t{256} << 20;

}  // namespace

std::optional<ffi::Function> Network::find(const char* name) const {
  const ffi::Optional<ffi::Function> found = (*machine_)->GetFunction(name, true);
  if (!found.has_value()) return {};
  return found.value();
}

Result<std::unique_ptr<Network>> Network::load(const std::filesystem::path& library) {
  const std::string path = library;
  take_over_parallel_loops();
  std::unique_ptr<Network> network(new Network);
  auto loaded = guarded([&]() -> Result<std::string> {
    const ffi::Module file = ffi::Module::LoadFromFile(path);
    const ffi::Optional<ffi::Function> executable = file->GetFunction("vm_load_executable", true);
    if (!executable.has_value()) return std::string();
    network->machine_ = executable.value()().cast<ffi::Module>();
    const auto device = static_cast<int>(kDLCPU);
    (*network->machine_)
        ->GetFunction("vm_initialization")
        .value()(device, 0, pooled, device, 0, pooled);
    const auto metadata = network->find("_metadata");
    if (!metadata) return std::string();
    return std::string((*metadata)().cast<ffi::String>());
  });
  const char* const again = "compile it again with `tenfold compile FOLDER`";
  if (!loaded.ok()) {
    return fail(ErrorCode::bad_model,
                fmt::format("the library {} cannot be loaded by TVM {}: {}", path,
                            framework_version(), loaded.error().message),
                again);
  }
  if (loaded->empty()) {
    return fail(ErrorCode::bad_model, fmt::format("the library {} holds no model", path), again);
  }
  network->metadata_ = TRY(read_metadata(*loaded, path));
  TRY(check_processor(network->metadata_, path));
  TRY(guarded([&] { return network->take_functions(path); }));
  return network;
}

Result<void> Network::take_functions(const std::string& library) {
  const auto missing = [&](const char* name) {
    return fail(ErrorCode::bad_model,
                fmt::format("the library {} has no function {}", library, name),
                "compile it again with `tenfold compile FOLDER`");
  };
  const auto take = [&](std::optional<ffi::Function>& function, const char* name,
                        bool is_needed) -> Result<void> {
    function = find(name);
    if (is_needed && !function) return missing(name);
    return {};
  };
  const bool has_batches = metadata_.batch > 1;
  TRY(take(embed_, "embed", true));
  TRY(take(prefill_, "prefill", true));
  TRY(take(decode_, "decode", true));
  TRY(take(create_cache_, "create_tir_paged_kv_cache", true));
  TRY(take(batch_prefill_, "batch_prefill", has_batches));
  TRY(take(batch_decode_, "batch_decode", has_batches));
  return take(verify_, "batch_verify", false);
}

void Network::make_cache(int sequences, int context) {
  cache_.emplace(*create_cache_, metadata_, sequences, context);
}

std::int64_t Network::most_rows(std::int64_t vocabulary) const {
  const auto bytes = static_cast<std::int64_t>(sizeof(float)) * vocabulary;
  if (verify_ && metadata_.prefill_chunk * bytes <= most_logits_bytes) {
    return metadata_.prefill_chunk;
  }
  return batch_prefill_ ? metadata_.batch : 1;
}

ffi::Tensor Network::logits(std::span<const std::int32_t> tokens, std::span<const Appended> parts,
                            Rows rows) {
  const ffi::Tensor embedded = (*embed_)(integers(tokens), weights_).cast<ffi::Tensor>();
  return cache_->forward(parts, [&] {
    const ffi::Tensor given = call(embedded, parts, rows);
    const auto wanted = rows == Rows::all ? tokens.size() : parts.size();
    const DLDataType type = given.dtype();
    if (given.ndim() != 3 || given.size(0) * given.size(1) != static_cast<std::int64_t>(wanted) ||
        type.code != kDLFloat || type.bits != 32 || type.lanes != 1 || !given.IsContiguous()) {
      throw std::runtime_error("the library gave logits of another form than it should");
    }
    return given;
  });
}

ffi::Tensor Network::call(const ffi::Tensor& embedded, std::span<const Appended> parts,
                          Rows rows) const {
  const std::int64_t tokens = embedded.size(0);
  const std::int64_t width = embedded.size(1);
  const auto sequences = static_cast<std::int64_t>(parts.size());
  const ffi::Tensor in_a_row = reshaped(embedded, {1, tokens, width});
  const auto first_of = [](const ffi::Any& result) {
    return result.cast<ffi::Array<ffi::Any>>()[0].cast<ffi::Tensor>();
  };
  if (tokens == sequences) {
    if (sequences == 1) return first_of((*decode_)(in_a_row, cache_->state(), weights_));
    return first_of(
        (*batch_decode_)(reshaped(embedded, {tokens, 1, width}), cache_->state(), weights_));
  }
  if (rows == Rows::last && sequences == 1) {
    return first_of((*prefill_)(in_a_row, cache_->state(), weights_));
  }
  std::vector<std::int32_t> positions;
  if (rows == Rows::last) {
    std::int32_t end = 0;
    for (const Appended& part : parts) positions.push_back((end += part.count) - 1);
  } else if (tokens > metadata_.batch) {
    return first_of((*verify_)(in_a_row, cache_->state(), weights_));
  } else {
    positions.resize(static_cast<std::size_t>(tokens));
    std::iota(positions.begin(), positions.end(), 0);
  }
  return first_of((*batch_prefill_)(in_a_row, integers(positions), cache_->state(), weights_));
}

}  // namespace tenfold::mlc
