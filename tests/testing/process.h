#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.h"

namespace catwalk::tests {

struct ProcessOptions {
  /// The program, looked up in PATH, and its arguments.
  std::vector<std::string> args;
  /// Added to the environment of this process, or put in place of what is there.
  std::map<std::string, std::string> env;
  /// Files that take the child's output, made or emptied. Default: empty, the child writes where this process does.
  std::filesystem::path stdout_file;
  std::filesystem::path stderr_file;
};

/// A child process. Killed when this object goes, when this process dies, and when the thread that started it ends.
/// One thread at a time.
class Process {
 public:
  /// kNotFound if the program cannot be run.
  static Result<std::unique_ptr<Process>> Start(const ProcessOptions& options);
  /// Kills the child if it still runs.
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  /// Sends a signal. It is not an error if the child has ended.
  void Signal(int signal) const;
  /// Waits until the child has ended: its exit code, or 128 + the signal that ended it; empty if it still runs
  /// after `deadline`. May be called again and then gives the same.
  std::optional<int> Wait(std::chrono::milliseconds deadline);
  /// SIGTERM, and SIGKILL if the child still runs after `grace`; what Wait gives then.
  int Terminate(std::chrono::milliseconds grace);
  /// SIGKILL; what Wait gives then.
  int Kill();

 private:
  Process(pid_t pid, int pid_fd) : pid_(pid), pid_fd_(pid_fd) {}
  void Reap();

  pid_t pid_;
  int pid_fd_;
  std::optional<int> exit_code_;
};

}  // namespace catwalk::tests
