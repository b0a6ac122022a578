#include "server/app/settings/served.h"

#include "chat/parameters.h"
#include "engine/sampling.h"

namespace tenfold::server {

Sampling ServedSettings::sampling() const {
  const auto settings = read_generation(generation());
  return settings.ok() ? settings->request.sampling : Sampling();
}

Sampling ServedSettings::sampling_of(const std::string& model) const {
  Sampling asked = sampling();
  fill_sampling(asked, preset(model));
  return asked;
}

}  // namespace tenfold::server
