#include "operators/user_query.h"

#include <limits>
#include <utility>

#include "operators/exclude.h"
#include "state/partition_key.h"

namespace catwalk::operators {

Result<UserState> ReadUser(const state::KeyValueStore& users, int32_t partition, std::string_view user_id) {
  std::string bytes;
  ASSIGN_OR_RETURN(const bool found, users.Get(state::PartitionKey(partition, user_id), &bytes));
  UserState user;
  if (found) RETURN_IF_ERROR(UserStateSerde().Decode(bytes, &user));
  return user;
}

UserQuery::Answer UserQuery::Ask(const Question& question) {
  Prepare(question);
  const auto cohort = models::CohortOf(question.tables.segments(), question.user.history.size(), vector_);
  if (options_.list_maker == ListMaker::kBlend) {
    const models::RankingQuery query = RankingQueryOf(question);
    models::RankedList ranked;
    ranking_.Run(question.tables, {&query, 1}, question.count, {&ranked, 1});
    return {std::move(ranked.best), std::move(ranked.features), known_, cohort};
  }
  const models::RetrievalQuery query{vector_, excluded_, question.at_ms, known_};
  std::vector<models::Scored> list;
  retrieval_.Run(question.tables, {&query, 1}, question.count, {&list, 1});
  return {std::move(list), {}, known_, cohort};
}

void UserQuery::Prepare(const Question& question) {
  const auto vector = fold_in_.Solve(question.tables, question.user.history, question.at_ms);
  vector_.assign(vector.values.begin(), vector.values.end());
  known_ = vector.known;
  if (known_) fold_in_.TakeUncertainty(&uncertainty_);
  excluded_.clear();
  ExcludedRows(question.user, question.tables, &excluded_);
  if (question.exclude_seen) SeenRows(question.user, question.tables, &excluded_);
}

models::RankingQuery UserQuery::RankingQueryOf(const Question& question) {
  return {question.user.history, question.user.groups, vector_, known_, excluded_, question.at_ms,
          &question.user.fit, -1, known_ ? &uncertainty_ : nullptr};
}

std::vector<std::vector<std::string>> UserQuery::Reasons(const Question& question, const Answer& answer) {
  return reasoning_.For({question.tables, question.user, known_ ? &uncertainty_ : nullptr, answer.cohort, question.at_ms, answer.list, answer.features});
}

std::vector<models::FeatureVector> UserQuery::Contributions(const Question& question, const Answer& answer) {
  const auto weights = question.tables.blend().For(answer.cohort);
  std::vector<models::FeatureVector> contributions = answer.features;
  for (auto& of : contributions)
    for (size_t f = 0; f < of.size(); ++f) of[f] *= weights[f];
  return contributions;
}

std::vector<float> UserQuery::Scores(const Question& question, std::span<const int32_t> rows) {
  if (options_.list_maker == ListMaker::kBlend) {
    const auto scores = ranking_.Score(question.tables, RankingQueryOf(question), rows);
    return {scores.begin(), scores.end()};
  }
  std::vector<float> scores;
  for (const int32_t row : rows) scores.push_back(PlainScore(question, row));
  return scores;
}

float UserQuery::PlainScore(const Question& question, int row) const {
  if (!known_) return static_cast<float>(question.tables.LogPopularity(row));
  if (!question.tables.HasFactor(row)) return -std::numeric_limits<float>::infinity();
  return models::DotProduct(vector_.data(), question.tables.Factor(row), question.tables.stride());
}

}  // namespace catwalk::operators
