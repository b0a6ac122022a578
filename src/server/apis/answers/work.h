// Work of the scheduler that is no answer, for handlers that wait for it.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "server/apis/services.h"
#include "server/http/exchange.h"
#include "service/scheduler.h"

namespace tenfold::server {

/// Has the work done on the loaded model and returns how it ended; it is asked to stop when the
/// client goes. What `task.work` refers to may be the caller's own variables.
boost::asio::awaitable<Result<void>> run_work(Exchange& exchange, Services& services,
                                              WorkTask task);

}  // namespace tenfold::server
