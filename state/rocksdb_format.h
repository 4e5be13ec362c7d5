#pragma once

#include <string>
#include <vector>

#include <rocksdb/db.h>

#include "base/status.h"

namespace catwalk::state {

/// What is in a folder before it is opened.
enum class FolderContent {
  kNothing,  // no database, or one whose making was cut short before the format version was in it
  kDatabase, // a database of our format
};

/// Looks without changing anything; the caller sees to it that nobody else writes there. kIncompatible, kCorruption.
Result<FolderContent> InspectFolder(const std::string& folder);

/// Makes kFormatVersion the first thing in a new database, durably.
rocksdb::Status WriteFormatVersion(rocksdb::DB& db);

/// The families of a database in a folder, "default" among them.
Result<std::vector<std::string>> ListFamilies(const std::string& folder);

}  // namespace catwalk::state
