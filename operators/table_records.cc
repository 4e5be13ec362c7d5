#include "operators/table_records.h"

#include <algorithm>
#include <string>
#include <vector>

namespace catwalk::operators {
namespace {

using models::DesignTableBuilder;

Status Undecodable(std::string_view topic) {
  return {Code::kInvalidArgument, "a record of " + std::string(topic) + " does not decode; publish it again"};
}

models::Demand DemandOf(const schemas::DesignDemand& record) {
  models::Demand demand;
  demand.first = record.first();
  demand.last = record.last();
  if (record.recent_size() == models::kHorizons) std::copy(record.recent().begin(), record.recent().end(), demand.recent.begin());
  if (record.segments_size() == models::kSegments) std::copy(record.segments().begin(), record.segments().end(), demand.segments.begin());
  const int groups = std::min(record.groups_size(), record.group_weights_size());
  for (int i = 0; i < groups; ++i) demand.groups.push_back({record.groups(i), record.group_weights(i)});
  return demand;
}

models::DesignFit FitOf(const schemas::DesignFit& record) {
  models::DesignFit fit;
  fit.part.shift = record.shift();
  fit.part.width = record.width();
  fit.outcomes = record.outcomes();
  for (const std::string& size : record.sizes()) fit.Note(size);
  return fit;
}

models::FactorEntry EntryOf(const schemas::DesignFactor& record) {
  return {.factor = {record.factor().begin(), record.factor().end()},
          .popularity = record.popularity(),
          .popularity_at_ms = record.popularity_at_ms(),
          .weight = record.weight(),
          .demand = DemandOf(record.demand()),
          .fit = FitOf(record.fit())};
}

std::vector<models::Neighbour> RowOf(const schemas::DesignNeighbours& record) {
  std::vector<models::Neighbour> row;
  const int entries = std::min({record.neighbours_size(), record.weights_size(), record.ages_ms_size()});
  for (int i = 0; i < entries; ++i)
    row.push_back({record.neighbours(i), record.weights(i), record.at_ms() - record.ages_ms(i)});
  return row;
}

void RemoveFactor(std::string_view key, int64_t next_offset, DesignTableBuilder* tables) {
  if (key.starts_with(kNeighboursPrefix)) {
    tables->ApplyNeighbours(key.substr(kNeighboursPrefix.size()), {}, next_offset);
  } else {
    tables->RemoveFactor(key, next_offset);
  }
}

template <class Offsets>
void ReadOffsets(const google::protobuf::RepeatedField<float>& record, int features, Offsets* offsets) {
  auto from = record.begin();
  for (auto& offset : *offsets) {
    std::copy_n(from, features, offset.begin());
    from += features;
  }
}

/// Where a feature starts that an earlier program did not know. False if the record has more than this one knows.
bool ReadBlend(const schemas::Blend& record, models::BlendWeights* weights) {
  const int features = record.shared_size();
  if (features > models::kFeatures || record.offsets_size() != features * models::kExperiences ||
      (record.segments_size() > 0 && record.segments_size() != features * models::kSegments))
    return false;
  *weights = models::PriorBlend();
  std::copy(record.shared().begin(), record.shared().end(), weights->shared.begin());
  ReadOffsets(record.offsets(), features, &weights->offsets);
  if (record.segments_size() > 0) ReadOffsets(record.segments(), features, &weights->segments);
  return true;
}

/// False if the record has other numbers of anything than these features and this program's network.
bool ReadRanker(const schemas::Ranker& record, int features, models::RankerWeights* weights) {
  if (record.means_size() != features || record.per_deviations_size() != features ||
      record.inputs_size() != features * models::kHiddenUnits || record.outputs_size() != models::kHiddenUnits ||
      record.biases_size() != models::kHiddenUnits * models::kExperiences)
    return false;
  std::copy(record.means().begin(), record.means().end(), weights->mean.begin());
  std::copy(record.per_deviations().begin(), record.per_deviations().end(), weights->per_deviation.begin());
  auto input = record.inputs().begin();
  for (auto& unit : weights->input) {
    std::copy_n(input, features, unit.begin());
    input += features;
  }
  auto bias = record.biases().begin();
  for (auto& of : weights->bias) {
    std::copy_n(bias, models::kHiddenUnits, of.begin());
    bias += models::kHiddenUnits;
  }
  std::copy(record.outputs().begin(), record.outputs().end(), weights->output.begin());
  return true;
}

/// False if the record has another number of anything.
bool ReadFitModel(const schemas::FitModel& record, models::FitModel* model) {
  if (record.weights_size() != models::kFitFeatures || record.size_weights_size() != models::kMeasures + 1 ||
      record.means_size() != models::kSizeScales || record.deviations_size() != models::kSizeScales)
    return false;
  std::copy(record.weights().begin(), record.weights().end(), model->weights.begin());
  std::copy(record.size_weights().begin(), record.size_weights().end(), model->size_weights.begin());
  model->width = record.width();
  for (int i = 0; i < models::kSizeScales; ++i)
    model->spreads[static_cast<size_t>(i)] = {record.means(i), record.deviations(i)};
  return true;
}

/// False if the record has another number of segments.
bool ReadSegments(const schemas::Segments& record, models::Segments* segments) {
  if (record.shares_size() != models::kSegments) return false;
  segments->centres.assign(record.centres().begin(), record.centres().end());
  std::copy(record.shares().begin(), record.shares().end(), segments->shares.begin());
  return true;
}

Status UnknownFeatures(std::string_view what) {
  return {Code::kInvalidArgument, std::string(what) + " on model has features that this program does not know; run the version "
                                                      "that wrote it throughout the installation"};
}

Status ApplyBlendRecord(const schemas::Blend& record, int64_t next_offset, DesignTableBuilder* tables) {
  models::BlendWeights weights;
  if (!ReadBlend(record, &weights)) return UnknownFeatures("the blend");
  models::RankerWeights ranker;
  if (record.has_ranker()) {
    if (!ReadRanker(record.ranker(), record.shared_size(), &ranker)) return UnknownFeatures("the ranker");
    RETURN_IF_ERROR(tables->ApplyRanker(ranker, next_offset));
  }
  return tables->ApplyBlend(weights, next_offset);
}

}  // namespace

Status ApplyFactorRecord(std::string_view key, std::string_view value, bool tombstone, int64_t next_offset,
                         DesignTableBuilder* tables) {
  tables->SkipFactors(next_offset);
  if (tombstone) {
    RemoveFactor(key, next_offset, tables);
    return Status::Ok();
  }
  schemas::DesignTableRecord record;
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) return Undecodable("design-factors");
  if (record.has_neighbours())
    tables->ApplyNeighbours(record.neighbours().design_id(), RowOf(record.neighbours()), next_offset);
  if (record.has_factor())
    return tables->ApplyFactor(record.factor().design_id(), EntryOf(record.factor()), next_offset);
  return Status::Ok();
}

Status ApplyModelRecord(std::string_view value, bool tombstone, int64_t next_offset, DesignTableBuilder* tables) {
  tables->SkipModel(next_offset);
  schemas::ModelRecord record;
  if (tombstone) return Status::Ok();
  if (!record.ParseFromArray(value.data(), static_cast<int>(value.size()))) return Undecodable("model");
  if (record.has_fit()) {
    models::FitModel model;
    return ReadFitModel(record.fit(), &model) ? tables->ApplyFitModel(model, next_offset) : UnknownFeatures("the model of fit");
  }
  if (record.has_segments()) {
    models::Segments segments;
    return ReadSegments(record.segments(), &segments) ? tables->ApplySegments(segments, next_offset) : UnknownFeatures("the segments");
  }
  if (!record.has_blend()) return Status::Ok();
  return ApplyBlendRecord(record.blend(), next_offset, tables);
}

void FillDemand(const models::Demand& demand, schemas::DesignDemand* record) {
  record->set_first(demand.first);
  record->set_last(demand.last);
  record->mutable_recent()->Add(demand.recent.begin(), demand.recent.end());
  record->mutable_segments()->Add(demand.segments.begin(), demand.segments.end());
  for (const auto& group : demand.groups) {
    record->add_groups(group.group);
    record->add_group_weights(group.weight);
  }
}

void FillFit(const models::DesignFit& fit, schemas::DesignFit* record) {
  record->set_shift(fit.part.shift);
  record->set_width(fit.part.width);
  record->set_outcomes(fit.outcomes);
  for (const auto& size : fit.seen) record->add_sizes(size.text);
}

void FillFitModel(const models::FitModel& model, schemas::FitModel* record) {
  record->mutable_weights()->Add(model.weights.begin(), model.weights.end());
  record->set_width(model.width);
  for (const auto& spread : model.spreads) {
    record->add_means(spread.mean);
    record->add_deviations(spread.deviation);
  }
  record->mutable_size_weights()->Add(model.size_weights.begin(), model.size_weights.end());
}

void FillLesson(const models::FitLesson& lesson, schemas::FitLesson* record) {
  record->set_fit(static_cast<int>(lesson.fit));
  record->set_scale(static_cast<int>(lesson.size.scale));
  record->set_size(lesson.size.number);
  record->mutable_features()->Add(lesson.features.begin(), lesson.features.end());
  record->set_shift(static_cast<float>(lesson.parts.shift));
  record->set_width(static_cast<float>(lesson.parts.width));
  if (lesson.measured) record->mutable_measures()->Add(lesson.measures.begin(), lesson.measures.end());
}

void FillBlend(const models::BlendWeights& weights, schemas::Blend* record) {
  record->mutable_shared()->Add(weights.shared.begin(), weights.shared.end());
  for (const auto& offset : weights.offsets) record->mutable_offsets()->Add(offset.begin(), offset.end());
  for (const auto& offset : weights.segments) record->mutable_segments()->Add(offset.begin(), offset.end());
}

void FillSegments(const models::Segments& segments, schemas::Segments* record) {
  record->mutable_centres()->Add(segments.centres.begin(), segments.centres.end());
  record->mutable_shares()->Add(segments.shares.begin(), segments.shares.end());
}

void FillRanker(const models::RankerWeights& weights, schemas::Ranker* record) {
  record->mutable_means()->Add(weights.mean.begin(), weights.mean.end());
  record->mutable_per_deviations()->Add(weights.per_deviation.begin(), weights.per_deviation.end());
  for (const auto& unit : weights.input) record->mutable_inputs()->Add(unit.begin(), unit.end());
  for (const auto& bias : weights.bias) record->mutable_biases()->Add(bias.begin(), bias.end());
  record->mutable_outputs()->Add(weights.output.begin(), weights.output.end());
}

}  // namespace catwalk::operators
