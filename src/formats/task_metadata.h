// The message LlmParameters: the entry METADATA of a .task bundle.
#pragma once

#include <string_view>

#include "formats/bundle_metadata.h"

namespace tenfold {

/// Of the whole message. bad_model if it is damaged; unsupported if its tokenizer wants bytes
/// mapped to characters first, as that of GPT-2 does. `name` appears in messages.
Result<BundleMetadata> read_task_metadata(std::string_view bytes, const std::string& name);

}  // namespace tenfold
