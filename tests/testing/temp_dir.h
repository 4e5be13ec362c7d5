#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace catwalk::tests {

/// A fresh, empty folder under the system's temporary folder, removed with what is in it when this goes.
/// Throws std::filesystem::filesystem_error if it cannot be made: a test cannot go on then.
class TempDir {
 public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string string() const { return path_.string(); }
  /// The path of `name` inside the folder; makes nothing.
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace catwalk::tests
