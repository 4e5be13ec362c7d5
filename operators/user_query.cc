#include "operators/user_query.h"

#include <limits>

#include "operators/exclude.h"
#include "operators/explain.h"
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
  const auto vectors = fold_in_.Solve(question.tables, question.user.history, question.at_ms);
  vector_.assign(vectors.after.begin(), vectors.after.end());
  known_ = vectors.known_after;
  std::vector<int32_t> excluded;
  ExcludedRows(question.user, question.tables, &excluded);
  if (question.exclude_seen) SeenRows(question.user, question.tables, &excluded);
  const models::RetrievalQuery query{vector_, excluded, question.at_ms, known_};
  std::vector<std::vector<models::Scored>> lists(1);
  retrieval_.Run(question.tables, {&query, 1}, question.count, lists);
  return {std::move(lists.front()), known_};
}

std::vector<std::vector<std::string>> UserQuery::Reasons(const Question& question, const Answer& answer) {
  return operators::Reasons(question.tables, question.user, answer.known, question.at_ms, answer.list, &fold_in_);
}

float UserQuery::Score(const Question& question, int row) const {
  if (!known_) return static_cast<float>(question.tables.LogPopularity(row));
  if (!question.tables.HasFactor(row)) return -std::numeric_limits<float>::infinity();
  return models::DotProduct(vector_.data(), question.tables.Factor(row), question.tables.stride());
}

}  // namespace catwalk::operators
