#include "models/user_features.h"

#include <algorithm>
#include <cmath>

#include "models/columns.h"
#include "models/decay.h"
#include "models/lanes.h"
#include "models/retrieval.h"

namespace catwalk::models {
namespace {

constexpr float kLinkScale = 50.0F;
constexpr float kLinkPrior = 10.0F;
constexpr float kNextPosition = 0.8F;
constexpr float kAffinityPrior = 2.0F;

float RootWeight(const DesignTable& table, int row) {
  return 1.0F / std::sqrt(static_cast<float>(std::min(table.Weight(row), kMaxRankedWeight)) + kLinkPrior);
}

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
  designs_.Begin(table);
}

void UserFeatures::Forget() {
  Clear(&linked_rows_, &links_);
  Clear(&returned_rows_, &returns_);
  for (auto& values : values_) Clear(&values, &lifts_);
  counted_.fill(0);
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

void UserFeatures::Describe(std::span<const int32_t> rows) {
  const size_t padded = PaddedSize(rows.size());
  for (auto& column : columns_) column.assign(padded, 0.0F);
  designs_.Find(rows, &places_);
  DescribeDesigns();
  DescribeUser(rows);
  DescribeProfile();
  for (size_t f = 0; f < columns_.size(); ++f)
    if (left_out_[f]) std::fill(columns_[f].begin(), columns_[f].end(), 0.0F);
  if (!left_out_[kRanker] && table_->blend().shared[kRanker] > 0) DescribeByRanker();
}

void UserFeatures::DescribeDesigns() {
  for (size_t i = 0; i < places_.size(); ++i) {
    const DesignFeatures::Shared& design = designs_.At(places_[i]);
    for (int h = 0; h < kHorizons; ++h) column(kRecentDemand + h)[i] = design.demand[static_cast<size_t>(h)];
    column(kAge)[i] = design.age;
    column(kQuiet)[i] = design.quiet;
    column(kUntouched)[i] = design.untouched;
  }
}

void UserFeatures::DescribeUser(std::span<const int32_t> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    column(kNeighbourhood)[i] = links_[row];
    column(kReturn)[i] = returns_[row];
    if (query_->known) column(kFoldIn)[i] = DotProduct(query_->vector.data(), designs_.Factor(places_[i]), table_->stride());
  }
  auto neighbourhood = NumbersOf(column(kNeighbourhood));
  neighbourhood = (neighbourhood * kLinkScale + 1.0F).log();
  for (int a = 0; a < kAttributes; ++a)
    if (counted_[static_cast<size_t>(a)] > 0) DescribeAffinity(a, rows);
}

void UserFeatures::DescribeAffinity(int attribute, std::span<const int32_t> rows) {
  const auto at = static_cast<size_t>(attribute);
  Column& affinity = column(kAffinity + attribute);
  for (size_t i = 0; i < rows.size(); ++i) affinity[i] = LiftOf(at, table_->Signals(rows[i]).values[at]);
}

float UserFeatures::LiftOf(size_t attribute, ValueNumber value) const {
  if (value == kNoValue) return 0;
  return absent_lift_[attribute] + (static_cast<size_t>(value) < lifts_.size() ? lifts_[static_cast<size_t>(value)] : 0.0F);
}

float UserFeatures::AffinityOf(int32_t row, const FeatureVector& weights) const {
  float sum = 0;
  for (size_t a = 0; a < kAttributes; ++a)
    if (counted_[a] > 0) sum += weights[kAffinity + a] * LiftOf(a, table_->Signals(row).values[a]);
  return sum;
}

void UserFeatures::DescribeProfile() {
  Column& profile = column(kProfileDemand);
  int groups = 0;
  for (const uint64_t group : query_->groups) {
    const std::span<const float> lifts = designs_.GroupLifts(group);
    if (lifts.empty()) continue;
    ++groups;
    for (size_t i = 0; i < places_.size(); ++i) profile[i] += lifts[static_cast<size_t>(places_[i])];
  }
  if (groups > 0) NumbersOf(profile) *= 1.0F / static_cast<float>(groups);
}

void UserFeatures::DescribeByRanker() {
  std::array<const float*, kFeatures> columns;
  for (size_t f = 0; f < columns.size(); ++f) columns[f] = columns_[f].data();
  RankerTerms(table_->ranker(), columns, ExperienceOf(query_->history.size()), column(kRanker));
}

FeatureVector UserFeatures::At(size_t i) const {
  FeatureVector features;
  for (size_t f = 0; f < features.size(); ++f) features[f] = columns_[f][i];
  return features;
}

std::span<const float> UserFeatures::Logits(const FeatureVector& weights) {
  logits_.assign(columns_.front().size(), 0.0F);
  for (size_t f = 0; f < weights.size(); ++f) {
    const Float8 weight = Broadcast(weights[f]);
    for (size_t i = 0; i < logits_.size(); i += 8)
      Store(&logits_[i], MultiplyAdd(weight, Load(&columns_[f][i]), Load(&logits_[i])));
  }
  return {logits_.data(), places_.size()};
}

}  // namespace catwalk::models
