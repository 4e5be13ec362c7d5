#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "operators/design_work.h"
#include "schemas/internal.pb.h"
#include "schemas/record.h"

namespace catwalk::operators {

/// Records of design-updates for tests: what they refer to lives as long as this does.
class DesignInput {
 public:
  /// Appends an update; its offset is one more than the last one's.
  const schemas::Record& Add(const schemas::DesignUpdate& update) { return AddBytes(update.SerializeAsString()); }
  const schemas::Record& AddBytes(std::string bytes) {
    values_.push_back(std::move(bytes));
    schemas::Record record;
    record.topic = "design-updates";
    record.offset = static_cast<int64_t>(records_.size());
    record.value = values_.back();
    records_.push_back(record);
    return records_.back();
  }
  /// The items of the records [from, size), decoded from nothing yet.
  std::vector<DesignWork> Items(size_t from = 0) const {
    std::vector<DesignWork> items(records_.size() - from);
    for (size_t i = 0; i < items.size(); ++i) items[i].Reset(records_[from + i]);
    return items;
  }
  size_t size() const { return records_.size(); }

 private:
  std::deque<std::string> values_;
  std::deque<schemas::Record> records_;
};

inline schemas::DesignUpdate MakeUpdate(const std::string& design_id, int64_t at_ms, float weight) {
  schemas::DesignUpdate update;
  update.set_design_id(design_id);
  update.set_occurred_at_ms(at_ms);
  update.set_weight(weight);
  return update;
}

}  // namespace catwalk::operators
