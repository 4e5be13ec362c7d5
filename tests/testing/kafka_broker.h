#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::tests {

/// A node of a real Apache Kafka on loopback (see broker/), with a port and a data folder of its own: for tests that
/// kill it. The others share one, see KafkaEnvironment. Ends with this object, with this process, and with the thread
/// that made it. One thread at a time.
class KafkaBroker {
 public:
  /// Starts it and returns when a client gets its metadata, after about 3 s.
  /// kNotFound if Java or its jars are missing; kTimeout if it does not answer within three minutes.
  static Result<std::unique_ptr<KafkaBroker>> Start();
  /// The first of two: topics of coordinators have a copy on each, others so many copies, and one is enough to go on.
  static Result<std::unique_ptr<KafkaBroker>> StartFirstOfTwo(int data_copies);
  /// The second, which the first outlives: it alone decides who leads.
  static Result<std::unique_ptr<KafkaBroker>> StartSecond(const KafkaBroker& first);
  /// What a broker asks of brokers, of itself as well, comes to `port` of this one by way of `route`, "127.0.0.1:PORT".
  static Result<std::unique_ptr<KafkaBroker>> StartWithRoute(uint16_t port, const std::string& route);
  /// SIGTERM, and SIGKILL if that takes longer than 10 s; removes the data.
  ~KafkaBroker();

  /// Where it listens, "127.0.0.1:PORT"; the same after a restart.
  const std::string& Bootstrap() const { return bootstrap_; }
  /// Ends it at once (SIGKILL), as a power cut would but for what the system still writes to disk.
  void Kill();
  /// Ends it in order (SIGTERM): what it leads goes to the other one before.
  void Stop();
  /// Starts it again, with the same data and port; ends it before if it runs. Returns when a client gets its metadata.
  Status Restart();

 private:
  KafkaBroker() = default;
  static Result<std::unique_ptr<KafkaBroker>> Make(std::vector<std::string> more_args, std::map<std::string, std::string> env);
  Status Launch();
  Status AwaitAddress(std::chrono::steady_clock::time_point deadline);
  Status AwaitMetadata(std::chrono::steady_clock::time_point deadline);
  Status CheckRunning();

  TempDir dir_;
  std::vector<std::string> more_args_;
  std::map<std::string, std::string> env_;
  std::string bootstrap_;
  std::unique_ptr<Process> process_;
};

}  // namespace catwalk::tests
