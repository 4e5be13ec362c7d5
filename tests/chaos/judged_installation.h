#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/chaos/crash_tally.h"
#include "tests/chaos/workload.h"
#include "tests/integration/installation.h"

namespace catwalk::chaos {

/// For the processes of this test to inherit: who is dead is given up soon, and so is what it left open.
void LimitPatience();

/// Whether members are of the protocol of KIP-848: CATWALK_KAFKA_GROUP_PROTOCOL=consumer runs a whole suite with them.
bool NextProtocol();

/// An installation with small transactions, the input it is given, and the oracle's eye on what it leaves.
class JudgedInstallation {
 public:
  /// `bootstrap` empty: the embedded log. `route`: the way of Catwalk to the broker, if it is not the test's own.
  JudgedInstallation(uint64_t seed, std::string bootstrap, const std::string& route = "");

  bool on_kafka() const { return !bootstrap_.empty(); }
  const tests::Installation& installation() const { return installation_; }
  std::string StateDir() const { return installation_.StateDir(); }

  /// Adds lines to the configuration file.
  void Configure(const std::string& yaml) { installation_.Configure(yaml); }
  /// Adds `events` to the input. On the embedded log while no process runs.
  void Append(int events);
  /// A process beside the first, and when it has come so far that it runs; `settings`: its own, as NAME=VALUE of the environment.
  std::unique_ptr<tests::Process> StartSecond(const std::vector<std::string>& settings = {}) const;
  /// Another start of the first one, until it runs; `through`: a command that runs what follows it, `args`: more for the program.
  std::unique_ptr<tests::Process> StartFirst(std::vector<std::string> through = {}, std::vector<std::string> args = {}) const;
  /// Whether every event so far that wants a list has one.
  bool AllListsAreThere() const;

  /// One process works off what there is, all tasks its own; then what is left must be right, or the test fails.
  void EndAndJudge(CrashTally* tally);
  void RunToEnd();
  Evidence Collect() const;

 private:
  void AwaitSessions() const;

  const std::string bootstrap_;
  tests::Installation installation_;
  schemas::TopicNames names_;
  Workload workload_;
};

}  // namespace catwalk::chaos
