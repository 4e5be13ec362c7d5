#pragma once

#include <string>

#include "operators/operator.h"
#include "operators/user_options.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// Says why each entry of a list is there: the interaction with the largest share of its score ("because you rented gown
/// 125564"), or that it is popular. One reason per entry. `fold_in` must be of the tables' k; it solves for the user again.
std::vector<std::vector<std::string>> Reasons(const models::DesignTable& table, const UserState& user, bool known,
                                              int64_t at_ms, std::span<const models::Scored> list,
                                              models::FoldIn* fold_in);

/// Gives the lists of a batch their reasons.
class Explain final : public Operator<UserWork> {
 public:
  explicit Explain(const UserOptions& options) : options_(options) {}
  std::string_view Name() const override { return "explain"; }
  Status Open(OperatorContext& context) override;
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;

 private:
  UserOptions options_;
  std::unique_ptr<models::FoldIn> fold_in_;
};

}  // namespace catwalk::operators
