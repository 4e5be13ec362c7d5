#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "schemas/outputs.pb.h"
#include "streams/log.h"
#include "tests/testing/process.h"
#include "tests/testing/temp_dir.h"

namespace catwalk::tests {

/// How a command ended.
struct Ended {
  int exit_code = -1;
  std::string out, err;
};

/// Runs the program to its end; -1 if it takes longer than two minutes.
Ended RunProgram(const std::vector<std::string>& args);

/// One Catwalk installation: topics of names of its own on a log, and state folders. On the embedded log the topics are in
/// the first state folder.
class Installation {
 public:
  /// `bootstrap` empty: the embedded log. `route`: where programs are told the broker is, if not there. Makes the topics.
  explicit Installation(std::string bootstrap, int partitions = 4, const std::string& route = "");

  bool on_kafka() const { return !bootstrap_.empty(); }
  std::string StateDir(int process = 0) const { return dir_ / ("state-" + std::to_string(process)); }
  std::string config_file() const { return dir_ / "catwalk.yaml"; }
  const TempDir& dir() const { return dir_; }
  std::string TopicName(const std::string& topic) const { return prefix_ + topic; }

  /// Adds lines to the configuration file.
  void Configure(const std::string& yaml);
  /// `command` with the flags that lead to this installation.
  Ended Run(const std::string& command, std::vector<std::string> args, int process = 0) const;
  /// `catwalk run`, in the background; `through`: a command that runs what follows it.
  std::unique_ptr<Process> Start(std::vector<std::string> args = {}, int process = 0,
                                 std::vector<std::string> through = {}) const;
  std::string ErrorsOf(int process) const;
  /// Where a process that was started serves HTTP; waits until it does.
  std::string Url(int process = 0) const;
  /// A metric of a process's user sub-topology as it stands, by name; -1 if there is none.
  double UserMetric(const std::string& name, int process = 0) const;
  void Replay(const std::string& file, const std::vector<std::string>& args) const;
  void RunToEnd(int process = 0) const;
  /// Appends records whose topics are given by default name.
  void Append(std::vector<schemas::OutgoingRecord> records) const;

  /// Every list that is committed.
  std::vector<schemas::Recommendation> Lists() const;
  /// Rows of the user store of a process's state folder.
  std::map<std::string, std::string> Users(int process = 0) const;
  /// Sum over partitions of a topic's end (read_committed).
  int64_t EndOf(const std::string& topic) const;
  /// The records of a topic that can be read, by value.
  std::vector<std::string> ValuesOf(const std::string& topic) const;

 private:
  std::vector<std::string> Flags(const std::string& command, int process) const;
  struct Opened;
  std::unique_ptr<Opened> Open() const;

  TempDir dir_;
  std::string bootstrap_, route_;
  std::string prefix_;
};

/// Fails the test, with a few keys, if two stores differ.
void ExpectSameRows(const std::map<std::string, std::string>& actual, const std::map<std::string, std::string>& expected);

/// The event ids, each once or the test fails.
std::set<std::string> DistinctEvents(const std::vector<schemas::Recommendation>& lists);

/// Polls `done` until it holds or `patience` is over.
bool Eventually(const std::function<bool()>& done, std::chrono::milliseconds patience = std::chrono::seconds(60));

/// The body of an HTTP answer, by curl, which is what users would take: it is part of every system that can build this.
std::string Fetch(const std::string& url, std::vector<std::string> options = {});

/// A line of /proc/PID/status in MiB: "VmRSS" is what is in use now, "VmHWM" the most there has been.
double MemoryMiB(const Process& process, const std::string& line);

/// Takes all the room there is on the disk of this file.
void FillUp(const std::filesystem::path& ballast);

/// The broker all tests of this binary share.
std::string SharedKafka();

}  // namespace catwalk::tests
