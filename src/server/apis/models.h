// The models that requests may name: those of the store, and what the server was started with.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>
#include <string>
#include <vector>

#include "models/store.h"
#include "server/apis/services.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// Replaces what a request says of its model by what the scheduler is to load. An empty name is the
/// default model; ":latest", as Ollama's clients add it, is dropped. not_found for anything that is
/// no model of the store: requests name no files. Conversations that bring no system message get
/// the one the model answers best with, as on the command line. Blocks for a moment.
Result<void> settle_model(const Services& services, ModelUse& use, std::span<Request> requests);

/// What that makes of a model's name.
Result<std::string> settled_name(const Services& services, const std::string& model);

/// Blocks for a moment.
Result<std::vector<StoredModel>> list_models(ModelStore& store);
/// not_found with what to do about it.
Result<StoredModel> stored_model(ModelStore& store, std::string_view name);

/// Unloads the model and takes it out of the store; see remove_model(). Blocks.
Result<void> unload_and_remove(const Services& services, std::string_view name);

}  // namespace tenfold::server
