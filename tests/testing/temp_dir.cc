#include "tests/testing/temp_dir.h"

#include <stdlib.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace catwalk::tests {

namespace fs = std::filesystem;

TempDir::TempDir() {
  std::string name = (fs::temp_directory_path() / "catwalk-test-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) {
    throw fs::filesystem_error("no temporary folder", name, std::error_code(errno, std::generic_category()));
  }
  path_ = name;
}

TempDir::~TempDir() {
  std::error_code ignored;  // what cannot be removed is left to the system's own cleaning
  fs::remove_all(path_, ignored);
}

}  // namespace catwalk::tests
