// The settings that the server's page shows and changes: those of this program.
#pragma once

#include "cli/settings.h"
#include "models/store.h"
#include "server/app/settings/served.h"

namespace tenfold {

/// `active` are those the server started with, and `given` those of its command line; `store`
/// knows the models that presets name.
server::ServedSettings served_settings(const Settings& active, const GivenOptions& given,
                                       const SettingsSource& source, const ModelStore& store);

}  // namespace tenfold
