// How a model's publisher, or the catalogue that it comes from, recommends to sample it.
#pragma once

#include "formats/description.h"
#include "models/store.h"

namespace tenfold {

/// What the model's files recommend, and before it, value by value, its entry in a catalogue: the
/// one with the digest of its file or, where the entry has none, the one it was pulled by.
/// `stored`: nullptr for a model that is not in the store.
Sampling recommended_sampling(const ModelDescription& model, const StoredModel* stored);

}  // namespace tenfold
