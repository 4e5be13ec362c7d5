#include "tests/testing/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

namespace catwalk::tests {
namespace {

std::vector<std::string> Environment(const std::map<std::string, std::string>& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    if (!changes.contains(std::string(text.substr(0, text.find('='))))) all.emplace_back(text);
  }
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

/// Everything the child needs, made before the fork: after it only async-signal-safe calls are allowed.
struct Launch {
  pid_t parent;
  char** args;
  char** env;
  const char* stdout_file;
  const char* stderr_file;
  int error_pipe;  // closed by exec, else takes the errno
};

bool Redirect(const char* file, int to) {
  if (*file == '\0') return true;
  const int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  return fd >= 0 && dup2(fd, to) >= 0;
}

void TakeDefaultSignals() {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP}) signal(number, SIG_DFL);
}

[[noreturn]] void RunChild(const Launch& launch) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != launch.parent) _exit(127);
  TakeDefaultSignals();
  if (Redirect(launch.stdout_file, STDOUT_FILENO) && Redirect(launch.stderr_file, STDERR_FILENO)) {
    execvpe(launch.args[0], launch.args, launch.env);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(launch.error_pipe, &error, sizeof(error));
  _exit(127);
}

Status SystemError(std::string_view what, int error) {
  return {Code::kInternal, std::string(what) + ": " + std::strerror(error) + "; end other processes and try again"};
}

/// The errno of a failed exec, 0 when it went well.
int ReadError(int fd) {
  int error = 0;
  ssize_t got = 0;
  do {
    got = read(fd, &error, sizeof(error));
  } while (got < 0 && errno == EINTR);
  return got == sizeof(error) ? error : 0;
}

/// Forks and waits for the exec: the child's pid, or why there is none.
Result<pid_t> Spawn(Launch launch, const std::string& program) {
  int pipe_ends[2];
  if (pipe2(pipe_ends, O_CLOEXEC) != 0) return SystemError("no pipe", errno);
  launch.error_pipe = pipe_ends[1];
  const pid_t pid = fork();
  if (pid == 0) RunChild(launch);
  const int fork_error = errno;
  close(pipe_ends[1]);
  const int exec_error = pid > 0 ? ReadError(pipe_ends[0]) : 0;
  close(pipe_ends[0]);
  if (pid < 0) return SystemError("no new process", fork_error);
  if (exec_error == 0) return pid;
  waitpid(pid, nullptr, 0);
  return Status(Code::kNotFound, program + " cannot be run: " + std::strerror(exec_error) + "; check its path");
}

}  // namespace

Result<std::unique_ptr<Process>> Process::Start(const ProcessOptions& options) {
  if (options.args.empty()) return Status(Code::kInvalidArgument, "no program to run; give its name in args");
  std::vector<std::string> args = options.args;
  std::vector<std::string> env = Environment(options.env);
  const std::vector<char*> arg_pointers = Pointers(args);
  const std::vector<char*> env_pointers = Pointers(env);
  const Launch launch{.parent = getpid(),
                      .args = const_cast<char**>(arg_pointers.data()),
                      .env = const_cast<char**>(env_pointers.data()),
                      .stdout_file = options.stdout_file.c_str(),
                      .stderr_file = options.stderr_file.c_str(),
                      .error_pipe = -1};
  ASSIGN_OR_RETURN(const pid_t pid, Spawn(launch, args.front()));
  // Not pidfd_open: glibc 2.36 declares it without C linkage.
  const int pid_fd = static_cast<int>(syscall(SYS_pidfd_open, pid, 0));
  const int error = errno;
  std::unique_ptr<Process> process(new Process(pid, pid_fd));
  if (pid_fd < 0) return SystemError("cannot watch a process", error);
  return process;
}

Process::~Process() {
  Kill();
  if (pid_fd_ >= 0) close(pid_fd_);
}

void Process::Signal(int signal) const {
  if (!exit_code_) kill(pid_, signal);
}

std::optional<int> Process::Wait(std::chrono::milliseconds deadline) {
  using Clock = std::chrono::steady_clock;
  const Clock::time_point end = Clock::now() + deadline;
  while (!exit_code_) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd ended{.fd = pid_fd_, .events = POLLIN, .revents = 0};
    const int ready = poll(&ended, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
    if (ready > 0) Reap();
    if (ready == 0) break;
  }
  return exit_code_;
}

int Process::Terminate(std::chrono::milliseconds grace) {
  Signal(SIGTERM);
  if (const std::optional<int> code = Wait(grace)) return *code;
  return Kill();
}

int Process::Kill() {
  Signal(SIGKILL);
  Reap();
  return *exit_code_;
}

void Process::Reap() {
  if (exit_code_) return;
  int status = 0;
  while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace catwalk::tests
