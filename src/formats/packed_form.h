// The "quantization" of a config.json, as mlx-lm's converter writes it.
#pragma once

#include "formats/config_fields.h"
#include "formats/decoder_spec.h"
#include "tenfold/result.h"

namespace tenfold {

/// Fills DecoderSpec::packed and packed_by_name from the whole configuration. unsupported, naming
/// it, for what other tools than mlx-lm have quantized, and for modes that are not computed.
Result<void> read_packed_forms(const ConfigFields& config, DecoderSpec& spec);

}  // namespace tenfold
