#include "server/app/settings/served.h"

#include "chat/parameters.h"

namespace tenfold::server {

Sampling ServedSettings::sampling() const {
  const auto settings = read_generation(generation());
  return settings.ok() ? settings->request.sampling : Sampling();
}

}  // namespace tenfold::server
