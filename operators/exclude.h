#pragma once

#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// The rows of `table` a user must not be shown: what they have bought or rented, oldest first. Appends to `rows`.
/// (What is unreleased or expired at the time of the event, or does not come in the user's size, ranking leaves out itself.)
void ExcludedRows(const UserState& user, const models::DesignTable& table, std::vector<int32_t>* rows);

/// Likewise, all they have had to do with and the history still holds.
void SeenRows(const UserState& user, const models::DesignTable& table, std::vector<int32_t>* rows);

/// Notes for each event what its list must not hold.
class Exclude final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "exclude"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
