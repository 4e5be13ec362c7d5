#include "tests/testing/temp_dir.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace catwalk::tests {
namespace {

namespace fs = std::filesystem;

TEST(TempDir, IsEmptyAndNobodyElses) {
  const TempDir one;
  const TempDir other;
  EXPECT_TRUE(fs::is_empty(one.path()));
  EXPECT_NE(one.path(), other.path());
}

TEST(TempDir, GoesWithAllThatIsInIt) {
  fs::path path;
  {
    const TempDir dir;
    path = dir.path();
    fs::create_directories(dir / "a" / "b");
    std::ofstream(dir / "a" / "b" / "file") << "text";
    ASSERT_TRUE(fs::exists(path / "a/b/file"));
  }
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace catwalk::tests
