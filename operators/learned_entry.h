#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/serde.h"
#include "operators/operator.h"
#include "schemas/internal.pb.h"

namespace catwalk::operators {

/// One thing the model task learns: the only entry of a store, and the record of the global table `model` with the same key, published
/// when it has changed. `Learned` has a next_offset, of model-updates: it is a function of the records below that. One thread.
template <class Learned>
class LearnedEntry {
 public:
  /// Store and key.
  explicit LearnedEntry(std::string_view name) : name_(name) {}

  Status Open(OperatorContext& context, std::unique_ptr<const Serde<Learned>> serde) {
    ASSIGN_OR_RETURN(entries_, OpenTable<Learned>(context, name_, std::move(serde)));
    return Status::Ok();
  }
  /// To be changed by the record at that offset.
  Result<Learned*> Change(int64_t offset) {
    ASSIGN_OR_RETURN(Learned* const learned, entries_->GetOrCreate(name_));
    entries_->MarkDirty(name_);
    learned->next_offset = offset + 1;
    return learned;
  }
  /// Publishes what `fill(learned, record)` makes of it, if it has changed since.
  template <class Fill>
  Status Publish(OperatorContext& context, Fill fill) {
    ASSIGN_OR_RETURN(const Learned* const learned, entries_->Get(name_));
    if (learned == nullptr || learned->next_offset == published_offset_) return Status::Ok();
    schemas::ModelRecord model_record;
    fill(*learned, &model_record);
    published_offset_ = learned->next_offset;
    schemas::OutgoingRecord record;
    record.partition = 0;
    record.key = name_;
    model_record.SerializeToString(&record.value);
    return context.Emit(schemas::Topic::kModel, std::move(record));
  }
  /// What was published may have been dropped.
  void Forget() { published_offset_ = kNothing; }

 private:
  static constexpr int64_t kNothing = -1;

  const std::string name_;
  state::Table<Learned>* entries_ = nullptr;
  int64_t published_offset_ = kNothing;   // next_offset of what was published last, as far as this task knows
};

}  // namespace catwalk::operators
