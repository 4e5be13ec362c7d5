#pragma once

#include <memory>
#include <optional>

#include "models/design_table.h"
#include "schemas/outputs.pb.h"
#include "tests/chaos/topic_contents.h"

namespace catwalk::chaos {

/// How far each global table's topic has been applied, exclusive.
struct TableOffsets {
  int64_t factors = 0, model = 0, designs = 0;
  bool operator==(const TableOffsets&) const = default;
};

/// The global tables as they were at any offsets of their topics, made from the topics' records alone.
class TableHistory {
 public:
  /// `contents` outlives it.
  explicit TableHistory(const TopicContents& contents) : contents_(contents) {}

  std::shared_ptr<const models::DesignTable> At(const TableOffsets& offsets);

 private:
  void ApplyFactors(int64_t until);
  void ApplyModel(int64_t until);
  void ApplyDesigns(int64_t until);
  void Apply(const StoredRecord& design);

  const TopicContents& contents_;
  std::unique_ptr<models::DesignTableBuilder> builder_;
  std::shared_ptr<const models::DesignTable> published_;
  TableOffsets at_;
  size_t factors_ = 0, model_ = 0, designs_ = 0;  // the next record of each to apply
};

}  // namespace catwalk::chaos
