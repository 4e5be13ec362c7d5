#pragma once

#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/status.h"
#include "serve/listen_address.h"
#include "serve/router.h"

namespace catwalk::serve {

struct HttpServerOptions {
  /// Default: 127.0.0.1:8080.
  ListenAddress listen;
  /// Larger bodies are refused with 413. Default: 1 MiB.
  uint64_t max_body_bytes = 1 << 20;
  /// Larger heads are refused with 431. Default: 16 KiB.
  uint32_t max_header_bytes = 16 << 10;
  /// Connections past this many get 503 and are closed. Default: 256.
  size_t max_connections = 256;
  /// From the last response (or the connection's start) until the next head is complete. Default: 60 s.
  std::chrono::milliseconds idle_timeout{60'000};
  /// For a body once its head is there. Default: 30 s.
  std::chrono::milliseconds read_timeout{30'000};
  /// For a response to leave. Default: 30 s.
  std::chrono::milliseconds write_timeout{30'000};
  /// How long Stop lets requests finish that are being answered. Default: 500 ms.
  std::chrono::milliseconds stop_grace{500};
  /// Threads for handlers that may block. Default: 2.
  int workers = 2;
};

/// HTTP/1.1 with keep-alive and pipelining for the routes of a router. The network has one thread of its own, so a slow
/// client costs no other; handlers that may block run on the workers.
class HttpServer {
 public:
  /// Listens and serves from then on. Counts requests and latency in `registry`; that, `clock` and what the handlers
  /// use must outlive the server. Errors say what to do: kAddressInUse, kInvalidArgument (not an address of this
  /// machine, no permission).
  static Result<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, Router router,
                                                   prometheus::Registry* registry, const Clock& clock);
  /// Stops.
  ~HttpServer();

  /// Where it listens, with the port it got.
  const ListenAddress& address() const;

  /// Takes no more connections, lets running requests finish for the grace, then drops the rest and the router with its
  /// handlers. Idempotent, from any thread but a handler's; takes less than a second as long as no handler blocks.
  void Stop();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace catwalk::serve
