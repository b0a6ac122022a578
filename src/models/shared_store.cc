#include "models/shared_store.h"

#include <sys/stat.h>
#include <unistd.h>

#include "models/place.h"
#include "models/rebuild.h"

namespace tenfold {

Result<void> SharedStore::open() {
  struct stat index {};
  const bool there = ::stat(index_path().c_str(), &index) == 0;
  const bool same = there && index.st_dev == device_ && index.st_ino == file_;
  if (store_ && same && ::access(models_folder().c_str(), W_OK) == 0) return {};
  if (store_ && !same) store_->abandon();
  store_.reset();
  store_ = TRY(ModelStore::open());
  if (::stat(index_path().c_str(), &index) != 0) index = {};
  device_ = index.st_dev;
  file_ = index.st_ino;
  return {};
}

}  // namespace tenfold
