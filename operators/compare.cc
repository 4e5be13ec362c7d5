#include "operators/compare.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/hash.h"

namespace catwalk::operators {
namespace {

/// `count` numbers below `size` without `but`, each once, evenly drawn (the start of a Fisher-Yates shuffle).
std::vector<size_t> Draw(uint64_t seed, size_t count, size_t size, size_t but) {
  std::vector<size_t> numbers(size);
  std::iota(numbers.begin(), numbers.end(), size_t{0});
  std::swap(numbers[but], numbers.back());
  numbers.pop_back();
  count = std::min(count, numbers.size());
  for (size_t i = 0; i < count; ++i) std::swap(numbers[i], numbers[i + Mix64(seed + i) % (numbers.size() - i)]);
  numbers.resize(count);
  return numbers;
}

/// Whether a design that nobody has touched is the only such one in the list.
bool IsTheOnlyNewOne(const models::RankedList& ranked, size_t place) {
  const auto is_new = [](const models::FeatureVector& features) { return features[models::kUntouched] > 0; };
  return is_new(ranked.features[place]) && std::count_if(ranked.features.begin(), ranked.features.end(), is_new) == 1;
}

}  // namespace

Status Compare::Open(OperatorContext& context) {
  models::RankingOptions options = options_.ranking;
  options.diversity = options.exploration = 0;
  ranking_ = std::make_unique<models::Ranking>(context.tables().k(), options, designs_);
  return Status::Ok();
}

Status Compare::Process(std::span<UserWork> batch, OperatorContext& context) {
  choices_.clear();
  queries_.clear();
  for (const auto& work : batch) {
    if (work.done || !work.teaches) continue;
    if (const int row = context.tables().RowOf(work.interaction.design); row >= 0) AddQuery(work, row);
  }
  if (results_.size() < queries_.size()) results_.resize(queries_.size());
  ranking_->Run(context.tables(), queries_, kCompared, {results_.data(), queries_.size()});
  for (size_t i = 0; i < choices_.size(); ++i)
    RETURN_IF_ERROR(EmitComparison(*choices_[i], queries_[i].only_with, results_[i], context));
  return Status::Ok();
}

/// Leaves out what the event itself has added: the end of the history, and of what is excluded.
void Compare::AddQuery(const UserWork& work, int row) {
  std::span<const models::Interaction> history = work.user->history;
  std::span<const int32_t> excluded = work.excluded_rows;
  if (models::IsAcquisition(work.interaction.kind)) excluded = excluded.first(excluded.size() - 1);
  choices_.push_back(&work);
  queries_.push_back({history.first(history.size() - 1), work.user->groups, work.vector_before, work.known_before, excluded,
                      work.at_ms, nullptr, row, nullptr});
}

Status Compare::EmitComparison(const UserWork& work, int row, const models::RankedList& ranked, OperatorContext& context) {
  const auto& best = ranked.best;
  if (best.size() < 2) return Status::Ok();
  const auto found = std::find_if(best.begin(), best.end(), [row](const models::Scored& scored) { return scored.row == row; });
  const auto place = static_cast<size_t>(found - best.begin());
  if (IsTheOnlyNewOne(ranked, place)) return Status::Ok();
  update_.Clear();
  auto& comparison = *update_.mutable_comparison();
  comparison.mutable_chosen()->Add(ranked.features[place].begin(), ranked.features[place].end());
  for (const size_t other : Draw(Hash64(work.event_id), static_cast<size_t>(options_.negatives), best.size(), place))
    comparison.mutable_others()->Add(ranked.features[other].begin(), ranked.features[other].end());
  comparison.set_drawn_from(static_cast<int>(best.size()) - 1);
  const auto cohort = models::CohortOf(context.tables().segments(), work.user->history.size() - 1, work.vector_before);
  comparison.set_experience(cohort.experience);
  comparison.set_segment(cohort.segment + 1);
  if (work.known_before) {
    const auto k = static_cast<ptrdiff_t>(context.tables().k());
    comparison.mutable_user_vector()->Add(work.vector_before.begin(), work.vector_before.begin() + k);
  }
  schemas::OutgoingRecord record;
  record.partition = 0;
  update_.SerializeToString(&record.value);
  return context.Emit(schemas::Topic::kModelUpdates, std::move(record));
}

}  // namespace catwalk::operators
