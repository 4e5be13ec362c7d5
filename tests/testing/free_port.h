#pragma once

#include <cstdint>

#include "base/status.h"

namespace catwalk::tests {

/// A TCP port of 127.0.0.1 that nothing is bound to now, below the range the system gives to outgoing connections, so
/// that it stays free while the one who listens there restarts. Where port 0 can be bound, bind that instead.
Result<uint16_t> FreePort();

}  // namespace catwalk::tests
