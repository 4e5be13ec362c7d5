#pragma once

#include <stop_token>
#include <thread>

namespace catwalk::apps {

/// Turns the first SIGINT or SIGTERM into a stop request; a second one ends the process as usual. Made once, by the main
/// thread before any other starts, since threads inherit which signals are held back.
class StopSignals {
 public:
  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  void Listen(const std::stop_token& done);

  std::stop_source source_;
  std::jthread listener_;
};

}  // namespace catwalk::apps
