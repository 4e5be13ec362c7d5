#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "state/table.h"
#include "tests/state/database_kind.h"
#include "tests/state/note_serde.h"

namespace catwalk::state {
namespace {

/// Does what a task may do to a table, at random but reproducibly, beside a plain map that says what must be seen.
class Play {
 public:
  Play(DatabaseKind kind, uint32_t seed) : kind_(kind), random_(seed) { Reopen(); }

  void Run(int steps) {
    for (int i = 0; i < steps && !testing::Test::HasFailure(); ++i) Step();
    CompareAll();
  }

 private:
  using Model = std::map<std::string, Note>;

  uint32_t Draw(uint32_t below) { return std::uniform_int_distribution<uint32_t>(0, below - 1)(random_); }
  std::string Key() { return "user-" + std::to_string(Draw(60)); }

  void Step() {
    const uint32_t action = Draw(100);
    if (action < 40) return Change(Key());
    if (action < 55) return Delete(Key());
    if (action < 85) return CompareOne(Key());
    if (action < 88) return CompareAll();
    if (action < 94) return Commit();
    if (action < 99) return Abort();
    Reopen();
  }

  void Change(const std::string& key) {
    Note* note = table_->GetOrCreate(key).value();
    table_->MarkDirty(key);
    note->number = static_cast<int>(Draw(1'000'000));
    note->text.append(Draw(20), 'x');
    now_[key] = *note;
  }
  void Delete(const std::string& key) {
    table_->Delete(key);
    now_.erase(key);
  }
  void Commit() {
    WriteBatch batch;
    table_->Flush(&batch, [this](std::string_view key, const std::string* value) {
      changelog_.insert_or_assign(std::string(key), value == nullptr ? "" : *value);
    });
    if (Draw(4) == 0) {  // the transaction fails after the flush
      changelog_ = committed_changelog_;
      return Abort();
    }
    ASSERT_TRUE(database_->Write(batch).ok());
    table_->Committed();
    committed_ = now_;
    committed_changelog_ = changelog_;
  }
  void Abort() {
    table_->Aborted();
    now_ = committed_;
  }
  /// Ends as a crash does for the table: what is not committed is gone.
  void Reopen() {
    table_.reset();
    if (kind_ == DatabaseKind::kRocksDb || database_ == nullptr) {
      database_.reset();
      database_ = MakeDatabase(kind_, folder_);
    }
    const uint32_t store = database_->OpenStore("notes").value();
    table_ = std::make_unique<Table<Note>>("notes", *database_, store, 3, std::make_unique<NoteSerde>(),
                                           Table<Note>::Options{.cache_entries = 1 + Draw(40), .cache_bytes = 2000});
    now_ = committed_;
  }

  void CompareOne(const std::string& key) {
    const Note* note = table_->Get(key).value();
    const auto expected = now_.find(key);
    ASSERT_EQ(note != nullptr, expected != now_.end()) << key;
    if (note == nullptr) return;
    ASSERT_EQ(*note, expected->second) << key;
  }
  void CompareAll() {
    Model seen;
    const auto see = [&](std::string_view key, const Note& note) { return seen.emplace(key, note).second; };
    ASSERT_TRUE(table_->Scan(see).ok());
    ASSERT_EQ(seen, now_);
    CompareChangelog();
  }
  /// The last value per key in the changelog is the committed state.
  void CompareChangelog() {
    Model replayed;
    for (const auto& [key, value] : committed_changelog_) {
      if (value.empty()) continue;
      ASSERT_TRUE(NoteSerde().Decode(value, &replayed[key]).ok());
    }
    ASSERT_EQ(replayed, committed_);
  }

  const DatabaseKind kind_;
  std::mt19937 random_;
  tests::TempDir folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<Table<Note>> table_;
  Model now_;
  Model committed_;
  std::map<std::string, std::string> changelog_;
  std::map<std::string, std::string> committed_changelog_;
};

class TableProperty : public testing::TestWithParam<DatabaseKind> {};

INSTANTIATE_TEST_SUITE_P(Databases, TableProperty, testing::Values(DatabaseKind::kRocksDb, DatabaseKind::kMemory),
                         KindName);

TEST_P(TableProperty, BehavesAsAMapThroughCommitsAbortsAndReopens) {
  for (uint32_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    Play(GetParam(), seed).Run(1500);
  }
}

}  // namespace
}  // namespace catwalk::state
