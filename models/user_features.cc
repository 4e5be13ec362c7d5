#include "models/user_features.h"

#include <algorithm>
#include <bitset>
#include <cmath>
#include <limits>
#include <numeric>

#include "models/columns.h"
#include "models/decay.h"
#include "models/lanes.h"

namespace catwalk::models {
namespace {

constexpr float kLinkScale = 50.0F;
constexpr float kLinkPrior = 10.0F;
constexpr float kFaintestLink = 1e-30F;
/// Read of a design that is not among the latest: half of them tell nearly as much of a long history (decision 10).
constexpr size_t kEarlierLinks = LinkIndex::kMaxLinks / 2;
constexpr float kAffinityPrior = 2.0F;
constexpr float kSegmentPrior = 1.0F;
/// Designs whose factors are asked for before they are looked at: they come from far.
constexpr size_t kAhead = 8;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

constexpr float kNone = -std::numeric_limits<float>::infinity();

/// What links are normalised by, before its root is taken.
float LinkedWeight(const DesignTable& table, int row) {
  return static_cast<float>(std::min(table.Weight(row), kMaxRankedWeight)) + kLinkPrior;
}

/// The latest designs that a neighbourhood looks at, and how little the one before counts.
struct Memory {
  size_t designs;
  float fading;
};
constexpr Memory kLately{10, 0.8F}, kEver{100, 0.98F};

/// What the design at each position counts in either.
constexpr std::array<Tie, kEver.designs> SharesByPosition() {
  std::array<Tie, kEver.designs> shares{};
  float lately = 1, ever = 1;
  for (size_t position = 0; position < shares.size(); ++position) {
    shares[position] = {position < kLately.designs ? lately : 0, ever};
    lately *= kLately.fading;
    ever *= kEver.fading;
  }
  return shares;
}

constexpr auto kShares = SharesByPosition();

/// The rows of the latest designs, each once, latest first.
std::vector<int32_t> LatestRows(const DesignTable& table, std::span<const Interaction> history, const Memory& memory) {
  std::vector<int32_t> rows;
  for (auto at = history.rbegin(); at != history.rend() && rows.size() < memory.designs; ++at) {
    const int row = table.RowOf(at->design);
    if (row >= 0 && std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
  }
  return rows;
}

/// The links of each of these rows, null for one without. They lie far apart: in a row they are fetched at the same time.
void FindLinks(const DesignTable& table, std::span<const int32_t> history_rows, std::vector<const LinkedRows*>* links) {
  links->clear();
  for (const int32_t row : history_rows) links->push_back(table.Signals(row).links.get());
  for (const LinkedRows* const of_row : *links)
    if (of_row != nullptr) Prefetch(of_row->entries.data());
}

/// What is read of the links of the design at a position.
std::span<const LinkedRows::Entry> LinksRead(const LinkedRows& links, size_t position) {
  const size_t read = position < kLately.designs ? links.entries.size() : std::min(links.entries.size(), kEarlierLinks);
  return std::span(links.entries).first(read);
}

/// Calls `term(row, strength, position)` for each term of the sums over `links` of `history_rows`, in their order; the linked row's own part
/// is left out of the strength.
template <class Term>
void ForEachLink(const DesignTable& table, std::span<const int32_t> history_rows, std::span<const LinkedRows* const> links,
                 int64_t time_ms, Term term) {
  const Decay decay(table.neighbour_half_life_ms());
  for (size_t position = 0; position < links.size(); ++position) {
    if (links[position] == nullptr) continue;
    const float root = 1.0F / std::sqrt(LinkedWeight(table, history_rows[position]));
    const float scale = root * decay.Over(links[position]->at_ms, time_ms);
    for (const auto& [row, weight] : LinksRead(*links[position], position))
      if (const float strength = scale * weight; strength > kFaintestLink) term(row, strength, position);
  }
}

/// A few rows, and where each stands among them. Of thousands that are asked for, hardly one is there: a bit says so of most.
class FewRows {
 public:
  explicit FewRows(std::span<const int32_t> rows) : rows_(rows) {
    for (const int32_t row : rows) bits_.set(BitOf(row));
  }
  /// rows.size() for one that is not there.
  size_t Find(int32_t row) const {
    if (!bits_[BitOf(row)]) return rows_.size();
    return static_cast<size_t>(std::find(rows_.begin(), rows_.end(), row) - rows_.begin());
  }

 private:
  static constexpr size_t kBits = 4096;
  static size_t BitOf(int32_t row) { return static_cast<size_t>(row) % kBits; }

  std::span<const int32_t> rows_;
  std::bitset<kBits> bits_;
};

float Of(const Memberships& memberships, const Memberships& by_segment) {
  return std::inner_product(memberships.begin(), memberships.end(), by_segment.begin(), 0.0F);
}

/// Empties `by_index` where `indices` say.
template <class Indices, class Value>
void Clear(Indices* indices, std::vector<Value>* by_index) {
  for (const auto index : *indices) (*by_index)[static_cast<size_t>(index)] = {};
  indices->clear();
}

}  // namespace

std::vector<DesignKey> StrongestLinks(const DesignTable& table, const RankingQuery& query, Feature neighbourhood,
                                      std::span<const int32_t> rows) {
  const bool lately = neighbourhood == kNeighbourhood;
  const std::vector<int32_t> history_rows = LatestRows(table, query.history, lately ? kLately : kEver);
  std::vector<float> largest(rows.size());
  std::vector<DesignKey> strongest(rows.size());
  std::vector<const LinkedRows*> links;
  FindLinks(table, history_rows, &links);
  const FewRows wanted(rows);
  ForEachLink(table, history_rows, links, query.time_ms, [&](int32_t row, float strength, size_t position) {
    const size_t at = wanted.Find(row);
    if (at == rows.size()) return;
    const float term = strength * (lately ? kShares[position].lately : kShares[position].ever);
    if (term <= largest[at]) return;
    largest[at] = term;
    strongest[at] = table.KeyOfRow(history_rows[position]);
  });
  return strongest;
}

void UserFeatures::Begin(const DesignTable& table, const RankingQuery& query) {
  Forget();
  table_ = &table;
  query_ = &query;
  links_.resize(static_cast<size_t>(table.size()));
  returns_.resize(static_cast<size_t>(table.size()));
  memberships_ = query.known ? MembershipsOf(table.segments(), query.vector) : Memberships{};
  cohort_ = {ExperienceOf(query.history.size()), LikeliestSegment(memberships_)};
  weights_ = table.blend().For(cohort_);
  FindHistory();
  AddLinks();
  AddAffinities();
  designs_->Begin(table);
}

void UserFeatures::Forget() {
  Clear(&linked_rows_, &links_);
  Clear(&returned_rows_, &returns_);
  for (auto& values : values_) Clear(&values, &lifts_);
  for (const ValueNumber value : worked_out_) mean_products_[static_cast<size_t>(value)] = kNan;
  worked_out_.clear();
  counted_.fill(0);
}

void UserFeatures::FindHistory() {
  table_->RowsOf(query_->history, &interaction_rows_);
  std::erase(interaction_rows_, -1);
  std::ranges::reverse(interaction_rows_);
  for (const int32_t row : interaction_rows_) Prefetch(table_->Signals(row));
  for (const int32_t row : interaction_rows_) {
    Tie& tie = returns_[static_cast<size_t>(row)];
    if (tie.ever > 0) continue;
    const size_t position = returned_rows_.size();
    tie = {position < kLately.designs ? kShares[position].lately : 0, 1};
    returned_rows_.push_back(row);
  }
}

void UserFeatures::AddLinks() {
  const auto latest = std::span<const int32_t>(returned_rows_).first(std::min(returned_rows_.size(), kEver.designs));
  FindLinks(*table_, latest, &links_of_latest_);
  size_t most = 0;
  for (size_t position = 0; position < latest.size(); ++position)
    if (links_of_latest_[position] != nullptr) most += LinksRead(*links_of_latest_[position], position).size();
  linked_rows_.resize(most);
  size_t linked = 0;
  ForEachLink(*table_, latest, links_of_latest_, query_->time_ms, [&](int32_t row, float strength, size_t position) {
    Tie& sum = links_[static_cast<size_t>(row)];
    linked_rows_[linked] = row;  // counts if it is there for the first time: nobody can predict that, so it is no branch
    linked += sum.ever == 0 ? 1 : 0;
    sum.lately = std::fma(kShares[position].lately, strength, sum.lately);
    sum.ever = std::fma(kShares[position].ever, strength, sum.ever);
  });
  linked_rows_.resize(linked);
  NormaliseLinks();
}

void UserFeatures::NormaliseLinks() {
  const size_t linked = linked_rows_.size();
  roots_.assign(PaddedSize(linked), 1.0F);
  for (size_t i = 0; i < linked; ++i) roots_[i] = LinkedWeight(*table_, linked_rows_[i]);
  for (size_t i = 0; i < roots_.size(); i += 8) Store(&roots_[i], Divide(Broadcast(1.0F), SquareRoot(Load(&roots_[i]))));
  linked_lately_.assign(roots_.size(), kNone);
  linked_ever_.assign(roots_.size(), kNone);
  for (size_t i = 0; i < linked; ++i) {
    Tie& tie = links_[static_cast<size_t>(linked_rows_[i])];
    tie = {tie.lately * roots_[i], tie.ever * roots_[i]};
    if (tie.lately > 0) linked_lately_[i] = tie.lately;
    linked_ever_[i] = tie.ever;
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
  for (const int32_t row : interaction_rows_) {
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
  designs_->Find(rows, &places_);
  DescribeDesigns();
  DescribeUser(rows);
  DescribeProfile();
  if (belongs_to_a_segment()) DescribeSegment();
  for (size_t f = 0; f < columns_.size(); ++f)
    if (left_out_[f]) std::fill(columns_[f].begin(), columns_[f].end(), 0.0F);
  if (!left_out_[kRanker] && table_->blend().shared[kRanker] > 0) DescribeByRanker();
}

void UserFeatures::DescribeDesigns() {
  for (size_t i = 0; i < places_.size(); ++i) {
    const DesignFeatures::Shared& design = designs_->At(places_[i]);
    for (int h = 0; h < kHorizons; ++h) column(kRecentDemand + h)[i] = design.demand[static_cast<size_t>(h)];
    column(kAge)[i] = design.age;
    column(kQuiet)[i] = design.quiet;
    column(kUntouched)[i] = design.untouched;
  }
}

void UserFeatures::DescribeUser(std::span<const int32_t> rows) {
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto row = static_cast<size_t>(rows[i]);
    if (i + kAhead < rows.size()) Prefetch(table_->Factor(rows[i + kAhead]), table_->stride());
    column(kNeighbourhood)[i] = links_[row].lately;
    column(kLongNeighbourhood)[i] = links_[row].ever;
    column(kReturn)[i] = returns_[row].lately;
    column(kSeen)[i] = returns_[row].ever;
    if (query_->known) column(kFoldIn)[i] = ProductWith(rows[i], designs_->At(places_[i]));
  }
  for (const int feature : {kNeighbourhood, kLongNeighbourhood}) {
    auto neighbourhood = NumbersOf(column(feature));
    neighbourhood = (neighbourhood * kLinkScale + 1.0F).log();
  }
  for (int a = 0; a < kAttributes; ++a)
    if (counted_[static_cast<size_t>(a)] > 0) DescribeAffinity(a);
}

/// Of the user vector and DesignTable::ShrunkFactor, by its parts: the means are few, so their products are worked out once.
float UserFeatures::ProductWith(int32_t row, const DesignFeatures::Shared& design) {
  float product = design.shrinkage.own * DotProduct(query_->vector.data(), table_->Factor(row), table_->stride());
  if (design.shrinkage.each_mean == 0) return product;
  for (const ValueNumber value : design.values)
    if (value != kNoValue) product = std::fma(design.shrinkage.each_mean, MeanProduct(value), product);
  return product;
}

float UserFeatures::MeanProduct(ValueNumber value) {
  const auto at = static_cast<size_t>(value);
  if (at >= mean_products_.size()) mean_products_.resize(at + 1, kNan);
  float& product = mean_products_[at];
  if (!std::isnan(product)) return product;
  worked_out_.push_back(value);
  const float* const mean = table_->MeanFactor(value);
  return product = mean == nullptr ? 0.0F : DotProduct(query_->vector.data(), mean, table_->stride());
}

void UserFeatures::DescribeAffinity(int attribute) {
  const auto at = static_cast<size_t>(attribute);
  Column& affinity = column(kAffinity + attribute);
  for (size_t i = 0; i < places_.size(); ++i) affinity[i] = LiftOf(at, designs_->At(places_[i]).values[at]);
}

float UserFeatures::LiftOf(size_t attribute, ValueNumber value) const {
  if (value == kNoValue) return 0;
  return absent_lift_[attribute] + (static_cast<size_t>(value) < lifts_.size() ? lifts_[static_cast<size_t>(value)] : 0.0F);
}

const UserFeatures::Column& UserFeatures::UntouchedAffinities(size_t first, size_t count) {
  offered_.assign(PaddedSize(count), 0.0F);
  for (size_t a = 0; a < kAttributes; ++a) {
    if (!(counted_[a] > 0)) continue;
    const auto values = table_->untouched_values(static_cast<int>(a)).subspan(first, count);
    for (size_t i = 0; i < count; ++i) offered_[i] += weights_[kAffinity + a] * LiftOf(a, values[i]);
  }
  std::fill(offered_.begin() + static_cast<ptrdiff_t>(count), offered_.end(), kNone);
  return offered_;
}

void UserFeatures::DescribeProfile() {
  designs_->MeanGroupLifts(query_->groups, places_, &column(kProfileDemand));
}

const UserFeatures::Column& UserFeatures::WantedBySegments() {
  offered_.assign(PaddedSize(table_->MostWantedRows(kSegmentHorizon).size()), kNone);
  if (!belongs_to_a_segment()) return offered_;
  const auto demand = designs_->SegmentDemandOfMostWanted();
  for (size_t i = 0; i < demand.size(); ++i)
    if (const float wanted = Of(memberships_, demand[i]); wanted > 0) offered_[i] = wanted;
  return offered_;
}

void UserFeatures::DescribeSegment() {
  Column& segment = column(kSegmentDemand);
  const float share = Of(memberships_, table_->segments().shares);
  std::fill(segment.begin(), segment.end(), 1.0F);
  for (size_t i = 0; i < places_.size(); ++i) {
    const Memberships& demand = designs_->At(places_[i]).segments;
    const float expected = share * std::accumulate(demand.begin(), demand.end(), 0.0F);
    segment[i] = (Of(memberships_, demand) + kSegmentPrior) / (expected + kSegmentPrior);
  }
  NumbersOf(segment) = NumbersOf(segment).log();
}

void UserFeatures::DescribeByRanker() {
  std::array<const float*, kFeatures> columns;
  for (size_t f = 0; f < columns.size(); ++f) columns[f] = columns_[f].data();
  RankerTerms(table_->ranker(), columns, cohort_.experience, column(kRanker));
}

FeatureVector UserFeatures::At(size_t i) const {
  FeatureVector features;
  for (size_t f = 0; f < features.size(); ++f) features[f] = columns_[f][i];
  return features;
}

std::span<const float> UserFeatures::Logits() {
  logits_.assign(columns_.front().size(), 0.0F);
  for (size_t f = 0; f < weights_.size(); ++f) {
    const Float8 weight = Broadcast(weights_[f]);
    for (size_t i = 0; i < logits_.size(); i += 8)
      Store(&logits_[i], MultiplyAdd(weight, Load(&columns_[f][i]), Load(&logits_[i])));
  }
  return {logits_.data(), places_.size()};
}

}  // namespace catwalk::models
