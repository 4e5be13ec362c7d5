#pragma once

#include <span>
#include <vector>

#include "models/design_table.h"
#include "models/retrieval.h"
#include "operators/operator.h"
#include "operators/user_work.h"

namespace catwalk::operators {

/// For each entry of a list the size of the design that most likely fits the user (models::ChooseSize). Empty if nothing tells the
/// user's size.
std::vector<GivenSize> SizesFor(const models::DesignTable& table, const UserState& user, std::span<const models::Scored> list);

/// Gives each entry of a list its size, from what is known of the user after the event.
class GiveSizes final : public Operator<UserWork> {
 public:
  std::string_view Name() const override { return "give-sizes"; }
  Status Process(std::span<UserWork> batch, OperatorContext& context) override;
};

}  // namespace catwalk::operators
