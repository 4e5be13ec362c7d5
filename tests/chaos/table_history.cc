#include "tests/chaos/table_history.h"

#include "operators/table_records.h"
#include "schemas/codec.h"
#include "schemas/events.pb.h"

namespace catwalk::chaos {
namespace {

models::CatalogueEntry EntryOf(const schemas::Design& design) {
  models::CatalogueEntry entry;
  entry.title = design.title();
  entry.category = design.category();
  entry.silhouette = design.silhouette();
  entry.colour = design.colour();
  entry.material = design.material();
  entry.designer = design.designer();
  entry.collection = design.collection();
  for (const auto& text : design.sizes()) {
    if (const auto size = models::ParseSize(text)) entry.sizes.push_back({text, *size});
  }
  entry.released_at_ms = design.released_at_ms();
  entry.expires_at_ms = design.expires_at_ms();
  return entry;
}

}  // namespace

std::shared_ptr<const models::DesignTable> TableHistory::At(const TableOffsets& offsets) {
  if (published_ && offsets == at_) return published_;
  const bool back = offsets.factors < at_.factors || offsets.model < at_.model || offsets.designs < at_.designs;
  if (!builder_ || back) {
    builder_ = std::make_unique<models::DesignTableBuilder>(models::DesignTableOptions());
    factors_ = model_ = designs_ = 0;
  }
  ApplyFactors(offsets.factors);
  ApplyModel(offsets.model);
  ApplyDesigns(offsets.designs);
  at_ = offsets;
  published_ = builder_->Publish();
  return published_;
}

// A record that does not decode or fit moves the offset only: that is what the error says.

void TableHistory::ApplyFactors(int64_t until) {
  const Partition& records = contents_.at(schemas::Topic::kDesignFactors).front();
  for (; factors_ < records.size() && records[factors_].offset < until; ++factors_) {
    const auto& record = records[factors_];
    (void)operators::ApplyFactorRecord(record.key, record.value, record.tombstone, record.offset + 1, builder_.get());
  }
  builder_->SkipFactors(until);
}

void TableHistory::ApplyModel(int64_t until) {
  const Partition& records = contents_.at(schemas::Topic::kModel).front();
  for (; model_ < records.size() && records[model_].offset < until; ++model_) {
    const auto& record = records[model_];
    (void)operators::ApplyModelRecord(record.value, record.tombstone, record.offset + 1, builder_.get());
  }
  builder_->SkipModel(until);
}

void TableHistory::ApplyDesigns(int64_t until) {
  const Partition& records = contents_.at(schemas::Topic::kDesigns).front();
  for (; designs_ < records.size() && records[designs_].offset < until; ++designs_) Apply(records[designs_]);
  builder_->SkipCatalogue(until);
}

void TableHistory::Apply(const StoredRecord& record) {
  schemas::Design design;
  if (record.tombstone) {
    builder_->RemoveCatalogue(record.key, record.offset + 1);
  } else if (!schemas::Decode(record.value, &design)) {
    const std::string& id = design.design_id().empty() ? record.key : design.design_id();
    (void)builder_->ApplyCatalogue(id, EntryOf(design), record.offset + 1);
  }
}

}  // namespace catwalk::chaos
