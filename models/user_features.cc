#include "models/user_features.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>

#include "models/decay.h"
#include "models/lanes.h"
#include "models/retrieval.h"

namespace catwalk::models {
namespace {

constexpr float kDemandFloor = 0.2F;
constexpr float kLinkScale = 50.0F;
constexpr float kLinkPrior = 10.0F;
constexpr float kNextPosition = 0.8F;
constexpr float kAffinityPrior = 2.0F;
constexpr float kGroupPrior = 1.0F;
/// Whole vectors of the CPU, so that every number takes the same path through them wherever it stands.
constexpr size_t kPadding = 16;

using Numbers = Eigen::Map<Eigen::ArrayXf, Eigen::Aligned64>;

Numbers NumbersOf(AlignedVector<float>& column) { return {column.data(), static_cast<Eigen::Index>(column.size())}; }

/// Within what floats can tell, as in the totals.
float WeightOf(const DesignTable& table, int row) { return static_cast<float>(std::min(table.Weight(row), 1e12)); }

float RootWeight(const DesignTable& table, int row) { return 1.0F / std::sqrt(WeightOf(table, row) + kLinkPrior); }

/// Calls `term(recent design, row, strength)` for each term of the neighbourhood's sums, in their order.
template <class Term>
void ForEachLink(const DesignTable& table, const RankingQuery& query, Term term) {
  const Decay decay(table.neighbour_half_life_ms());
  float share = 1;
  for (const DesignKey design : query.recent) {
    const int row = table.RowOf(design);
    if (row >= 0 && table.Signals(row).links != nullptr) {
      const auto& links = *table.Signals(row).links;  // never empty, all as of one time (LinkIndex)
      const float scale = share * RootWeight(table, row) * decay.Over(links.front().at_ms, query.time_ms);
      for (const Link& link : links)
        if (const int other = table.RowOf(link.design); other >= 0)
          term(design, other, scale * link.weight * RootWeight(table, other));
    }
    share *= kNextPosition;
  }
}

/// Empties `by_index` where `indices` say.
template <class Indices>
void Clear(Indices* indices, std::vector<float>* by_index) {
  for (const auto index : *indices) (*by_index)[static_cast<size_t>(index)] = 0;
  indices->clear();
}

}  // namespace

DesignKey StrongestLink(const DesignTable& table, const RankingQuery& query, int row) {
  DesignKey strongest = 0;
  float largest = 0;
  ForEachLink(table, query, [&](DesignKey design, int other, float strength) {
    if (other != row || strength <= largest) return;
    largest = strength;
    strongest = design;
  });
  return strongest;
}

void UserFeatures::Begin(const DesignTable& table, const RankingQuery& query) {
  Forget();
  table_ = &table;
  query_ = &query;
  links_.resize(static_cast<size_t>(table.size()));
  returns_.resize(static_cast<size_t>(table.size()));
  AddLinks();
  AddReturns();
  AddAffinities();
  AddGroups();
}

void UserFeatures::Forget() {
  Clear(&linked_rows_, &links_);
  Clear(&returned_rows_, &returns_);
  for (auto& values : values_) Clear(&values, &lifts_);
  counted_.fill(0);
  groups_.clear();
}

void UserFeatures::AddLinks() {
  ForEachLink(*table_, *query_, [this](DesignKey, int row, float strength) {
    float& sum = links_[static_cast<size_t>(row)];
    if (sum == 0) linked_rows_.push_back(row);
    sum += strength;
  });
}

void UserFeatures::AddReturns() {
  float share = 1;
  for (const DesignKey design : query_->recent) {
    const int row = table_->RowOf(design);
    if (row >= 0) {
      returns_[static_cast<size_t>(row)] = share;
      returned_rows_.push_back(row);
    }
    share *= kNextPosition;
  }
}

void UserFeatures::AddAffinities() {
  CountValues();
  for (int a = 0; a < kAttributes; ++a) {
    const auto at = static_cast<size_t>(a);
    const float all = counted_[at] + kAffinityPrior;
    absent_lift_[at] = std::log(kAffinityPrior / all);
    const double total = table_->TotalWeightOfAttribute(a) + 1;
    for (const ValueNumber value : values_[at]) {
      const auto share = static_cast<float>((table_->TotalWeightOfValue(value) + 1) / total);
      float& lift = lifts_[static_cast<size_t>(value)];
      lift = std::log((lift + kAffinityPrior * share) / (kAffinityPrior * share));
    }
  }
}

void UserFeatures::CountValues() {
  for (const Interaction& interaction : query_->history) {
    const int row = table_->RowOf(interaction.design);
    if (row < 0) continue;
    const auto& values = table_->Signals(row).values;
    for (size_t a = 0; a < values.size(); ++a) {
      if (values[a] == kNoValue) continue;
      const auto value = static_cast<size_t>(values[a]);
      if (value >= lifts_.size()) lifts_.resize(value + 1);
      if (lifts_[value] == 0) values_[a].push_back(values[a]);
      lifts_[value] += 1;
      counted_[a] += 1;
    }
  }
}

void UserFeatures::AddGroups() {
  const double total = table_->TotalWeight();
  for (const uint64_t group : query_->groups) {
    const double weight = table_->TotalWeightOfGroup(group);
    if (weight > 0 && total > 0) groups_.push_back({group, static_cast<float>(weight / total)});
  }
}

void UserFeatures::Describe(std::span<const int32_t> rows) {
  described_ = rows.size();
  const size_t padded = (rows.size() + kPadding - 1) / kPadding * kPadding;
  for (auto& column : columns_) column.assign(padded, 0.0F);
  events_.assign(padded, 0.0F);
  DescribeDemand(rows);
  DescribeUser(rows);
  DescribeProfile(rows);
  for (size_t f = 0; f < columns_.size(); ++f)
    if (left_out_[f]) std::fill(columns_[f].begin(), columns_[f].end(), 0.0F);
}

void UserFeatures::DescribeDemand(std::span<const int32_t> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const DesignSignals& signals = table_->Signals(rows[i]);
    for (int h = 0; h < kHorizons; ++h) column(kRecentDemand + h)[i] = signals.recent[static_cast<size_t>(h)];
    const bool wanted = signals.last > 0;
    events_[i] = static_cast<float>(table_->clock() - signals.last);
    column(kAge)[i] = wanted ? static_cast<float>(table_->clock() - signals.first) : 0.0F;
    column(kQuiet)[i] = wanted ? events_[i] : 0.0F;
  }
  for (int h = 0; h < kHorizons; ++h) {
    const float per_event = -std::log(2.0F) / kHorizonEvents[static_cast<size_t>(h)];
    auto demand = NumbersOf(column(kRecentDemand + h));
    demand = (demand * (NumbersOf(events_) * per_event).exp() + kDemandFloor).log();
  }
  for (const int feature : {kAge, kQuiet}) NumbersOf(column(feature)) = (NumbersOf(column(feature)) + 1.0F).log();
}

void UserFeatures::DescribeUser(std::span<const int32_t> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    column(kNeighbourhood)[i] = links_[row];
    column(kReturn)[i] = returns_[row];
    if (query_->known) column(kFoldIn)[i] = DotProduct(query_->vector.data(), table_->Factor(rows[i]), table_->stride());
  }
  auto neighbourhood = NumbersOf(column(kNeighbourhood));
  neighbourhood = (neighbourhood * kLinkScale + 1.0F).log();
  for (int a = 0; a < kAttributes; ++a)
    if (counted_[static_cast<size_t>(a)] > 0) DescribeAffinity(a, rows);
}

void UserFeatures::DescribeAffinity(int attribute, std::span<const int32_t> rows) {
  const auto at = static_cast<size_t>(attribute);
  Column& affinity = column(kAffinity + attribute);
  for (size_t i = 0; i < rows.size(); ++i) {
    const ValueNumber value = table_->Signals(rows[i]).values[at];
    if (value == kNoValue) continue;
    affinity[i] = absent_lift_[at] + (static_cast<size_t>(value) < lifts_.size() ? lifts_[static_cast<size_t>(value)] : 0.0F);
  }
}

void UserFeatures::DescribeProfile(std::span<const int32_t> rows) {
  if (groups_.empty()) return;
  const size_t padded = events_.size();
  ratios_.assign(groups_.size() * padded, 1.0F);
  for (size_t i = 0; i < rows.size(); ++i) {  // design by design: what is known of one lies together
    const GroupWeights& weights = table_->Signals(rows[i]).groups;
    const float weight = WeightOf(*table_, rows[i]);
    for (size_t g = 0; g < groups_.size(); ++g) {
      const float observed = weights.empty() ? 0.0F : weights.Of(groups_[g].group);
      ratios_[g * padded + i] = (observed + kGroupPrior) / (weight * groups_[g].share + kGroupPrior);
    }
  }
  NumbersOf(ratios_) = NumbersOf(ratios_).log();
  auto profile = NumbersOf(column(kProfileDemand));
  for (size_t g = 0; g < groups_.size(); ++g)
    profile += Numbers(ratios_.data() + g * padded, static_cast<Eigen::Index>(padded));
  profile *= 1.0F / static_cast<float>(groups_.size());
}

FeatureVector UserFeatures::At(size_t i) const {
  FeatureVector features;
  for (size_t f = 0; f < features.size(); ++f) features[f] = columns_[f][i];
  return features;
}

std::span<const float> UserFeatures::Logits(const FeatureVector& weights) {
  logits_.assign(events_.size(), 0.0F);
  for (size_t f = 0; f < weights.size(); ++f) {
    const Float8 weight = Broadcast(weights[f]);
    for (size_t i = 0; i < logits_.size(); i += 8)
      Store(&logits_[i], MultiplyAdd(weight, Load(&columns_[f][i]), Load(&logits_[i])));
  }
  return {logits_.data(), described_};
}

}  // namespace catwalk::models
