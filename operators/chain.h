#pragma once

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "operators/operator.h"

namespace catwalk::operators {

/// A Pipeline made of operators over one type of item. The first operator decodes: it turns each item's record into the
/// item's other fields. The rest see batches in which no two live items have the same `ConflictKey()` (0: conflicts with
/// nothing), so an operator may treat the items of a batch as independent of each other, and yet each item finds the
/// state as its predecessors left it.
///
/// Item: default constructible; Reset(const Record&), bool done, uint64_t ConflictKey() const.
template <class Item>
class Chain final : public Pipeline {
 public:
  /// Items per batch, at most: enough for retrieval to work on a matrix, few enough to stay in the cache.
  static constexpr size_t kMaxBatch = 32;

  explicit Chain(std::vector<std::unique_ptr<Operator<Item>>> operators) : operators_(std::move(operators)) {}

  std::vector<std::string_view> OperatorNames() const override {
    std::vector<std::string_view> names;
    for (const auto& step : operators_) names.push_back(step->Name());
    return names;
  }

  std::vector<state::StoreSpec> Stores() const override {
    std::vector<state::StoreSpec> stores;
    for (const auto& step : operators_) {
      for (auto& store : step->Stores()) stores.push_back(std::move(store));
    }
    return stores;
  }

  Status Open(OperatorContext& context) override {
    for (auto& step : operators_) RETURN_IF_ERROR(step->Open(context));
    return Status::Ok();
  }

  Status Process(std::span<const schemas::Record> records, OperatorContext& context) override {
    if (items_.size() < records.size()) items_.resize(records.size());
    for (size_t i = 0; i < records.size(); ++i) items_[i].Reset(records[i]);
    const std::span<Item> items(items_.data(), records.size());
    RETURN_IF_ERROR(operators_.front()->Process(items, context));
    for (size_t from = 0; from < items.size();) {
      const size_t count = IndependentPrefix(items.subspan(from));
      RETURN_IF_ERROR(ProcessBatch(items.subspan(from, count), context));
      from += count;
    }
    return Status::Ok();
  }

  Status OnTimer(bool idle, OperatorContext& context) override {
    for (auto& step : operators_) RETURN_IF_ERROR(step->OnTimer(idle, context));
    return Status::Ok();
  }

  void OnAbort() override {
    for (auto& step : operators_) step->OnAbort();
  }

  void Close() override {
    for (auto& step : operators_) step->Close();
  }

 private:
  Status ProcessBatch(std::span<Item> batch, OperatorContext& context) {
    for (size_t step = 1; step < operators_.size(); ++step) RETURN_IF_ERROR(operators_[step]->Process(batch, context));
    return Status::Ok();
  }

  /// How many items from the front may be processed as one batch.
  size_t IndependentPrefix(std::span<const Item> items) {
    const size_t limit = std::min(items.size(), kMaxBatch);
    keys_.clear();
    for (size_t i = 0; i < limit; ++i) {
      const uint64_t key = items[i].done ? 0 : items[i].ConflictKey();
      if (key == 0) continue;
      if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return i;
      keys_.push_back(key);
    }
    return limit;
  }

  std::vector<std::unique_ptr<Operator<Item>>> operators_;
  std::vector<Item> items_;
  std::vector<uint64_t> keys_;
};

}  // namespace catwalk::operators
