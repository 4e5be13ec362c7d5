#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "models/design_table.h"
#include "schemas/internal.pb.h"

namespace catwalk::operators {

/// Takes a record of design-factors (or the tombstone for its key) into the tables. What is damaged, does not fit or is of a kind of a
/// later version moves the offset only, and the error says what to do.
Status ApplyFactorRecord(std::string_view key, std::string_view value, bool tombstone, int64_t next_offset,
                         models::DesignTableBuilder* tables);
/// Likewise a record of model; a tombstone changes nothing.
Status ApplyModelRecord(std::string_view value, bool tombstone, int64_t next_offset, models::DesignTableBuilder* tables);

/// The other way, for whoever publishes.
void FillDemand(const models::Demand& demand, schemas::DesignDemand* record);
void FillFit(const models::DesignFit& fit, schemas::DesignFit* record);
void FillFitModel(const models::FitModel& model, schemas::FitModel* record);
void FillLesson(const models::FitLesson& lesson, schemas::FitLesson* record);
void FillBlend(const models::BlendWeights& weights, schemas::Blend* record);
void FillSegments(const models::Segments& segments, schemas::Segments* record);
void FillRanker(const models::RankerWeights& weights, schemas::Ranker* record);

inline constexpr std::string_view kNeighboursPrefix = "neighbours/";
inline constexpr std::string_view kBlendKey = "blend";
inline constexpr std::string_view kFitKey = "fit";
inline constexpr std::string_view kSegmentsKey = "segments";

}  // namespace catwalk::operators
