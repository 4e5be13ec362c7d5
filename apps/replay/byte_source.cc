#include "apps/replay/byte_source.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

#include "apps/replay/gzip_source.h"
#include "apps/replay/xz_source.h"

namespace catwalk::apps {
namespace {

constexpr int kStopCheckMs = 100;
constexpr std::string_view kGzipMagic("\x1f\x8b", 2);
constexpr std::string_view kXzMagic("\xFD" "7zXZ\0", 6);

class FileSource final : public ByteSource {
 public:
  FileSource(int fd, std::string name, std::stop_token stop)
      : fd_(fd), name_(std::move(name)), stop_(std::move(stop)) {
    struct stat info {};
    if (fstat(fd_, &info) == 0 && S_ISREG(info.st_mode)) {
      regular_ = true;
      total_ = static_cast<uint64_t>(info.st_size);
    }
  }
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override {
    if (fd_ != STDIN_FILENO) close(fd_);
  }

  // Looks at the first bytes without using them up.
  Result<std::string_view> Peek(size_t count) {
    while (ahead_.size() < count) {
      char buffer[16];
      ASSIGN_OR_RETURN(const size_t got, ReadFd({buffer, count - ahead_.size()}));
      if (got == 0) break;
      ahead_.append(buffer, got);
    }
    return std::string_view(ahead_);
  }

  Result<size_t> Read(std::span<char> buffer) override {
    if (ahead_used_ == ahead_.size()) return ReadFd(buffer);
    const size_t count = std::min(buffer.size(), ahead_.size() - ahead_used_);
    std::memcpy(buffer.data(), ahead_.data() + ahead_used_, count);
    ahead_used_ += count;
    return count;
  }

  uint64_t consumed_bytes() const override { return consumed_; }
  uint64_t total_bytes() const override { return total_; }
  bool MayBlock() const override { return !regular_ && ahead_used_ == ahead_.size() && !Ready(0); }

 private:
  bool Ready(int timeout_ms) const {
    pollfd poll_fd{fd_, POLLIN, 0};
    return poll(&poll_fd, 1, timeout_ms) > 0;
  }

  Result<size_t> ReadFd(std::span<char> buffer) {
    while (!regular_ && !Ready(kStopCheckMs))
      if (stop_.stop_requested()) return size_t{0};
    ssize_t got = 0;
    do {
      got = read(fd_, buffer.data(), buffer.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) return Status(Code::kInvalidArgument, "cannot read " + name_ + ": " + std::strerror(errno));
    consumed_ += static_cast<uint64_t>(got);
    return static_cast<size_t>(got);
  }

  int fd_;
  std::string name_;
  std::stop_token stop_;
  bool regular_ = false;
  uint64_t total_ = 0;
  uint64_t consumed_ = 0;
  std::string ahead_;
  size_t ahead_used_ = 0;
};

Result<int> OpenFd(const std::string& path) {
  if (path == "-") return STDIN_FILENO;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) return fd;
  const Code code = errno == ENOENT ? Code::kNotFound : Code::kInvalidArgument;
  return Status(code, "cannot open " + path + ": " + std::strerror(errno) +
                          "; give the path of a file, or - for standard input");
}

}  // namespace

Result<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path, std::stop_token stop) {
  ASSIGN_OR_RETURN(const int fd, OpenFd(path));
  auto file = std::make_unique<FileSource>(fd, path, std::move(stop));
  ASSIGN_OR_RETURN(const std::string_view start, file->Peek(kXzMagic.size()));
  if (start.starts_with(kGzipMagic)) return MakeGzipSource(std::move(file), path);
  if (start.starts_with(kXzMagic)) return MakeXzSource(std::move(file), path);
  return std::unique_ptr<ByteSource>(std::move(file));
}

std::string SourceName(const std::string& path) {
  if (path == "-") return "stdin";
  std::string_view name = path;
  if (const size_t slash = name.rfind('/'); slash != std::string_view::npos) name.remove_prefix(slash + 1);
  for (const std::string_view suffix : {".gz", ".xz"})
    if (name.size() > suffix.size() && name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return std::string(name);
}

}  // namespace catwalk::apps
