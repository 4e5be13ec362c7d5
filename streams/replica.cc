#include "streams/replica.h"

#include <algorithm>
#include <vector>

#include "base/logging.h"
#include "operators/table_records.h"
#include "schemas/codec.h"

namespace catwalk::streams {
namespace {

constexpr size_t kPollBytes = 4 << 20;
constexpr std::string_view kStore = "replica";
constexpr schemas::Topic kTables[] = {schemas::Topic::kDesigns, schemas::Topic::kDesignFactors, schemas::Topic::kModel};

/// Rows of the checkpoint: 'o' and the topic's name for an offset, 'r' and a topic's letter and the key for a record.
std::string OffsetRow(const std::string& topic) { return "o" + topic; }
std::string RecordRow(schemas::Topic topic, std::string_view key) {
  std::string row = "r";
  row.push_back(static_cast<char>('a' + static_cast<int>(topic)));
  return row.append(key);
}

std::vector<models::OfferedSize> SizesOf(const schemas::Design& design) {
  std::vector<models::OfferedSize> sizes;
  for (const std::string& text : design.sizes())
    if (const auto size = models::ParseSize(text)) sizes.push_back({text, *size});
  return sizes;
}

models::CatalogueEntry EntryOf(const schemas::Design& design) {
  return {.title = design.title(),
          .category = design.category(),
          .silhouette = design.silhouette(),
          .colour = design.colour(),
          .material = design.material(),
          .designer = design.designer(),
          .collection = design.collection(),
          .sizes = SizesOf(design),
          .released_at_ms = design.released_at_ms(),
          .expires_at_ms = design.expires_at_ms()};
}

}  // namespace

Replica::Replica(const Options& options, const schemas::TopicNames& names, Log& log, state::Database& database,
                 const Clock& clock)
    : options_(options),
      names_(names),
      log_(log),
      database_(database),
      clock_(clock),
      keeps_checkpoint_(log.needs_changelog()),
      builder_(options.tables) {}

Result<std::unique_ptr<Replica>> Replica::Open(const Options& options, const schemas::TopicNames& names, Log& log,
                                               state::Database& database, const Clock& clock) {
  std::unique_ptr<Replica> replica(new Replica(options, names, log, database, clock));
  ASSIGN_OR_RETURN(replica->store_, database.OpenStore(kStore));
  std::vector<std::string> topics;
  for (const auto topic : kTables) topics.push_back(names.Of(topic));
  ASSIGN_OR_RETURN(replica->ends_, log.EndOffsets(topics, Isolation::kReadCommitted));
  RETURN_IF_ERROR(replica->Load());
  replica->Publish();
  return replica;
}

Status Replica::Load() {
  Offsets from;
  for (const auto topic : kTables) from[{names_.Of(topic), 0}] = 0;
  if (keeps_checkpoint_) {
    const auto& store = database_.Store(store_);
    for (auto& [source, offset] : from) {
      std::string value;
      ASSIGN_OR_RETURN(const bool found, store.Get(OffsetRow(source.topic), &value));
      if (found) offset = std::stoll(value);
    }
    for (const auto topic : kTables) {
      const int64_t offset = from[{names_.Of(topic), 0}];
      const std::string prefix = RecordRow(topic, {});
      std::string end = prefix;
      ++end.back();
      RETURN_IF_ERROR(store.Scan(prefix, end, [&](std::string_view key, std::string_view value) {
        ApplyTo(topic, key.substr(prefix.size()), value, false, offset);
        return true;
      }));
    }
  }
  ASSIGN_OR_RETURN(reader_, log_.OpenReader());
  RETURN_IF_ERROR(reader_->Assign(from));
  caught_up_.store(ReachedEnds(), std::memory_order_release);
  return Status::Ok();
}

Status Replica::Step(std::chrono::milliseconds max_wait) {
  std::vector<schemas::Record> records;
  const int64_t due_us = published_us_ + options_.publish_interval_ms * 1000 - clock_.SteadyUs();
  const auto until_due = std::chrono::milliseconds(std::max<int64_t>(0, (due_us + 999) / 1000));
  RETURN_IF_ERROR(reader_->Poll(unpublished_ ? std::min(max_wait, until_due) : max_wait, kPollBytes, &records));
  for (const auto& record : records) Apply(record);
  applied_.fetch_add(static_cast<int64_t>(records.size()), std::memory_order_relaxed);
  const bool reached = caught_up() || ReachedEnds();
  if (unpublished_ && (clock_.SteadyUs() - published_us_ >= options_.publish_interval_ms * 1000 || reached != caught_up())) {
    Publish();
  }
  if (reached && !caught_up()) caught_up_.store(true, std::memory_order_release);
  if (keeps_checkpoint_ && clock_.NowMs() - checkpointed_ms_ >= options_.checkpoint_interval_ms) return Checkpoint();
  return Status::Ok();
}

bool Replica::ReachedEnds() const {
  return std::all_of(ends_.begin(), ends_.end(), [this](const auto& end) { return reader_->Position(end.first) >= end.second; });
}

void Replica::Apply(const schemas::Record& record) {
  const auto* spec = names_.Find(record.topic);
  if (spec == nullptr) return;
  ApplyTo(spec->topic, record.key, record.value, record.tombstone, record.offset + 1);
  unpublished_ = true;
  if (!keeps_checkpoint_) return;
  const std::string row = RecordRow(spec->topic, record.key);
  if (record.tombstone) {
    uncheckpointed_.Delete(store_, row);
  } else {
    uncheckpointed_.Put(store_, row, record.value);
  }
}

void Replica::ApplyTo(schemas::Topic topic, std::string_view key, std::string_view value, bool tombstone,
                      int64_t next_offset) {
  if (topic == schemas::Topic::kDesigns) return ApplyDesign(key, value, tombstone, next_offset);
  const Status status = topic == schemas::Topic::kDesignFactors
                            ? operators::ApplyFactorRecord(key, value, tombstone, next_offset, &builder_)
                            : operators::ApplyModelRecord(value, tombstone, next_offset, &builder_);
  if (!status.ok()) catwalk::Log("streams")->error("{}, offset {}: {}", names_.Of(topic), next_offset - 1, status.message());
}

void Replica::ApplyDesign(std::string_view key, std::string_view value, bool tombstone, int64_t next_offset) {
  schemas::Design design;
  Status status;
  if (tombstone) {
    builder_.RemoveCatalogue(key, next_offset);
  } else if (const auto violation = schemas::Decode(value, &design)) {
    status = {Code::kInvalidArgument, violation->message};
  } else {
    status = builder_.ApplyCatalogue(design.design_id().empty() ? key : design.design_id(), EntryOf(design), next_offset);
  }
  if (status.ok()) return;
  catwalk::Log("streams")->error("designs, offset {}: {}; send the design again, corrected", next_offset - 1, status.message());
  builder_.SkipCatalogue(next_offset);
}

void Replica::Publish() {
  auto version = builder_.Publish();
  const std::scoped_lock lock(mutex_);
  current_ = std::move(version);
  published_us_ = clock_.SteadyUs();
  unpublished_ = false;
}

std::shared_ptr<const models::DesignTable> Replica::Current() const {
  const std::scoped_lock lock(mutex_);
  return current_;
}

Status Replica::Checkpoint() {
  checkpointed_ms_ = clock_.NowMs();
  if (uncheckpointed_.empty()) return Status::Ok();
  for (const auto& [source, end] : ends_) {
    uncheckpointed_.Put(store_, OffsetRow(source.topic), std::to_string(reader_->Position(source)));
  }
  RETURN_IF_ERROR(database_.Write(uncheckpointed_));
  uncheckpointed_.Clear();
  return Status::Ok();
}

}  // namespace catwalk::streams
